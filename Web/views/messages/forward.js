import { folded } from "../../kernel/folded.js";
import { h } from "../../dom/element.js";
import { send } from "../../server/messages.js";
import { inChannel, mayForward } from "../../store/permissions.js";
import { channelName, longestMessage, privateChannels } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { snippet, wordless } from "../common/message-text.js";
import { followMessage } from "../common/subject.js";

const MOST_SHOWN = 40;

/** Hands a message on to another channel, as it is now, with words of one's own if one likes. */
export function forwardMessage(message) {
  const dialog = new Dialog(t("forward"), ({ state }) => [
    preview(message),
    h(
      "div",
      { class: "field" },
      h("label", { for: "forward-comment" }, t("forward.comment")),
      h("textarea", {
        id: "forward-comment",
        rows: 2,
        maxlength: longestMessage(store.state),
        dir: "auto",
      }),
    ),
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
    choice(places(message, state.query ?? ""), state.query, (channel) => to(channel)),
  ], { onclose: () => stop() });
  const to = (channel) => {
    if (!places(message, "").includes(store.state.channels.get(channel.id))) return dialog.render();
    const text = dialog.element.querySelector("#forward-comment").value.trim();
    const forward = { channel_id: message.channel_id, message_id: message.id };
    send(channel.id, { text, forward, handedOn: message });
    dialog.close();
    notify(t("forward.done", { name: channelName(store.state, channel, t) }));
  };
  const stop = followMessage(message, {
    onchange: (changed) => {
      message = changed;
      dialog.render();
    },
    onplaces: () => dialog.render(),
    onend: () => {
      dialog.close();
      notify(t("forward.gone"));
    },
  });
}

/** What is handed on, in few lines. */
function preview(message) {
  const { content, attachments = [] } = message;
  const hasWords = Boolean(content) || attachments.length === 0;
  return h(
    "blockquote",
    { class: "forwarded forward-preview", "aria-label": t("forward.what") },
    hasWords && h("p", { dir: "auto" }, content ? snippet(content) : wordless(message)),
    !message.voice && attachments.length > 0 &&
      h(
        "p",
        { class: "soft", dir: "auto" },
        icon("file", { size: 16 }),
        attachments.map((file) => file.filename).join(", "),
      ),
  );
}

const choice = (channels, query, choose) =>
  channels.length > 0
    ? h(
      "ul",
      { class: "people" },
      channels.map((channel) =>
        h(
          "li",
          { key: channel.id },
          h("span", { class: "grow", dir: "auto" }, placeName(channel)),
          button(t("send"), () => choose(channel), {
            "aria-label": t("forward.send-to", { name: placeName(channel) }),
          }),
        )
      ),
    )
    : h("p", { class: "soft", role: "status" }, t(query ? "forward.none-found" : "forward.nowhere"));

function places(message, query) {
  const { state } = store;
  const writable = [...state.channels.values()].filter((channel) =>
    channel.server_id && ["text", "announcement", "thread"].includes(channel.channel_type) &&
    inChannel(state, channel).has("messages.send")
  );
  const found = (channel) => folded(placeName(channel)).includes(folded(query));
  return [...privateChannels(state), ...writable].filter((channel) => mayForward(state, message, channel))
    .filter(found).slice(0, MOST_SHOWN);
}

const placeName = (channel) => {
  const server = store.state.servers.get(channel.server_id);
  return server ? `#${channelName(store.state, channel, t)} · ${server.name}` : channelName(store.state, channel, t);
};
