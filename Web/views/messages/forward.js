import { folded } from "../../kernel/folded.js";
import { h } from "../../dom/element.js";
import { send } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { channelName, longestMessage, privateChannels } from "../../store/selectors.js";
import { addressOf } from "../../kernel/router.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";
import { followMessage } from "../common/subject.js";
import { forwardedText } from "./forwarded.js";

const MOST_SHOWN = 40;

/** Sends a message on to another channel: what it says, who said it, and a link to it. Its files stay where they are and are linked. */
export function forwardMessage(message) {
  const { channels } = store.state;
  const link = `${location.origin}${addressOf(channels.get(message.channel_id), message.id)}`;
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
  ], { onclose: () => stop() });
  const to = (channel) => {
    if (!places("").includes(store.state.channels.get(channel.id))) return dialog.render();
    send(channel.id, { content: text(message, link), allowed_mentions: { parse: [] } });
    dialog.close();
    notify(t("forward.done", { name: channelName(store.state, channel, t) }));
  };
  const stop = followMessage(message, {
    onchange: (changed) => {
      message = changed;
    },
    onplaces: () => dialog.render(),
    onend: () => {
      dialog.close();
      notify(t("forward.gone"));
    },
  });
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

function text(message, link) {
  const from = (name) => t("forward.from", { name: message.webhook_id ? t("webhook.named", { name }) : name });
  return forwardedText(message, from, link, longestMessage(store.state));
}
