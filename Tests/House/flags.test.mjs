// A function that does one thing or another by a flag is two functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files } from "./sources.mjs";

/**
 * Functions that take a Bool which is a value: it goes on into a column, an event, a statement or a sentence, is what happened to
 * a machine of states, or belongs to a library's protocol. Initializers and subscripts make values, and are not looked at.
 */
const KNOWN = [
  "Aviary/Observability/Prometheus.swift makeRecorder aggregate",
  "Chat/Transcripts/TranscriptFormat.swift line isFirst",
  "Client/GatewaySocket.swift send isLast",
  "Community/Channels/ChannelStore.swift add isOpen",
  "Community/Notifications/NotificationStore.swift notifications unreadOnly",
  "Community/Presence/Presences.swift tellHidden wasFriend",
  "Content/Markup/MarkupTokenizer.swift emoji isAnimated",
  "Content/Markup/MarkupTokenizer.swift link isQuiet",
  "Content/Markup/MessageMarkup.swift collect isHidden",
  "Content/Messages/MessageStore+Changes.swift setLinked hasLinks",
  "Content/Messages/MessageStore+Changes.swift setReacted hasReactions",
  "Content/Messages/Messages.swift content hasMore",
  "Content/Search/SearchRoutes.swift query pinned",
  "Content/Webhooks/WebhookPost.swift content hasMore",
  "Database/PostgreSQL/PostgreSQLFailure.swift failure isStandby",
  "Database/PostgreSQL/PostgreSQLWriteGate.swift admit alone",
  "Database/PostgreSQL/PostgreSQLWriteGate.swift enter alone",
  "Database/PostgreSQL/PostgreSQLWriteGate.swift pass alone",
  "Events/Transaction+Emit.swift hide wasFriend",
  "Kernel/JSON/JSONWriter.swift bool value",
  "Media/Pictures/MediaType.swift holding hasPictures",
  "OpenIDConnect/IDToken.swift require holds",
  "People/Accounts/PasswordPolicy.swift require isMet",
  "People/Passkeys/PasskeyStore.swift use isBackedUp",
  "WebAPI/Documentation/APIDocumentation.swift encodeParameter isRequired",
  "WebAPI/Server/ConnectionProgress.swift answerEnded closing",
  "WebAPI/Server/ConnectionProgress.swift headArrived isLast",
  "WebAPI/Server/ConnectionProgress.swift writabilityChanged isWritable",
];

const FUNCTION = /\bfunc (`[^`]+`|\w+)[^(]*\(((?:[^{}]|\{[^{}]*\})*?)\)\s*(?:async|throws|rethrows|->|\{|where|\n)/g;

test("no function takes a flag", () => {
  const found = files("Sources", ".swift").flatMap((file) =>
    [...code(file).matchAll(FUNCTION)].flatMap(([, name, parameters]) =>
      [...parameters.matchAll(/(\w+): (?:inout )?Bool\b/g)].map(([, flag]) =>
        `${file.slice("Sources/".length)} ${name} ${flag}`
      )
    )
  ).sort();
  assert.deepEqual(
    found,
    KNOWN,
    "one that is gone leaves the list; what does one thing or another becomes two functions, or takes an enumeration",
  );
});
