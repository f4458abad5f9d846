import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { avatar, button, spinner } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { onDemand } from "../common/on-demand.js";

const PAGE = 100;

/** Who has read a message, and when. */
export function showReaders(message) {
  const dialog = new Dialog(t("receipts"), ({ state }) => [
    state.report
      ? [
        h(
          "p",
          { class: "soft" },
          t("receipts.counts", {
            read: state.report.read_count,
            delivered: state.report.delivery_count,
            all: state.report.recipient_count,
          }),
        ),
        state.readers.length > 0
          ? h("ul", { class: "people" }, state.readers.map((reader) => row(reader, message)))
          : h("p", null, t("receipts.none")),
      ]
      : !state.hasFailed && spinner(),
    state.hasMore && button(t("more"), () => load(state.readers)),
  ]);
  const load = async (before = []) => {
    const isGood = await dialog.attempt(async () => {
      const report = await api.get(`/channels/${message.channel_id}/messages/${message.id}/read-receipts`, {
        limit: PAGE,
        after: before.at(-1)?.user_id,
      });
      Object.assign(dialog.state, {
        report,
        readers: [...before, ...report.readers],
        hasMore: report.readers.length === PAGE,
      });
    });
    if (!isGood) dialog.set({ hasFailed: true });
  };
  load();
}

const row = (reader, message) =>
  h(
    "li",
    { key: reader.user_id },
    h(
      "button",
      {
        type: "button",
        class: "plain person",
        dataset: { user: reader.user_id },
        onclick: (event) => onDemand.showProfile(reader.user_id, event.currentTarget, message.server_id ?? null),
      },
      avatar(avatarOf(store.state, reader.user_id), { size: 32 }),
      h(
        "span",
        { class: "grow", dir: "auto" },
        nameOf(store.state, reader.user_id, message.server_id, reader.username),
      ),
      reader.read_at && h("span", { class: "soft" }, relativeTime(reader.read_at * 1000)),
    ),
  );
