import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { fieldMoment, formatTime } from "../../texts/time.js";
import { button, field, spinner } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { snippet } from "../common/message-text.js";
import { sentText } from "./sent-text.js";

/**
 * Sending later, and what waits for its time in a channel.
 * @param {() => string} written what stands in the field below.
 */
export function schedule(channelID, written, onscheduled) {
  const text = written();
  const path = `/channels/${channelID}/scheduled-messages`;
  const dialog = new Dialog(t("schedule"), ({ state, isBusy }) => [
    h(
      "form",
      { onsubmit: submit },
      field(t("schedule.text"), {
        id: "schedule-text",
        type: "textarea",
        value: text,
        required: true,
        autofocus: true,
      }),
      field(t("schedule.time"), {
        id: "schedule-time",
        type: "datetime-local",
        required: true,
        value: fieldMoment(Date.now() + 3_600_000),
      }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("schedule.action"))),
    ),
    h("h3", null, t("schedule.waiting")),
    state.items ? list(state.items) : spinner(),
    state.items?.length === 0 && h("p", { class: "soft" }, t("schedule.none")),
    state.lost?.length > 0 && [h("h3", null, t("schedule.lost")), list(state.lost)],
  ]);
  dialog.attempt(load);

  /** What waits here, and what could not be sent in other channels, which may be out of sight by now. */
  async function load() {
    const all = await api.get("/users/@me/scheduled-messages");
    dialog.state.items = all.filter((item) => item.channel_id === channelID);
    dialog.state.lost = all.filter((item) => item.channel_id !== channelID && item.failure);
  }

  function list(items) {
    return h(
      "ul",
      { class: "people" },
      items.map((item) =>
        h(
          "li",
          { key: item.id },
          h(
            "span",
            { class: "grow two-lines" },
            h("span", { dir: "auto" }, snippet(item.content)),
            h("span", { class: "soft" }, formatTime(item.send_at * 1000, "f"), item.failure && ` · ${item.failure}`),
          ),
          button(t("delete"), () => remove(item), { kind: "danger" }),
        )
      ),
    );
  }

  function submit(event) {
    event.preventDefault();
    const text = event.target.querySelector("#schedule-text").value.trim();
    const time = new Date(event.target.querySelector("#schedule-time").value).getTime();
    dialog.attempt(async () => {
      const content = await sentText(text, store.state.channels.get(channelID)?.server_id);
      await api.post(path, { content, send_at: Math.floor(time / 1000) });
      onscheduled();
      await load();
    });
  }

  function remove(item) {
    dialog.attempt(async () => {
      await api.delete(`/channels/${item.channel_id}/scheduled-messages/${item.id}`);
      await load();
    });
  }
}
