// One event: when and where, who comes, whether one comes oneself, and what its planner does with it.

import { h } from "../../dom/element.js";
import { api, fetchFile } from "../../server/api.js";
import { inChannel, inServer } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime, isSameDay } from "../../texts/time.js";
import { avatar, button } from "../common/controls.js";
import { confirm, Dialog } from "../common/dialog.js";
import { LoadedView } from "../common/loaded-view.js";
import { onDemand } from "../common/on-demand.js";
import { renderDates } from "./event-dates.js";
import { ANSWERS, eventWhen, eventWhere, recurrenceText } from "./event-words.js";

const REMINDERS_MIN = [0, 15, 60, 1440];
const MOST_REMINDERS = 3;
const PAGE = 50;
const SHOWN_OCCURRENCES = 8;

export function showEvent(serverID, id) {
  const close = () => dialog.close();
  const dialog = new Dialog(t("event"), () => h(EventDetails, { key: id, serverID, id, close }), {
    className: "event-details",
  });
}

class EventDetails extends LoadedView {
  get className() {
    return "";
  }

  events = {
    GUILD_SCHEDULED_EVENT_UPDATE: (event) => this.follow(event),
    GUILD_SCHEDULED_EVENT_USER_ADD: () => this.reload(),
    GUILD_SCHEDULED_EVENT_USER_REMOVE: () => this.reload(),
    GUILD_SCHEDULED_EVENT_DELETE: () => this.properties.close(),
  };

  concerns({ id, event_id }) {
    return (id ?? event_id) === this.properties.id;
  }

  follow(event) {
    this.state.event = { ...event, me: this.state.event.me };
    this.reload();
  }

  get path() {
    return `/servers/${this.properties.serverID}/events/${this.properties.id}`;
  }

  async load() {
    const event = await api.get(this.path);
    const [attendees, occurrences] = await Promise.all([
      api.get(`${this.path}/attendees`, { limit: PAGE }),
      event.recurrence && isOpen(event) ? api.get(`${this.path}/occurrences`, { limit: SHOWN_OCCURRENCES }) : [],
    ]);
    Object.assign(this.state, { event, attendees, occurrences });
  }

  describe() {
    const { event, attendees, occurrences } = this.state;
    return [
      event.image_url && h("img", { class: "event-banner", src: event.image_url, alt: "" }),
      h("h3", { dir: "auto", class: "event-name" }, event.name),
      this.facts(event),
      isOpen(event) && this.answer(event),
      occurrences.length > 0 && renderDates(this, event, occurrences, mayChange(event)),
      this.people(event, attendees),
      this.deeds(event),
    ];
  }

  facts(event) {
    return [
      h("p", { class: event.status === "active" ? "event-now" : "" }, h("strong", null, eventWhen(event))),
      event.ends_at && isOpen(event) && h("p", { class: "soft" }, this.ending(event)),
      event.recurrence && h("p", { class: "soft" }, recurrenceText(event)),
      h("p", { dir: "auto" }, eventWhere(event)),
      event.description && h("p", { class: "event-description", dir: "auto" }, event.description),
    ];
  }

  ending(event) {
    const [begin_ms, end_ms] = [0, event.ends_at - event.starts_at].map((s) => (event.next_starts_at + s) * 1000);
    const time = formatTime(end_ms, isSameDay(begin_ms, end_ms) ? "t" : "f");
    return t(event.recurrence ? "event.date-ends" : "event.ends", { time });
  }

  // MARK: Coming

  answer({ me }) {
    return [
      h(
        "div",
        { class: "choice", role: "group", "aria-label": t("event.answer") },
        ANSWERS.map((status) =>
          button(t(`event.answer.${status}`), () => this.say(me?.status === status ? null : status, me), {
            key: status,
            kind: me?.status === status ? "primary" : "",
            "aria-pressed": String(me?.status === status),
          })
        ),
      ),
      me && me.status !== "not_going" && this.reminders(me),
    ];
  }

