import { offer } from "../common/on-demand.js";

offer({
  createChannel: () => import("./create-channel.js"),
  invitePeople: () => import("./invite-people.js"),
  showChannelMenu: () => import("./channel-menu.js"),
  showServerMenu: () => import("./server-menu.js"),
});
