// Files of a message. Pictures have their size before they come, so that nothing jumps.

import { h, patch } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { fileSize } from "../../texts/time.js";
import { icon } from "../common/icons.js";
import { showPicture } from "../app/on-demand.js";
import { blurhashURL } from "./blurhash.js";

const LARGEST_PX = 400;
const TALLEST_PX = 320;

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
    ? film(file)
    : file.content_type.startsWith("audio/")
    ? sound(file)
    : other(file);
  return SPOILER.test(file.filename) ? h(HiddenFile, { content }) : content;
}

function picture(file, pictures) {
  const scale = Math.min(1, LARGEST_PX / file.width, TALLEST_PX / file.height);
  const [width, height] = [Math.max(1, Math.round(file.width * scale)), Math.max(1, Math.round(file.height * scale))];
  const wanted = Math.max(width, height) * Math.min(2, devicePixelRatio);
  // A picture that moves is shown as it is; its thumbnails stand still.
  const isMoving = file.content_type === "image/gif";
  const thumbnail = isMoving ? null : (file.thumbnails.find((item) => item.size >= wanted) ?? file.thumbnails.at(-1));
  const background = file.blurhash ? blurhashURL(file.blurhash) : null;
  return h(
    "button",
    {
      type: "button",
      class: "plain picture",
      "aria-label": t("picture.open", { name: file.filename }),
      onclick: () => showPicture(file, pictures),
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

const film = (file) =>
  h("video", {
    controls: true,
    preload: "none",
    src: file.url,
    poster: file.thumbnails?.at(-1)?.url ?? null,
    width: file.width ? Math.min(LARGEST_PX, file.width) : null,
    "aria-label": file.filename,
  });

const sound = (file) =>
  h(
    "div",
    { class: "file" },
    icon("voice"),
    h(
      "span",
      { class: "two-lines" },
      h("span", null, file.filename),
      h("audio", { controls: true, preload: "none", src: file.url, "aria-label": file.filename }),
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
class HiddenFile {
  constructor(properties) {
    this.element = document.createElement("div");
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
