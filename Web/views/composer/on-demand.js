import { alsoWarm, offer } from "../common/on-demand.js";

offer({
  draftPoll: () => import("./poll-draft.js"),
  openTray: () => import("./tray.js"),
  pickSticker: () => import("./sticker-picker.js"),
  recordVoice: () => import("./recorder.js"),
  pickEmoji: () => import("./emoji-picker.js"),
  schedule: () => import("./schedule.js"),
  tableOf: () => import("./table.js"),
});

alsoWarm(() => import("../../emoji/emoji.js").then(({ unicodeEmoji }) => unicodeEmoji()));
