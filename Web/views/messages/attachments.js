// Files of a message. Pictures have their size before they come, so that nothing jumps.

import { h, patch } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { fileSize, playingTime } from "../../texts/time.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { onDemand } from "../common/on-demand.js";
import { blurhashURL } from "./blurhash.js";

const LARGEST_PX = 400;
const TALLEST_PX = 320;
/** A browser unfolds each frame of a GIF to this size, and several at a time. */
const LARGEST_GIF_PIXELS = 2_000_000;

export function renderAttachments(attachments) {
  if (attachments.length === 0) return null;
  const pictures = attachments.filter(isPicture);
  return h(
    "div",
    { class: `attachments${pictures.length > 1 ? " many" : ""}` },
    attachments.map((file) => h("div", { key: file.id, class: "attachment" }, renderOne(file, pictures))),
  );
}

const isPicture = (file) => file.content_type.startsWith("image/") && file.width && file.thumbnails;
const SPOILER = /^SPOILER_/;

function renderOne(file, pictures) {
  const content = isPicture(file)
    ? picture(file, pictures)
    : file.content_type.startsWith("video/")
    ? h(Player, { file, player: film })
    : file.content_type.startsWith("audio/")
    ? h(Player, { file, player: sound })
    : other(file);
  return SPOILER.test(file.filename) ? h(HiddenFile, { content }) : content;
}

/** The size in which a picture or a film is shown in the list. */
function shownSize({ width, height }) {
  const scale = Math.min(1, LARGEST_PX / width, TALLEST_PX / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function picture(file, pictures) {
  const { width, height } = shownSize(file);
  const wanted = Math.max(width, height) * Math.min(2, devicePixelRatio);
  // The thumbnails of what moves do so, too; but a GIF has few colours, and looks best as it is, unless it is a great one.
  const isShownAsItIs = file.content_type === "image/gif" && file.width * file.height <= LARGEST_GIF_PIXELS;
  const thumbnail = isShownAsItIs
    ? null
    : (file.thumbnails.find((item) => item.size >= wanted) ?? file.thumbnails.at(-1));
  const background = file.blurhash ? blurhashURL(file.blurhash) : null;
  return h(
    "button",
    {
      type: "button",
      class: "plain picture",
      "aria-label": t("picture.open", { name: file.filename }),
      onclick: () => onDemand.showPicture(file, pictures),
    },
    h("img", {
      src: thumbnail?.url ?? file.url,
      width,
      height,
      alt: file.filename,
      loading: "lazy",
      decoding: "async",
      onload: (event) => event.target.style.removeProperty("background-image"),
      style: background ? { "background-image": `url("${background}")` } : null,
    }),
  );
}

/** Plays a film or a sound; what the browser can't play is a file to download. */
class Player extends Island {
  constructor(properties) {
    super("div");
    this.update(properties);
  }

  update({ file, player }) {
    const fail = () => {
      this.unplayableURL = file.url;
      this.update({ file, player });
    };
    patch(this.element, this.unplayableURL === file.url ? other(file) : player(file, fail));
  }
}

const film = (file, onerror) =>
  h("video", {
    controls: true,
    preload: "none",
    src: file.url,
    poster: file.thumbnails?.at(-1)?.url ?? null,
    ...(file.width ? shownSize(file) : {}),
    "aria-label": file.filename,
    onerror,
  });

const sound = (file, onerror) =>
  h(
    "div",
    { class: "file" },
    icon("voice"),
    h(
      "span",
      { class: "two-lines" },
      h("bdi", null, file.filename),
      h(
        "span",
        { class: "soft" },
        [file.duration_ms && playingTime(file.duration_ms), fileSize(file.size)].filter(Boolean).join(" · "),
      ),
      h("audio", { controls: true, preload: "none", src: file.url, "aria-label": file.filename, onerror }),
    ),
  );

const other = (file) =>
  h(
    "div",
    { class: "file" },
    icon("file", { size: 28 }),
    h(
      "span",
      { class: "two-lines" },
      h(
        "a",
        { href: file.url, download: file.filename, target: "_blank", rel: "noopener" },
        h("bdi", null, file.filename),
      ),
      h("span", { class: "soft" }, fileSize(file.size)),
    ),
    h("a", {
      class: "icon-button",
      href: file.url,
      download: file.filename,
      target: "_blank",
      rel: "noopener",
      "aria-label": t("file.download", { name: file.filename }),
    }, icon("download")),
  );

/** A file that is hidden until one asks for it. */
class HiddenFile extends Island {
  constructor(properties) {
    super("div");
    this.update(properties);
  }

  update({ content }) {
    this.content = content;
    const show = () => {
      this.isOpen = true;
      this.update({ content: this.content });
    };
    patch(
      this.element,
      h(
        "div",
        { class: `hidden-file${this.isOpen ? " open" : ""}` },
        h("div", { key: "file", inert: !this.isOpen }, content),
        !this.isOpen && h("button", { key: "show", type: "button", class: "button", onclick: show }, t("spoiler.show")),
      ),
    );
  }
}
