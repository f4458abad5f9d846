import { navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { markServerRead } from "../../server/messages.js";
import { inServer } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { ask, attempt, confirm, showMenu } from "../common/dialog.js";
import { onDemand } from "../common/on-demand.js";
import { serverSubject } from "../common/subject.js";
import { chooseLevel, muteEntry } from "../people/notification-level.js";
import { createChannel } from "./create-channel.js";
import { invitePeople } from "./invite-people.js";

/** What one can do with a server; only what one may. `more` are entries of the place that it was opened from. */
export const showServerMenu = (anchor, id, more = []) =>
  showMenu(anchor, [...items(anchor, id), ...more], {
    label: store.state.servers.get(id).name,
    subject: serverSubject(id),
  });

function items(anchor, id) {
  const { state } = store;
  const server = state.servers.get(id);
  const rights = inServer(state, id);
  const may = (...names) => names.some((name) => rights.has(name));
  const isOwner = server.owner_id === state.me.id;
  return [
    { label: t("server.read"), icon: "check", run: () => attempt(() => markServerRead(id)) },
    may("invites.create") && { label: t("invite.people"), icon: "invite", run: () => invitePeople(id) },
    muteEntry(anchor, "servers", id),
    { label: t("notifications.level"), icon: "bell", run: () => chooseLevel("servers", id, server.name) },
    may("channels.manage") && { label: t("channel.make"), icon: "add", run: () => createChannel(id, null) },
    may("channels.manage") &&
    { label: t("category.make"), icon: "archive", run: () => createChannel(id, null, "category") },
    may(
      "server.manage",
      "roles.manage",
      "members.ban",
      "members.kick",
      "emojis.manage",
      "webhooks.manage",
      "server.view_audit_log",
      "invites.manage",
      "members.manage_roles",
    ) && { label: t("server.settings"), icon: "gear", run: () => onDemand.openServerSettings(id) },
    may("members.change_nickname") && { label: t("nickname.own"), icon: "edit", run: () => changeNickname(server) },
    store.state.capabilities?.onboarding !== false &&
    { label: t("welcome.open"), icon: "help", run: () => onDemand.enterServer(id, "again") },
    { label: t("copy-id"), icon: "copy", run: () => copyText(id) },
    !isOwner && { label: t("server.leave"), icon: "logout", isDangerous: true, run: () => leave(server) },
  ];
}

async function changeNickname(server) {
  const nickname = await ask(t("nickname.own"), t("nickname"), {
    value: server.member.nickname ?? "",
    maxlength: 32,
    required: false,
  });
  if (nickname !== null) {
    await attempt(() =>
      api.patch(`/servers/${server.id}/members/${store.state.me.id}`, { nickname: nickname.trim() || null })
    );
  }
}

async function leave(server) {
  if (
    !(await confirm(t("server.leave"), t("server.leave-text", { name: server.name }), { action: t("server.leave") }))
  ) return;
  await attempt(async () => {
    await api.post(`/servers/${server.id}/leave`);
    navigate("/channels/@me");
  });
}
