import { folded } from "../../kernel/folded.js";
import { h } from "../../dom/element.js";
import { send } from "../../server/messages.js";
import { openConversation } from "../../server/servers.js";
import { inChannel, mayForward } from "../../store/permissions.js";
import { channelName, longestMessage, nameOf, othersIn, privateChannels } from "../../store/selectors.js";
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
    choice(places(message, state.query ?? ""), state.query, (place) => to(place)),
  ], { onclose: () => stop() });
  const to = async (place) => {
    if (!places(message, "").some(({ id }) => id === place.id)) return dialog.render();
    const text = dialog.element.querySelector("#forward-comment").value.trim();
    const isThere = await dialog.attempt(async () => {
      const channelID = place.userID ? (await openConversation(place.userID)).id : place.id;
      const forward = { channel_id: message.channel_id, message_id: message.id };
      send(channelID, { text, forward, handedOn: message });
    });
    if (!isThere) return;
    dialog.close();
    notify(t("forward.done", { name: place.shortName }));
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

const choice = (places, query, choose) =>
  places.length > 0
    ? h(
      "ul",
      { class: "people" },
      places.map((place) =>
        h(
          "li",
          { key: place.id },
          h("span", { class: "grow", dir: "auto" }, place.name),
          button(t("send"), () => choose(place), { "aria-label": t("forward.send-to", { name: place.name }) }),
        )
      ),
    )
    : h("p", { class: "soft", role: "status" }, t(query ? "forward.none-found" : "forward.nowhere"));

/** Where a message may go: conversations, friends with whom there is none yet, and channels in which one may write. */
function places(message, query) {
  const { state } = store;
  const own = privateChannels(state);
  const writable = [...state.channels.values()].filter((channel) =>
    channel.server_id && ["text", "announcement", "thread"].includes(channel.channel_type) &&
    inChannel(state, channel).has("messages.send")
  );
  return [
    ...own.filter((channel) => mayForward(state, message, channel)).map(placeOf),
    ...(mayForward(state, message, {}) ? friendsWithout(own) : []),
    ...writable.filter((channel) => mayForward(state, message, channel)).map(placeOf),
  ].filter(({ name }) => folded(name).includes(folded(query))).slice(0, MOST_SHOWN);
}

function friendsWithout(conversations) {
  const { state } = store;
  const known = new Set(
    conversations.filter(({ channel_type }) => channel_type === "dm").map((channel) => othersIn(state, channel)[0]?.id),
  );
  return [...state.relationships.values()].filter(({ status, user_id }) => status === "friend" && !known.has(user_id))
    .map(({ user_id }) => {
      const name = nameOf(state, user_id, null);
      return { id: `friend-${user_id}`, userID: user_id, name, shortName: name };
    });
}

function placeOf(channel) {
  const { state } = store;
  const shortName = channelName(state, channel, t);
  const server = state.servers.get(channel.server_id);
  return { id: channel.id, userID: null, name: server ? `#${shortName} · ${server.name}` : shortName, shortName };
}
