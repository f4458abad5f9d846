import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { inChannel, isSilenced, mayModerateThread } from "../../store/permissions.js";
import { channelName, othersIn } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { ask, attempt, confirm, notify, showMenu } from "../common/dialog.js";
import { openPanel } from "../common/open-panel.js";
import { chooseLevel, muteEntry } from "../people/notification-level.js";
import { onDemand } from "../common/on-demand.js";
import { channelSubject } from "../common/subject.js";
import { showProfile } from "../people/profile.js";
import { invitePeople } from "./invite-people.js";
import { addToGroup } from "../friends/new-conversation.js";
import { moveStep } from "./drag.js";

/** What one can do with a channel, a thread or a conversation; only what one may. */
export const showChannelMenu = (anchor, channel) =>
  showMenu(anchor, items(anchor, channel), {
    label: channelName(store.state, channel, t),
    subject: channelSubject(channel.id),
  });

function items(anchor, channel) {
  const { state } = store;
  const name = channelName(state, channel, t);
  const may = (permission) => inChannel(state, channel).has(permission);
  const isHeard = channel.channel_type !== "voice";
  const isText = !["category", "voice"].includes(channel.channel_type);
  return [
    isText &&
    {
      label: t("channel.read"),
      icon: "check",
      run: () => attempt(() => api.post(`/channels/${channel.id}/messages/ack`)),
    },
    isHeard && muteEntry(anchor, "channels", channel.id),
    isHeard && { label: t("notifications.level"), icon: "bell", run: () => chooseLevel("channels", channel.id, name) },
    channel.server_id && isText && may("invites.create") &&
    { label: t("invite.people"), icon: "invite", run: () => invitePeople(channel.server_id, channel.id) },
    { label: t("copy-link"), icon: "link", run: () => copyLink(channel) },
    ...(channel.server_id ? (channel.thread ? threadItems(channel) : placeItems(channel, may)) : privateItems(channel)),
  ];
}

const copyLink = (channel) => copyText(location.origin + addressOf(channel));

/** A category goes alone. */
const deleted = (channel) => channel.channel_type === "category" ? "category" : "channel";

const placeItems = (channel, may) => [
  may("channels.manage") && { label: t("rail.up"), icon: "back", run: () => moveStep(channel, -1) },
  may("channels.manage") && { label: t("rail.down"), icon: "down", run: () => moveStep(channel, 1) },
  (may("channels.manage") || may("roles.manage")) &&
  { label: t("channel.settings"), icon: "gear", run: () => onDemand.openChannelSettings(channel.id) },
  may("channels.manage") && {
    label: t(`${deleted(channel)}.delete`),
    icon: "trash",
    isDangerous: true,
    run: async () => {
      if (
        await confirm(t(`${deleted(channel)}.delete`), t(`${deleted(channel)}.delete-text`, { name: channel.name }), {
          action: t("delete"),
        })
      ) await attempt(() => api.delete(`/channels/${channel.id}`));
    },
  },
];

/** The panel of the members stands beside the thread itself. */
function showMembers(channel) {
  navigate(addressOf(channel));
  openPanel("members");
}

/** Nobody comes back into a private thread without being brought. */
async function leaveThread(channel) {
  const isPrivate = channel.thread.thread_type === "private";
  if (
    isPrivate &&
    !(await confirm(t("thread.leave-private"), t("thread.leave-private-text", { name: channel.name }), {
      action: t("thread.leave-private"),
    }))
  ) return;
  await attempt(() => api.delete(`/threads/${channel.id}/members/@me`));
}

function threadItems(channel) {
  const change = (body, done = null) =>
    attempt(async () => {
      store.apply("THREAD_UPDATE", await api.patch(`/threads/${channel.id}`, body));
      if (done) notify(done);
    });
  const silenced = isSilenced(store.state, channel.server_id);
  const isOwn = channel.owner_id === store.state.me.id && !silenced;
  const mayManage = mayModerateThread(store.state, channel);
  const isPrivate = channel.thread.thread_type === "private";
  return [
    { label: t("members"), icon: "friends", run: () => showMembers(channel) },
    !silenced && !isPrivate && channel.thread.joined !== true &&
    { label: t("thread.join"), icon: "add", run: () => attempt(() => api.put(`/threads/${channel.id}/members/@me`)) },
    channel.thread.joined !== false &&
    { label: t(isPrivate ? "thread.leave-private" : "thread.leave"), icon: "logout", run: () => leaveThread(channel) },
    isPrivate && (isOwn || mayManage) &&
    {
      label: t("thread.invitable"),
      icon: "invite",
      isChecked: channel.thread.invitable,
      run: () => change({ invitable: !channel.thread.invitable }),
    },
    (isOwn || mayManage) && {
      label: t("rename"),
      icon: "edit",
      run: async () => {
        const name = await ask(t("rename"), t("name"), { value: channel.name, maxlength: 100 });
        if (name) change({ name });
      },
    },
    (isOwn || mayManage) &&
    {
      label: t(channel.thread.archived ? "thread.open" : "thread.archive"),
      icon: "archive",
      run: () =>
        change({ archived: !channel.thread.archived }, channel.thread.archived ? null : t("thread.archived-text")),
    },
    mayManage &&
    {
      label: t("thread.lock"),
      icon: "lock",
      isChecked: channel.thread.locked,
      run: () => change({ locked: !channel.thread.locked }),
    },
    mayManage && {
      label: t("delete"),
      icon: "trash",
      isDangerous: true,
      run: async () => {
        if (
          await confirm(t("delete"), t("channel.delete-text", { name: channel.name }), { action: t("delete") })
        ) attempt(() => api.delete(`/threads/${channel.id}`));
      },
    },
  ];
}

function privateItems(channel) {
  const { state } = store;
  const isGroup = channel.channel_type === "group";
  const [other] = othersIn(store.state, channel);
  return [
    channel.channel_type === "dm" && other &&
    { label: t("profile"), icon: "members", run: () => showProfile(other.id, document.body) },
    isGroup && { label: t("group.add"), icon: "invite", run: () => addToGroup(channel) },
    isGroup && state.capabilities?.read_receipts !== false &&
    {
      label: t("receipts"),
      icon: "check",
      isChecked: channel.read_receipts,
      run: () => attempt(() => api.patch(`/channels/${channel.id}`, { read_receipts: !channel.read_receipts })),
    },
    isGroup && {
      label: t("rename"),
      icon: "edit",
      run: async () => {
        const name = await ask(t("rename"), t("name"), { value: channel.name ?? "", maxlength: 100 });
        if (name) attempt(() => api.patch(`/channels/${channel.id}`, { name }));
      },
    },
    isGroup && { label: t("group.leave"), icon: "logout", isDangerous: true, run: () => leaveGroup(channel) },
    channel.channel_type === "dm" && {
      label: t("conversation.close"),
      icon: "close",
      run: () =>
        attempt(async () => {
          await api.delete(`/channels/${channel.id}`);
          const wasOpen = store.state.route.channel === channel.id;
          store.apply("CHANNEL_DELETE", channel);
          if (wasOpen) navigate("/channels/@me");
        }),
    },
  ];
}

async function leaveGroup(channel) {
  if (!(await confirm(t("group.leave"), t("group.leave-text"), { action: t("group.leave") }))) return;
  await attempt(async () => {
    const wasOpen = store.state.route.channel === channel.id;
    await api.delete(`/channels/${channel.id}/recipients/${store.state.me.id}`);
    if (wasOpen) navigate("/channels/@me");
  });
}
