// Windows and menus that are loaded when they are first opened, or in a quiet moment before, so that the page itself comes
// quickly.

import { load } from "../../kernel/parts.js";
import { useTexts } from "../../texts/text.js";
import { attempt } from "../common/dialog.js";

const loaders = [];

function later(part, name) {
  loaders.push(part);
  return (...parameters) => attempt(async () => (await load(part))[name](...parameters));
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
export const openTray = later(() => import("../composer/tray.js"), "openTray");
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
export const tableOf = later(() => import("../composer/table.js"), "tableOf");

const view = (part, name) => {
  loaders.push(part);
  return async () => (await load(part))[name];
};

/** The panels beside the messages, by name. */
export const panels = {
  members: view(() => import("../panels/members.js"), "MemberList"),
  pins: view(() => import("../panels/pins.js"), "Pins"),
  search: view(() => import("../search/search.js"), "SearchPanel"),
  threads: view(() => import("../panels/threads.js"), "Threads"),
  inbox: view(() => import("../panels/inbox.js"), "Inbox"),
};

export const loadInvite = view(() => import("../welcome/invite.js"), "InvitePage");
export const loadFriends = view(() => import("../friends/friends.js"), "FriendsPage");
export const loadForum = view(() => import("../channel/forum.js"), "ForumView");

const others = [
  () => import("../../emoji/emoji.js").then(({ unicodeEmoji }) => unicodeEmoji()),
  () => import("../messages/pending-files.js"),
];

export async function loadAdministration() {
  const [{ AdministrationPage }] = await Promise.all([
    load(() => import("../administration/administration.js")),
    useTexts("administration"),
  ]);
  return AdministrationPage;
}

/** Loads everything, so that it is there also when the connection is not. */
export async function warm() {
  for (const part of [...loaders, ...others]) await part().catch(() => {});
}
