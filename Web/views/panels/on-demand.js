import { offer, offerViews } from "../common/on-demand.js";

offer({
  bringIntoThread: () => import("./bring-into-thread.js"),
  startThread: () => import("./start-thread.js"),
});

offerViews({
  Inbox: () => import("./inbox.js"),
  MemberList: () => import("./members.js"),
  Pins: () => import("./pins.js"),
  ThreadMembers: () => import("./thread-members.js"),
  Threads: () => import("./threads.js"),
});
