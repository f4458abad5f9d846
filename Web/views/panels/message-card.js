import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { timeOf } from "../../kernel/snowflake.js";
import { findChannel } from "../../server/servers.js";
import { isKeptBack } from "../../store/adults.js";
import { channelName } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";
import { iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { describeMessage, renderMessage } from "../messages/message.js";

/** What in a message has a use of its own for a press. */
const PRESSED = "a, button, input, select, summary, label, audio, video";

/** A message outside its list: a result, a pin, a bookmark. A press on it goes to its place. */
export function messageCard(message, { actions = null } = {}) {
  const channel = store.state.channels.get(message.channel_id) ??
    { id: message.channel_id, server_id: message.server_id, name: t("thread") };
  const server = store.state.servers.get(message.server_id);
  const place = [`${channel.server_id ? "#" : ""}${channelName(store.state, channel, t)}`, server?.name].filter(
    Boolean,
  ).join(" · ");
  return h(
    "div",
    { key: message.id, class: "card-message", onclick: (event) => isPressed(event) && goTo(message) },
    h(
      "div",
      { class: "card-head" },
      h(
        "button",
        { type: "button", class: "plain link grow", dir: "auto", onclick: () => goTo(message) },
        place,
        h("span", { class: "soft" }, ` · ${shortMoment(timeOf(message.id))}`),
      ),
      actions,
      iconButton("forward", t("message.go"), () => goTo(message), { className: "small" }),
    ),
    isKeptBack(store.state, channel) ? h("p", { class: "soft" }, t("adults.hidden")) : renderMessage(message, {
      list: null,
      isContinued: false,
      isActive: false,
      ...describeMessage(message, channel),
    }),
  );
}

/** A text that is being selected stays where it is. */
const isPressed = ({ target }) => !target.closest(PRESSED) && getSelection().isCollapsed;

export const goTo = (message) =>
  attempt(async () => navigate(addressOf(await findChannel(message.channel_id), message.id)));
