import { alsoWarm, offer, offerViews } from "../common/on-demand.js";

offerViews({ VoiceRoom: () => import("./room.js") });
offer({
  openCallSettings: () => import("./call-settings.js"),
  showEncryption: () => import("./encryption.js"),
}, { texts: "settings" });
alsoWarm(() => import("../../call/call.js"));
alsoWarm(() => import("../../call/media.js"));
alsoWarm(() => import("../../server/soundboard.js"));
