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
  "Chat/Accounts/PasswordPolicy.swift require isMet",
  "Chat/Admin/AdminStore.swift setAdmin isAdmin",
  "Chat/Bans/Bans.swift tell wasMember",
  "Chat/Channels/ChannelStore.swift add isOpen",
  "Chat/LinkPreviews/LinkPreviews.swift look had",
  "Chat/Live/Live.swift typing hasStopped",
  "Chat/Markup/MarkupTokenizer.swift emoji isAnimated",
  "Chat/Markup/MarkupTokenizer.swift link isQuiet",
  "Chat/Markup/MessageMarkup.swift collect isHidden",
  "Chat/Messages/MessageStore.swift setLinked hasLinks",
  "Chat/Messages/MessageStore.swift setReacted hasReactions",
  "Chat/Messages/Messages.swift content hasMore",
  "Chat/Notifications/NotificationStore.swift notifications unreadOnly",
  "Chat/Notifications/Notifications.swift notify isRepeatable",
  "Chat/Notifications/Notifications.swift notify isRepeatable",
  "Chat/Passkeys/PasskeyStore.swift use isBackedUp",
  "Chat/Presence/Presences+Resuming.swift changes others",
  "Chat/Presence/Presences.swift hide wasFriend",
  "Chat/Presence/Presences.swift tellHidden wasFriend",
  "Chat/Search/SearchRoutes.swift query pinned",
  "Chat/Threads/ThreadStore.swift threads archived",
  "Chat/Threads/Threads.swift tellMember isMember",
  "Chat/Transcripts/TranscriptFormat.swift line isFirst",
  "Chat/Typing/Typing.swift announce hasStopped",
  "Chat/Users/Users.swift tell hasNewPassword",
  "Chat/Webhooks/WebhookPost.swift content hasMore",
  "Client/GatewaySocket.swift send isLast",
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
