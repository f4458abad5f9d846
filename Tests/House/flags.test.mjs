// A function that does one thing or another by a flag is two functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files } from "./sources.mjs";

/**
 * Functions that still take a Bool. Most of them hand a value on, into a column, an event or a sentence; the others are to become
 * two. Initializers and subscripts make values, and are not looked at.
 */
const KNOWN = [
  "Aviary/Observability/Prometheus.swift makeRecorder aggregate",
  "Chat/Live/Live.swift typing hasStopped",
  "Chat/Transcripts/TranscriptFormat.swift line isFirst",
  "Client/GatewaySocket.swift send isLast",
  "Community/Bans/Bans.swift tell wasMember",
  "Community/Channels/ChannelStore.swift add isOpen",
  "Community/Notifications/NotificationStore.swift notifications unreadOnly",
  "Community/Notifications/Notifications.swift notify isRepeatable",
  "Community/Notifications/Notifications.swift notify isRepeatable",
  "Community/Presence/Presences+Resuming.swift changes others",
  "Community/Presence/Presences.swift hide wasFriend",
  "Community/Presence/Presences.swift tellHidden wasFriend",
  "Content/LinkPreviews/LinkPreviews.swift look had",
  "Content/Markup/MarkupTokenizer.swift emoji isAnimated",
  "Content/Markup/MarkupTokenizer.swift link isQuiet",
  "Content/Markup/MessageMarkup.swift collect isHidden",
  "Content/Messages/MessageStore.swift setLinked hasLinks",
  "Content/Messages/MessageStore.swift setReacted hasReactions",
  "Content/Messages/Messages.swift content hasMore",
  "Content/Search/SearchRoutes.swift query pinned",
  "Content/Threads/ThreadStore.swift threads archived",
  "Content/Threads/Threads.swift tellMember isMember",
  "Content/Typing/Typing.swift announce hasStopped",
  "Content/Webhooks/WebhookPost.swift content hasMore",
  "Database/PostgreSQL/PostgreSQLFailure.swift failure isStandby",
  "Database/PostgreSQL/PostgreSQLSocket.swift wait toRead",
  "Database/PostgreSQL/PostgreSQLSocket.swift wait toWrite",
  "Database/PostgreSQL/PostgreSQLWriteGate.swift admit alone",
  "Database/PostgreSQL/PostgreSQLWriteGate.swift enter alone",
  "Database/PostgreSQL/PostgreSQLWriteGate.swift pass alone",
  "Gateway/GatewayBackend.swift typing hasStopped",
  "Kernel/JSON/JSONWriter.swift bool value",
  "Media/Pictures/MediaType.swift holding hasPictures",
  "OpenIDConnect/IDToken.swift require holds",
  "People/Accounts/PasswordPolicy.swift require isMet",
  "People/Passkeys/PasskeyStore.swift use isBackedUp",
  "People/Users/Users.swift tell hasNewPassword",
  "WebAPI/Documentation/APIDocumentation.swift encodeParameter isRequired",
  "WebAPI/Files/ServedFile.swift text isShown",
  "WebAPI/Server/ConnectionProgress.swift answerEnded closing",
  "WebAPI/Server/ConnectionProgress.swift headArrived isLast",
  "WebAPI/Server/ConnectionProgress.swift writabilityChanged isWritable",
  "WebAPI/Server/LargeAnswers.swift counted mayRefuse",
];

const FUNCTION = /\bfunc (`[^`]+`|\w+)[^(]*\(([^{}]*?)\)\s*(?:async|throws|rethrows|->|\{|where|\n)/g;

test("no function takes a flag", () => {
  const found = files("Sources", ".swift").flatMap((file) =>
    [...code(file).matchAll(FUNCTION)].flatMap(([, name, parameters]) =>
      [...parameters.matchAll(/(\w+): Bool\b/g)].map(([, flag]) => `${file.slice("Sources/".length)} ${name} ${flag}`)
    )
  ).sort();
  assert.deepEqual(found, KNOWN, "one that is gone leaves the list; a new one does not come into it");
});
