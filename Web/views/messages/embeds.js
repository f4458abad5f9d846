import { h } from "../../dom/element.js";
import { renderInline, renderLink, renderMarkdown } from "../../markdown/render.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";

const isWeb = (url) => /^https?:\/\//.test(url ?? "");
const isOwn = (url) => /^\/(?!\/)/.test(url ?? "");

/** What bots attach, and what the pages say of themselves that a message links to. */
export function renderEmbeds(embeds, { serverID }) {
  if (embeds.length === 0) return null;
  const context = { state: store.state, serverID };
  return embeds.map((embed, index) =>
    h(
      "div",
      { key: `embed-${index}`, class: "embed", style: embed.color ? { "--embed": embed.color } : null },
      renderEmbed(embed, context),
    )
  );
}

function renderEmbed(embed, context) {
  // A picture of another site would tell that site who reads here, so it is a link that one may follow.
  const shown = (picture) => picture && isOwn(picture.url);
  return [
    shown(embed.thumbnail) &&
    h("img", {
      class: "embed-thumbnail",
      src: embed.thumbnail.url,
      alt: "",
      loading: "lazy",
      referrerpolicy: "no-referrer",
      width: 80,
      height: 80,
    }),
    embed.author && h("p", { class: "embed-author", dir: "auto" }, link(embed.author.url, embed.author.name)),
    embed.title && h("p", { class: "embed-title", dir: "auto" }, link(embed.url, embed.title)),
    embed.description && renderMarkdown(embed.description, context),
    embed.fields.length > 0 &&
    h(
      "dl",
      { class: "embed-fields" },
      embed.fields.map((field, index) =>
        h(
          "div",
          { key: index, class: field.inline ? "inline" : "" },
          h("dt", { dir: "auto" }, renderInline(field.name, context)),
          h("dd", null, renderMarkdown(field.value, context)),
        )
      ),
    ),
    shown(embed.image) &&
    h("img", {
      class: "embed-image",
      src: embed.image.url,
      alt: t("embed.picture"),
      loading: "lazy",
      referrerpolicy: "no-referrer",
    }),
    embed.image && !shown(embed.image) && h("p", null, link(embed.image.url, t("embed.picture"))),
    (embed.footer || embed.timestamp) &&
    h(
      "p",
      { class: "soft", dir: "auto" },
      [embed.footer?.text, embed.timestamp && formatTime(embed.timestamp * 1000, "f")].filter(Boolean).join(" · "),
    ),
  ];
}

/** Words of others that lead somewhere, as in a text. */
const link = (url, text) => (isWeb(url) ? renderLink({ url, children: [{ type: "text", text }] }, text) : text);
