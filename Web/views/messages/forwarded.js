import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { renderMarkdown } from "../../markdown/render.js";
import { channelName } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";
import { icon } from "../common/icons.js";
import { renderAttachments } from "./attachments.js";
import { renderEmbeds } from "./embeds.js";
import { renderStickers } from "./stickers.js";
import { VoicePlayer } from "./voice.js";

/** What somebody has handed on, as it was then. Who said it is told by its place, to those who see that. */
export function renderForwarded({ origin, snapshot }, context) {
  return h(
    "section",
    { class: "forwarded", "aria-label": t("forwarded") },
    h("p", { class: "soft forwarded-head" }, icon("forward", { size: 14 }), t("forwarded"), whence(origin, snapshot)),
    snapshot.content &&
      h(
        "div",
        { class: "message-text" },
        renderMarkdown(snapshot.content, { state: store.state, serverID: context.serverID }),
      ),
    snapshot.voice
      ? h(VoicePlayer, { key: "voice", file: snapshot.attachments[0], voice: snapshot.voice })
      : renderAttachments(snapshot.attachments),
    renderStickers(snapshot.stickers),
    renderEmbeds(snapshot.embeds, context),
  );
}

function whence(origin, snapshot) {
  const channel = store.state.channels.get(origin.channel_id);
  const time = shortMoment(snapshot.created_at * 1000);
  if (!channel) return h("span", null, `· ${time}`);
  const name = channelName(store.state, channel, t);
  const server = store.state.servers.get(channel.server_id);
  return h("button", {
    type: "button",
    class: "plain link",
    dir: "auto",
    onclick: () => navigate(addressOf(channel, origin.message_id)),
  }, [`${server ? "#" : ""}${name}`, server?.name, time].filter(Boolean).join(" · "));
}
