// Keeping order: silence for a while, removing, bans. Each says whom it is about: several people may have one name.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { timeoutOf } from "../../store/permissions.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";
import { avatar, field, select } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";
import { serverNow } from "../../kernel/clock.js";

const TIMEOUTS_MINUTES = [1, 5, 10, 60, 1440, 10_080, 40_320];
const BANS_DAYS = [0, 1, 7, 30, 365];

const duration = (
  minutes,
) => (minutes < 60
  ? t("minutes", { count: minutes })
  : minutes < 1440
  ? t("hours", { count: minutes / 60 })
  : t("days", { count: minutes / 1440 }));

/** Whom it is about, in a way that only one person is. */
function card(server, userID) {
  const { state } = store;
  return h(
    "div",
    { class: "person" },
    avatar(avatarOf(state, userID), { size: 40 }),
    h(
      "span",
      { class: "two-lines" },
      h("strong", { dir: "auto" }, nameOf(state, userID, server.id)),
      h("span", { class: "soft", dir: "ltr" }, `@${state.users.get(userID)?.username ?? userID}`),
    ),
  );
}

export function timeOut(server, member) {
  const name = nameOf(store.state, member.user_id, server.id);
  const dialog = new Dialog(
    t("timeout.of", { name }),
    ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: (event) => submit(event, Number(state.minutes ?? 10)) },
        card(server, member.user_id),
        h("p", null, t("timeout.text")),
        select(t("timeout.lasts"), {
          id: "timeout-minutes",
          value: String(state.minutes ?? 10),
          options: TIMEOUTS_MINUTES.map((minutes) => [String(minutes), duration(minutes)]),
          onchange: (minutes) => dialog.set({ minutes }),
        }),
        field(t("reason.told"), { id: "timeout-reason", maxlength: 512 }),
        h(
          "footer",
          null,
          timeoutOf(member) &&
            h("button", { type: "button", class: "button", onclick: (event) => submit(event, null) }, t("timeout.end")),
          h("button", { class: "button danger", disabled: isBusy }, t("timeout")),
        ),
      ),
  );
  function submit(event, minutes) {
    event.preventDefault();
    const reason = dialog.element.querySelector("#timeout-reason").value.trim();
    const until = minutes === null ? null : Math.floor(serverNow() / 1000) + minutes * 60;
    dialog.attempt(async () => {
      const change = { timeout_until: until, timeout_reason: reason || null };
      await api.patch(`/servers/${server.id}/members/${member.user_id}`, change, { reason });
      dialog.close();
      notify(until ? t("timeout.done", { name, time: shortMoment(until * 1000) }) : t("timeout.ended", { name }));
    });
  }
}

export function kickMember(server, userID) {
  const name = nameOf(store.state, userID, server.id);
  const dialog = new Dialog(t("kick.of", { name }), ({ isBusy }) =>
    h(
      "form",
      { onsubmit: submit },
      card(server, userID),
      h("p", null, t("kick.text")),
      field(t("reason"), { id: "kick-reason", maxlength: 512, autofocus: true }),
      h("footer", null, h("button", { class: "button danger", disabled: isBusy }, t("kick"))),
    ));
  function submit(event) {
    event.preventDefault();
    const reason = event.target.querySelector("#kick-reason").value.trim();
    dialog.attempt(async () => {
      await api.delete(`/servers/${server.id}/members/${userID}`, undefined, { reason });
      dialog.close();
      notify(t("kick.done", { name }));
    });
  }
}

export function banMember(server, userID) {
  const name = nameOf(store.state, userID, server.id);
  const dialog = new Dialog(t("ban.of", { name }), ({ state, isBusy }) =>
    h(
      "form",
      { onsubmit: submit },
      card(server, userID),
      h("p", null, t("ban.text")),
      field(t("reason.told"), { id: "ban-reason", maxlength: 512, autofocus: true }),
      select(t("ban.lasts"), {
        id: "ban-days",
        value: String(state.days ?? 0),
        options: BANS_DAYS.map((days) => [String(days), days ? t("days", { count: days }) : t("ban.forever")]),
        onchange: (days) => dialog.set({ days: Number(days) }),
      }),
      select(t("ban.delete"), {
        id: "ban-delete",
        value: String(state.past ?? 0),
        options: [0, 1, 7].map((
          days,
        ) => [String(days), days ? t("ban.delete-days", { count: days }) : t("ban.delete-none")]),
        onchange: (past) => dialog.set({ past: Number(past) }),
      }),
      h("footer", null, h("button", { class: "button danger", disabled: isBusy }, t("ban"))),
    ));
  function submit(event) {
    event.preventDefault();
    const reason = event.target.querySelector("#ban-reason").value.trim() || null;
    const { days = 0, past = 0 } = dialog.state;
    dialog.attempt(async () => {
      await api.put(`/servers/${server.id}/bans/${userID}`, {
        reason,
        delete_message_days: past,
        expires_at: days ? Math.floor(serverNow() / 1000) + days * 86_400 : null,
      }, { reason });
      dialog.close();
      notify(t("ban.done", { name }));
    });
  }
}
