import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { openConversation } from "../../server/servers.js";
import { send } from "../../server/messages.js";
import { avatarOf, firstChannel, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { avatar, button, select, spinner, toggle } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

const AGES_S = [[1800, "age.half-hour"], [3600, "age.hour"], [86_400, "age.day"], [604_800, "age.week"], [
  0,
  "age.never",
]];
const USES = [0, 1, 5, 10, 25, 100];

/** A link to a server, to give to people, and to send to friends at once. */
export function invitePeople(serverID, channelID = firstChannel(store.state, serverID)?.id) {
  if (!channelID) return;
  const server = store.state.servers.get(serverID);
  const dialog = new Dialog(t("invite.title", { name: server.name }), render, { className: "narrow" });
  Object.assign(dialog.state, { age: 604_800, uses: 0, temporary: false, sent: new Set() });
  make();

  async function make() {
    dialog.set({ invite: null });
    await dialog.attempt(async () => {
      const { age, uses, temporary } = dialog.state;
      dialog.state.invite = await api.post(`/channels/${channelID}/invites`, {
        max_age: age,
        max_uses: uses,
        temporary,
      });
    });
  }

  function render({ state, error }) {
    const link = state.invite ? `${location.origin}/invite/${state.invite.code}` : "";
    const change = (values) => {
      Object.assign(state, values);
      make();
    };
    return [
      h(
        "div",
        { class: "field" },
        h("label", { for: "invite-link" }, t("invite.link")),
        h(
          "div",
          { class: "row" },
          h("input", { id: "invite-link", readonly: true, value: link, onfocus: (event) => event.target.select() }),
          button(t("copy"), () => copyText(link), { kind: "primary", disabled: !link, autofocus: true }),
        ),
      ),
      !state.invite && !error && spinner(),
      h(
        "details",
        null,
        h("summary", null, t("invite.options")),
        select(t("invite.age"), {
          id: "invite-age",
          value: String(state.age),
          options: AGES_S.map(([age, key]) => [String(age), t(key)]),
          onchange: (age) => change({ age: Number(age) }),
        }),
        select(t("invite.uses"), {
          id: "invite-uses",
          value: String(state.uses),
          options: USES.map((
            uses,
          ) => [String(uses), uses ? t("invite.uses-count", { count: uses }) : t("invite.uses-any")]),
          onchange: (uses) => change({ uses: Number(uses) }),
        }),
        toggle(t("invite.temporary"), {
          id: "invite-temporary",
          checked: state.temporary,
          hint: t("invite.temporary-text"),
          onchange: (temporary) => change({ temporary }),
        }),
      ),
      friends(state, link),
    ];
  }

  function friends(state, link) {
    const known = store.state.members.get(serverID)?.byID;
    const people = [...store.state.relationships.values()].filter((item) =>
      item.status === "friend" && !known?.has(item.user_id)
    );
    if (people.length === 0) return null;
    return h(
      "ul",
      { class: "people", "aria-label": t("invite.friends") },
      people.map(({ user_id }) =>
        h(
          "li",
          { key: user_id },
          avatar(avatarOf(store.state, user_id), { size: 32 }),
          h("span", { class: "grow" }, nameOf(store.state, user_id)),
          button(t(state.sent.has(user_id) ? "invite.sent" : "invite.send"), () => sendTo(user_id, link), {
            disabled: !link || state.sent.has(user_id),
          }),
        )
      ),
    );
  }

  async function sendTo(userID, link) {
    await dialog.attempt(async () => {
      const channel = await openConversation(userID);
      send(channel.id, { content: link });
      dialog.state.sent.add(userID);
    });
  }
}
