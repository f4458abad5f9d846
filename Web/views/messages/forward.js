import { folded } from "../../kernel/folded.js";
import { h } from "../../dom/element.js";
import { send } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { channelName, privateChannels } from "../../store/selectors.js";
import { addressOf } from "../../kernel/router.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";
import { forwardedText } from "./forwarded.js";

const MOST_SHOWN = 40;

/** Sends a message on to another channel: what it says, who said it, and a link to it. Its files stay where they are and are linked. */
export function forwardMessage(message) {
  const dialog = new Dialog(t("forward"), ({ state }) => [
    h(
      "div",
      { class: "field" },
      h("label", { for: "forward-search" }, t("forward.to")),
      h("input", {
        id: "forward-search",
        type: "search",
        autofocus: true,
        autocomplete: "off",
        oninput: (event) => dialog.set({ query: event.target.value }),
      }),
    ),
    h(
      "ul",
      { class: "people" },
      places(state.query ?? "").map((channel) =>
        h(
          "li",
          { key: channel.id },
          h("span", { class: "grow", dir: "auto" }, placeName(channel)),
          button(t("send"), () => to(channel)),
        )
      ),
    ),
  ]);
  const to = (channel) => {
    send(channel.id, { content: text(message), allowed_mentions: { parse: [] } });
    dialog.close();
    notify(t("forward.done", { name: channelName(store.state, channel, t) }));
  };
}

function places(query) {
  const { state } = store;
  const writable = [...state.channels.values()].filter((channel) =>
    channel.server_id && ["text", "announcement", "thread"].includes(channel.channel_type) &&
    inChannel(state, channel).has("messages.send")
  );
  const found = (channel) => folded(placeName(channel)).includes(folded(query));
  return [...privateChannels(state), ...writable].filter(found).slice(0, MOST_SHOWN);
}

const placeName = (channel) => {
  const server = store.state.servers.get(channel.server_id);
  return server ? `#${channelName(store.state, channel, t)} · ${server.name}` : channelName(store.state, channel, t);
};

function text(message) {
  const link = `${location.origin}${addressOf(store.state.channels.get(message.channel_id), message.id)}`;
  const from = (name) => t("forward.from", { name: message.webhook_id ? t("webhook.named", { name }) : name });
  return forwardedText(message, from, link, store.state.capabilities?.max_message_length ?? 4000);
}