  reminders(me) {
    const chosen = me.remind_minutes_before;
    return h(
      "fieldset",
      { class: "choices event-reminders" },
      h("legend", null, t("event.remind")),
      REMINDERS_MIN.map((minutes) =>
        h(
          "label",
          { key: minutes, class: "choice-row" },
          h("input", {
            type: "checkbox",
            checked: chosen.includes(minutes),
            disabled: chosen.length >= MOST_REMINDERS && !chosen.includes(minutes),
            onchange: ({ target }) =>
              this.say(me.status, {
                ...me,
                remind_minutes_before: target.checked
                  ? [...chosen, minutes]
                  : chosen.filter((other) => other !== minutes),
              }),
          }),
          t(`event.remind.${minutes}`),
        )
      ),
    );
  }

  say(status, me) {
    return this.attempt(async () => {
      if (status === null) await api.delete(`${this.path}/rsvp`);
      else await api.put(`${this.path}/rsvp`, { status, remind_minutes_before: me?.remind_minutes_before ?? [15] });
      await this.load();
    });
  }

  people(event, attendees) {
    return [
      h(
        "h3",
        null,
        [
          t("event.going", { count: event.going_count }),
          event.interested_count > 0 && t("event.interested", { count: event.interested_count }),
        ].filter(Boolean).join(" · "),
      ),
      h(
        "ul",
        { class: "people event-people" },
        attendees.map((person) =>
          h(
            "li",
            { key: person.user_id },
            avatar({ url: person.avatar_url, name: person.display_name ?? person.username, id: person.user_id }, {
              size: 28,
            }),
            h("span", { class: "grow", dir: "auto" }, person.display_name ?? person.username),
            h("span", { class: "soft" }, t(`event.answer.${person.status}`)),
          )
        ),
      ),
      attendees.length > 0 && attendees.length % PAGE === 0 &&
      button(t("event.more-people"), () => this.more(), { kind: "link" }),
    ];
  }

  more() {
    return this.attempt(async () => {
      const { attendees } = this.state;
      const next = await api.get(`${this.path}/attendees`, { limit: PAGE, after: attendees.at(-1).user_id });
      this.state.attendees = [...attendees, ...next];
    });
  }

  // MARK: Planning

  deeds(event) {
    const isManaged = mayChange(event);
    const becomes = (status) =>
      this.attempt(async () => {
        await api.patch(this.path, { status });
        await this.load();
      });
    return h(
      "footer",
      null,
      button(t("event.calendar"), () => this.attempt(() => this.download())),
      isManaged && event.status === "scheduled" && button(t("event.begin"), () => becomes("active")),
      isManaged && event.status === "active" && button(t("event.end"), () => becomes("completed")),
      isManaged && event.status === "scheduled" &&
        button(t("event.cancel"), async () => {
          if (await confirm(t("event.cancel"), t("event.cancel-text"), { action: t("event.cancel") })) {
            await becomes("cancelled");
          }
        }, { kind: "danger" }),
      isManaged && !isOpen(event) && button(t("delete"), () => this.remove(), { kind: "danger" }),
      isManaged && isOpen(event) && button(t("edit"), () => this.edit(), { kind: "primary" }),
    );
  }

  edit() {
    this.properties.close();
    onDemand.editEvent(this.properties.serverID, this.state.event);
  }

  remove() {
    return this.attempt(async () => {
      await api.delete(this.path);
      this.properties.close();
    });
  }

  async download() {
    const url = URL.createObjectURL(await fetchFile(`${this.path}/calendar.ics`));
    const link = document.createElement("a");
    link.href = url;
    link.download = `event-${this.properties.id}.ics`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

const isOpen = ({ status }) => status === "scheduled" || status === "active";

function mayChange(event) {
  const { state } = store;
  const rights = event.channel_id === null
    ? inServer(state, event.server_id)
    : inChannel(state, state.channels.get(event.channel_id));
  return rights.has("events.manage") || (event.creator_id === state.me.id && rights.has("events.create"));
}
