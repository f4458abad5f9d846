import { offerViews } from "../common/on-demand.js";

offerViews({
  Inbox: () => import("./inbox.js"),
  MemberList: () => import("./members.js"),
  Pins: () => import("./pins.js"),
  Threads: () => import("./threads.js"),
});
