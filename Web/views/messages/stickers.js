import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { StillPicture } from "../common/still-picture.js";

/** The stickers of a message; one that is deleted is a name. */
export function renderStickers(stickers) {
  if (!stickers?.length) return null;
  return h(
    "div",
    { class: "stickers" },
    stickers.map(({ id, name, url }) =>
      url
        ? h(StillPicture, { key: id, url, name, className: "sticker" })
        : h("span", { key: id, class: "soft sticker-gone", dir: "auto" }, t("sticker.gone", { name }))
    ),
  );
}
