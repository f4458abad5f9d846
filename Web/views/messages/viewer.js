import { h } from "../../dom/element.js";
import { alongLine } from "../../dom/keys.js";
import { t } from "../../texts/text.js";
import { fileSize } from "../../texts/time.js";
import { iconButton } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

/** A picture as large as the page; the arrows go through the others of the message. */
export function showPicture(file, pictures) {
  let index = pictures.indexOf(file);
  const go = (step) => {
    index = (index + step + pictures.length) % pictures.length;
    dialog.title = pictures[index].filename;
    dialog.render();
  };
  const dialog = new Dialog(
    file.filename,
    () => {
      const shown = pictures[index];
      return [
        h(
          "div",
          { class: "viewer-picture" },
          h("img", { key: shown.id, src: shown.url, alt: shown.filename, width: shown.width, height: shown.height }),
        ),
        h(
          "footer",
          null,
          h("span", { class: "soft" }, `${shown.width} × ${shown.height}, ${fileSize(shown.size)}`),
          pictures.length > 1 &&
            [
              iconButton("back", t("previous"), () => go(-1)),
              h("span", null, `${index + 1} / ${pictures.length}`),
              iconButton("forward", t("next"), () => go(1)),
            ],
          h("a", { class: "button", href: shown.url, target: "_blank", rel: "noopener" }, t("picture.original")),
        ),
      ];
    },
    { className: "viewer" },
  );
  dialog.element.addEventListener("keydown", (event) => {
    const step = alongLine(event, dialog.element);
    if (step) go(step);
  });
}
