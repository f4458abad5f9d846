// Planning an event, and changing one.

import { h } from "../../dom/element.js";
import { api, upload } from "../../server/api.js";
import { inChannel } from "../../store/permissions.js";
import { channelTree } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { fieldMomentIn, momentIn } from "../../texts/time.js";
import { field, select } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { onDemand } from "../common/on-demand.js";
import { weekdayName, WEEKDAYS } from "./event-words.js";

const HOUR_MS = 3_600_000;
const FREQUENCIES = ["daily", "weekly", "monthly", "yearly"];
const TEXT_KINDS = ["text", "announcement", "forum"];

/** @param {object|null} event nil for a new one. */
export function editEvent(serverID, event) {
  const timezone = event?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const start_ms = (event?.starts_at ?? nextHour()) * 1000;
  const end_ms = event ? event.ends_at && event.ends_at * 1000 : start_ms + HOUR_MS;
  const rule = event?.recurrence ?? null;
  const shown = {
    start: fieldMomentIn(timezone, start_ms),
    end: end_ms ? fieldMomentIn(timezone, end_ms) : "",
    until: rule?.until ? fieldMomentIn(timezone, rule.until * 1000).slice(0, 10) : "",
  };
  const first = {
    timezone,
    place: event ? event.channel_id ?? "" : "",
    frequency: rule?.frequency ?? "",
    ending: rule?.count ? "count" : rule?.until ? "until" : "",
    isPictureRemoved: false,
  };
  const dialog = new Dialog(t(event ? "event.edit" : "event.plan"), (dialog) => {
    if (!dialog.state.timezone) Object.assign(dialog.state, first);
    const { place } = dialog.state;
    const change = (name) => (value) => dialog.set({ [name]: value });
    return h(
      "form",
      { onsubmit: submit, class: "event-form" },
      field(t("name"), {
        id: "event-name",
        maxlength: 100,
        required: true,
        autofocus: true,
        value: event?.name ?? "",
        autocomplete: "off",
      }),
      field(t("event.description"), {
        id: "event-description",
        type: "textarea",
        maxlength: 1000,
        value: event?.description ?? "",
      }),
      select(t("event.place"), {
        id: "event-place",
        value: place,
        options: [["", t("event.elsewhere")], ...places(serverID)],
        onchange: change("place"),
      }),
      place === "" && field(t("event.location"), {
        id: "event-location",
        maxlength: 100,
        required: true,
        value: event?.location ?? "",
      }),
      h(
        "div",
        { class: "event-times" },
        field(t("event.starts"), {
          id: "event-start",
          type: "datetime-local",
          required: true,
          value: shown.start,
          onchange: ({ target }) => moveEnd(target.value),
        }),
        field(t("event.ends-at"), {
          id: "event-end",
          type: "datetime-local",
          required: place === "",
          value: shown.end,
        }),
      ),
      select(t("event.timezone"), {
        id: "event-timezone",
        value: dialog.state.timezone,
        options: zones(timezone).map((name) => [name, name.replaceAll("_", " ")]),
        onchange: change("timezone"),
      }),
      repeating(dialog, rule, shown, change),
      picture(event, dialog),
      h("footer", null, h("button", { class: "button primary", disabled: dialog.isBusy }, t("save"))),
    );
  });

  const value = (id) => dialog.element.querySelector(`#event-${id}`)?.value.trim() ?? "";

  let begin = shown.start;

  /** It lasts as long as before. */
  function moveEnd(start) {
    const end = dialog.element.querySelector("#event-end");
    const [from, to, until] = [begin, start, end.value].map((wall) => Date.parse(`${wall}Z`));
    if (Number.isNaN(from) || Number.isNaN(to)) return;
    begin = start;
    if (!Number.isNaN(until)) end.value = new Date(until + to - from).toISOString().slice(0, 16);
  }

  function submit(submission) {
    submission.preventDefault();
    const { state } = dialog;
    const seconds = (text) => text ? Math.floor(momentIn(state.timezone, text) / 1000) : null;
    const body = {
      name: value("name"),
      description: value("description") || null,
      ...placeOf(state.place, value("location")),
      ends_at: seconds(value("end")),
      timezone: state.timezone,
      recurrence: recurrence(dialog, rule, seconds),
    };
    // Of what goes on already the beginning is past.
    const isMoved = !event || value("start") !== shown.start || state.timezone !== timezone;
    if (isMoved) body.starts_at = seconds(value("start"));
    const file = dialog.element.querySelector("#event-picture")?.files[0];
    if (state.isPictureRemoved && !file) body.image_url = null;
    dialog.attempt(async () => {
      const path = `/servers/${serverID}/events`;
      let kept = event ? await api.patch(`${path}/${event.id}`, body) : await api.post(path, body);
      if (file) {
        const form = new FormData();
        form.append("image", file);
        const { image_url } = await upload("POST", `${path}/${kept.id}/image`, form);
        kept = { ...kept, image_url };
      }
      store.apply("GUILD_SCHEDULED_EVENT_UPDATE", { ...kept, me: null });
      dialog.close();
      onDemand.showEvent(serverID, kept.id);
    });
  }
}

