import { offer, offerViews } from "../common/on-demand.js";

offer({
  forwardMessage: () => import("./forward.js"),
  remindOf: () => import("./remind.js"),
  report: () => import("./report.js"),
  showHistory: () => import("./history.js"),
  showPicture: () => import("./viewer.js"),
  showVoters: () => import("./voters.js"),
  showReactors: () => import("./reactors.js"),
  showReaders: () => import("./readers.js"),
});

offerViews({ PendingFiles: () => import("./pending-files.js") });
