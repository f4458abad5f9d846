import { api } from "../../server/api.js";
import { inServer, rank } from "../../store/permissions.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { ask, attempt, confirm, notify, showMenu } from "../common/dialog.js";
import { report } from "../messages/report.js";
import { banMember, timeOut } from "./moderation.js";

/** What one may do with a person, besides writing to them. `popup` gives the card from which it was opened. */
export const showPersonMenu = (anchor, userID, server, member, popup = () => null) =>
  showMenu(anchor, items(userID, server, member, popup), { label: nameOf(store.state, userID, server?.id) });

function items(userID, server, member, popup) {
  const { state } = store;
  const status = state.relationships.get(userID)?.status;
  const rights = server ? inServer(state, server.id) : new Set();
  const isBelow = member && rank(server, userID, member.roles) < rank(server, state.me.id, server.member.roles);
  const name = nameOf(state, userID, server?.id);
  const close = () => popup()?.close();
  return [
    status === "friend" && {
      label: t("friends.remove"),
      icon: "close",
      run: async () => {
        if (await confirm(t("friends.remove"), t("friends.remove-text", { name }))) {
          attempt(async () => {
            await api.delete(`/relationships/${userID}`);
            store.apply("RELATIONSHIP_REMOVE", { user_id: userID });
          });
        }
      },
    },
    status !== "blocked" && {
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
    { label: t("report"), icon: "flag", isDangerous: true, run: () => report({ userID }) },
    {
      label: t("copy-id"),
      icon: "copy",
      run: async () => {
        await navigator.clipboard.writeText(userID);
        notify(t("copied"));
      },
    },
    isBelow && rights.has("members.manage_nicknames") && {
      label: t("nickname.change"),
      icon: "edit",
      run: async () => {
        const nickname = await ask(t("nickname.change"), t("nickname"), {
          value: member.nickname ?? "",
          maxlength: 32,
          required: false,
        });
        if (nickname !== null) {
          attempt(() => api.patch(`/servers/${server.id}/members/${userID}`, { nickname: nickname.trim() || null }));
        }
      },
    },
    isBelow && rights.has("members.timeout") && {
      label: t("timeout"),
      icon: "pause",
      isDangerous: true,
      run: () => {
        close();
        timeOut(server, member);
      },
    },
    isBelow && rights.has("members.kick") && {
      label: t("kick"),
      icon: "logout",
      isDangerous: true,
      run: async () => {
        close();
        const reason = await ask(t("kick.of", { name }), t("reason"), { required: false, action: t("kick") });
        if (reason !== null) {
          attempt(() => api.delete(`/servers/${server.id}/members/${userID}`, undefined, { reason }));
        }
      },
    },
    isBelow && rights.has("members.ban") && {
      label: t("ban"),
      icon: "warning",
      isDangerous: true,
      run: () => {
        close();
        banMember(server, userID, name);
      },
    },
  ];
}