const nextHour = () => Math.ceil((Date.now() + HOUR_MS / 4) / HOUR_MS) * 3600;

const zones = (own) => [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", own])].sort();

/** The channels in which one may plan something. */
function places(serverID) {
  const { state } = store;
  const mayPlan = (channel) => {
    const rights = inChannel(state, channel);
    return rights.has("events.create") || rights.has("events.manage");
  };
  return channelTree(state, serverID).flatMap((group) => group.channels).filter(mayPlan)
    .map((channel) => [channel.id, `${t(`channel.kind.${channel.channel_type}`)}: ${channel.name}`]);
}

function placeOf(id, location) {
  if (!id) return { entity_type: "external", channel_id: null, location };
  const isText = TEXT_KINDS.includes(store.state.channels.get(id)?.channel_type);
  return { entity_type: isText ? "text" : "voice", channel_id: id, location: null };
}

function repeating(dialog, rule, shown, change) {
  const { frequency, ending } = dialog.state;
  return [
    select(t("event.repeats"), {
      id: "event-frequency",
      value: frequency,
      options: [["", t("event.repeats.never")], ...FREQUENCIES.map((name) => [name, t(`event.repeats.${name}`)])],
      onchange: change("frequency"),
    }),
    frequency && field(t(`event.interval.${frequency}`), {
      id: "event-interval",
      type: "number",
      min: 1,
      max: 52,
      required: true,
      value: String(rule?.interval ?? 1),
    }),
    frequency === "weekly" && h(
      "fieldset",
      { class: "choices event-days" },
      h("legend", null, t("event.weekdays")),
      WEEKDAYS.map((day) =>
        h(
          "label",
          { key: day, title: weekdayName(day) },
          h("input", {
            type: "checkbox",
            name: "weekday",
            value: day,
            checked: rule?.by_weekday?.includes(day) ?? false,
            "aria-label": weekdayName(day),
          }),
          weekdayName(day, "short"),
        )
      ),
    ),
    frequency && select(t("event.ending"), {
      id: "event-ending",
      value: ending,
      options: [["", t("event.ending.never")], ["count", t("event.ending.count")], ["until", t("event.ending.until")]],
      onchange: change("ending"),
    }),
    frequency && ending === "count" && field(t("event.count"), {
      id: "event-count",
      type: "number",
      min: 1,
      max: 365,
      required: true,
      value: String(rule?.count ?? 10),
    }),
    frequency && ending === "until" && field(t("event.last-day"), {
      id: "event-until",
      type: "date",
      required: true,
      value: shown.until,
    }),
  ];
}

/** What the form says of repeating, with what an event has that the form does not show. */
function recurrence(dialog, rule, seconds) {
  const { frequency, ending } = dialog.state;
  if (!frequency) return null;
  const value = (id) => dialog.element.querySelector(`#event-${id}`).value;
  const days = [...dialog.element.querySelectorAll("[name=weekday]:checked")].map((box) => box.value);
  const isAsBefore = frequency === rule?.frequency && frequency !== "weekly";
  return {
    ...(isAsBefore && { by_weekday: rule.by_weekday, by_month_day: rule.by_month_day }),
    frequency,
    interval: Number(value("interval")),
    ...(days.length > 0 && { by_weekday: days }),
    ...(ending === "count" && { count: Number(value("count")) }),
    ...(ending === "until" && { until: seconds(`${value("until")}T23:59`) }),
  };
}

function picture(event, dialog) {
  const isShown = event?.image_url && !dialog.state.isPictureRemoved;
  return h(
    "div",
    { class: "field" },
    h("label", { for: "event-picture" }, t("event.picture")),
    isShown && h("img", { class: "event-banner", src: `${event.image_url}&size=600`, alt: "" }),
    h(
      "div",
      { class: "row" },
      h("input", { id: "event-picture", type: "file", accept: "image/png,image/gif,image/webp,image/jpeg" }),
      isShown && h("button", {
        type: "button",
        class: "button",
        onclick: () => dialog.set({ isPictureRemoved: true }),
      }, t("event.remove-picture")),
    ),
  );
}
