// The next dates of an event that repeats: whether one comes to each, and what its planner does with it.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { fieldMomentIn, formatTime, momentIn } from "../../texts/time.js";
import { button, field } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { ANSWERS } from "./event-words.js";

/**
 * @param {object} view has the event's `path`, and can `attempt` something and `load` anew.
 * @param {boolean} isManaged whether one may change the dates.
 */
export function renderDates(view, event, occurrences, isManaged) {
  const isPast = (item) => event.status === "active" && item.starts_at === event.next_starts_at;
  return h(
    "details",
    null,
    h("summary", null, t("event.dates")),
    h(
      "ul",
      { class: "people event-dates" },
      occurrences.map((item) =>
        h(
          "li",
          { key: item.occurrence },
          h("span", { class: `grow${item.cancelled ? " event-off" : ""}` }, when(item)),
          item.cancelled ? h("span", { class: "soft" }, t("event.status.cancelled")) : answer(view, item),
          isManaged && !isPast(item) && deeds(view, event, item),
        )
      ),
    ),
  );
}

const when = (item) => formatTime(item.starts_at * 1000, "f");

function answer(view, item) {
  return h(
    "select",
    {
      "aria-label": `${t("event.answer")} ${when(item)}`,
      onchange: ({ target: { value } }) => view.attempt(() => say(view, item, value)),
    },
    ["", ...ANSWERS].map((status) =>
      h(
        "option",
        { key: status, value: status, selected: status === (item.me?.status ?? "") },
        status === "" ? t("event.answer.none") : t(`event.answer.${status}`),
      )
    ),
  );
}

/** Without an answer of its own a date has that of all. */
async function say(view, item, status) {
  const { occurrence } = item;
  if (status === "") await api.delete(`${view.path}/rsvp?occurrence=${occurrence}`);
  else {
    await api.put(`${view.path}/rsvp`, {
      status,
      occurrence,
      remind_minutes_before: item.me?.remind_minutes_before ?? [15],
    });
  }
  await view.load();
}

function deeds(view, event, item) {
  const turn = t(item.cancelled ? "event.restore-date" : "event.cancel-date");
  const change = (changes) =>
    view.attempt(async () => {
      await api.put(`${view.path}/occurrences/${item.occurrence}`, { ...movedTo(item), ...changes });
      await view.load();
    });
  return [
    !item.cancelled &&
    button(t("event.move-date"), () => move(view, event, item), {
      "aria-label": `${t("event.move-date")}: ${when(item)}`,
    }),
    button(turn, () => change({ cancelled: !item.cancelled }), { "aria-label": `${turn}: ${when(item)}` }),
  ];
}

/** Where a date was moved already, it stays there; all else is as for the others. */
const movedTo = ({ occurrence, starts_at, ends_at }) => starts_at === occurrence ? {} : { starts_at, ends_at };

function move(view, { timezone }, item) {
  const fieldValue = (seconds) => seconds ? fieldMomentIn(timezone, seconds * 1000) : "";
  const dialog = new Dialog(t("event.move-date"), ({ isBusy }) =>
    h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const seconds = (id) => {
            const text = event.target.querySelector(`#${id}`).value;
            return text ? Math.floor(momentIn(timezone, text) / 1000) : null;
          };
          const body = { starts_at: seconds("date-start"), ends_at: seconds("date-end") };
          dialog.attempt(async () => {
            await api.put(`${view.path}/occurrences/${item.occurrence}`, body);
            dialog.close();
            await view.reload();
          });
        },
      },
      h("p", { class: "soft" }, t("event.move-text", { timezone: timezone.replaceAll("_", " ") })),
      field(t("event.starts"), {
        id: "date-start",
        type: "datetime-local",
        required: true,
        autofocus: true,
        value: fieldValue(item.starts_at),
      }),
      field(t("event.ends-at"), { id: "date-end", type: "datetime-local", value: fieldValue(item.ends_at) }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
    ));
}
