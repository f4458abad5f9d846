import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { endRelationship } from "../../server/notifications.js";
import { openConversation } from "../../server/servers.js";
import { inServer, rank } from "../../store/permissions.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { ask, attempt, confirm, showMenu } from "../common/dialog.js";
import { onDemand } from "../common/on-demand.js";
import { banMember, kickMember, timeOut } from "./moderation.js";
import { showProfile } from "./profile.js";

/** What one may do with a person: first what one wants of most, last what is meant for trouble. */
export function showPersonMenu(anchor, userID, server, member, popup = () => null) {
  const close = () => popup()?.close();
  const parts = [
    contact(anchor, userID, server, popup),
    friendship(userID),
    server && member ? moderation(userID, server, member, close) : [],
    trouble(userID),
  ];
  const items = parts.map((part) => part.filter(Boolean)).filter((part) => part.length > 0);
  showMenu(anchor, items.flatMap((part, index) => (index > 0 ? ["-", ...part] : part)), {
    label: nameOf(store.state, userID, server?.id),
  });
}

function contact(anchor, userID, server, popup) {
  const username = store.state.users.get(userID)?.username;
  return [
    !popup() &&
    { label: t("profile"), icon: "members", run: () => showProfile(userID, anchor, server?.id ?? null) },
    userID !== store.state.me.id && { label: t("message.write"), icon: "message", run: () => writeTo(userID, popup) },
    username && document.querySelector("#composer-text") && !document.querySelector("dialog[open]") &&
    { label: t("mention"), icon: "edit", run: () => mention(username, popup) },
  ];
}

/** Goes to the conversation with somebody. */
export const writeTo = (userID, popup) =>
  attempt(async () => {
    const channel = await openConversation(userID);
    popup()?.close();
    for (const dialog of document.querySelectorAll("dialog.dialog[open]")) dialog.close();
    navigate(addressOf(channel));
  });

/** Writes a name into the field, as if it were typed: the browser can take it back. */
function mention(username, popup) {
  popup()?.close();
  document.querySelector("#composer-text").focus();
  document.execCommand("insertText", false, `@${username} `);
}

function friendship(userID) {
  const { state } = store;
  const name = nameOf(state, userID);
  return [
    state.relationships.get(userID)?.status === "friend" && {
      label: t("friends.remove"),
      icon: "close",
      run: async () => {
        if (await confirm(t("friends.remove"), t("friends.remove-text", { name }))) {
          attempt(() => endRelationship(userID));
        }
      },
    },
    {
      label: t("copy-id"),
      icon: "copy",
      run: () => copyText(userID),
    },
  ];
}

function moderation(userID, server, member, close) {
  const { state } = store;
  const rights = inServer(state, server.id);
  const isBelow = rank(server, userID, member.roles) < rank(server, state.me.id, server.member.roles);
  if (!isBelow) return [];
  const then = (act) => () => {
    close();
    act();
  };
  return [
    rights.has("members.manage_nicknames") &&
    { label: t("nickname.change"), icon: "edit", run: () => changeNickname(userID, server, member) },
    rights.has("members.timeout") &&
    { label: t("timeout"), icon: "pause", isDangerous: true, run: then(() => timeOut(server, member)) },
    rights.has("members.kick") &&
    { label: t("kick"), icon: "logout", isDangerous: true, run: then(() => kickMember(server, userID)) },
    rights.has("members.ban") &&
    { label: t("ban"), icon: "warning", isDangerous: true, run: then(() => banMember(server, userID)) },
  ];
}

async function changeNickname(userID, server, member) {
  const nickname = await ask(t("nickname.change"), t("nickname"), {
    value: member.nickname ?? "",
    maxlength: 32,
    required: false,
  });
  if (nickname === null) return;
  attempt(() => api.patch(`/servers/${server.id}/members/${userID}`, { nickname: nickname.trim() || null }));
}

function trouble(userID) {
  const { state } = store;
  if (userID === state.me.id) return [];
  const name = nameOf(state, userID);
  return [
    state.relationships.get(userID)?.status !== "blocked" && {
      label: t("block"),
      icon: "lock",
      isDangerous: true,
      run: async () => {
        if (await confirm(t("block"), t("block.text", { name }), { action: t("block") })) {
          attempt(async () =>
            store.apply("RELATIONSHIP_ADD", await api.post("/relationships/block", { user_id: userID }))
          );
        }
      },
    },
    { label: t("report"), icon: "flag", isDangerous: true, run: () => onDemand.report({ userID }) },
  ];
}
