// Windows and menus that are loaded when they are first opened, or in a quiet moment before, so that the page itself comes
// quickly.

import { t } from "../../texts/text.js";
import { attempt, notify } from "../common/dialog.js";

const loaders = [];

function later(load, name) {
  loaders.push(load);
  return async (...parameters) => {
    let loaded;
    try {
      loaded = await load();
    } catch {
      // After an update of the server the old files are gone, unless the connection is.
      const isOffline = !navigator.onLine;
      return notify(t(isOffline ? "error.offline" : "update.title"), {
        kind: "error",
        action: isOffline ? null : { label: t("update.reload"), run: () => location.reload() },
      });
    }
    return attempt(() => loaded[name](...parameters));
  };
}

export const addServer = later(() => import("../welcome/add-server.js"), "addServer");
export const addToGroup = later(() => import("../friends/new-conversation.js"), "addToGroup");
export const chooseLevel = later(() => import("../people/notification-level.js"), "chooseLevel");
export const createChannel = later(() => import("../sidebar/create-channel.js"), "createChannel");
export const editStatus = later(() => import("../people/status.js"), "editStatus");
export const forwardMessage = later(() => import("../messages/forward.js"), "forwardMessage");
export const invitePeople = later(() => import("../sidebar/invite-people.js"), "invitePeople");
export const makePoll = later(() => import("../composer/make-poll.js"), "makePoll");
export const newConversation = later(() => import("../friends/new-conversation.js"), "newConversation");
export const openShortcuts = later(() => import("./shortcuts.js"), "openShortcuts");
export const openSwitcher = later(() => import("../switcher/switcher.js"), "openSwitcher");
export const pickEmoji = later(() => import("../composer/emoji-picker.js"), "pickEmoji");
export const report = later(() => import("../messages/report.js"), "report");
export const schedule = later(() => import("../composer/schedule.js"), "schedule");
export const showChannelMenu = later(() => import("../sidebar/channel-menu.js"), "showChannelMenu");
export const showHistory = later(() => import("../messages/history.js"), "showHistory");
export const showPersonMenu = later(() => import("../people/person-menu.js"), "showPersonMenu");
export const showPicture = later(() => import("../messages/viewer.js"), "showPicture");
export const showProfile = later(() => import("../people/profile.js"), "showProfile");
export const showReactors = later(() => import("../messages/reactors.js"), "showReactors");
export const showServerMenu = later(() => import("../sidebar/server-menu.js"), "showServerMenu");

/** The panels beside the messages, by name. */
export const panels = {
  members: async () => (await import("../panels/members.js")).MemberList,
  pins: async () => (await import("../panels/pins.js")).Pins,
  search: async () => (await import("../search/search.js")).SearchPanel,
  threads: async () => (await import("../panels/threads.js")).Threads,
  inbox: async () => (await import("../panels/inbox.js")).Inbox,
};

const others = [
  () => import("../../emoji/emoji.js"),
  () => import("../../server/uploads.js"),
];

export const loadFriends = async () => (await import("../friends/friends.js")).FriendsPage;
export const loadForum = async () => (await import("../channel/forum.js")).ForumView;

/** Loads everything, so that it is there also when the connection is not. */
export async function warm() {
  for (const load of [...loaders, ...Object.values(panels), ...others, loadFriends, loadForum]) {
    await load().catch(() => {});
  }
}
