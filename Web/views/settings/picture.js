import { h } from "../../dom/element.js";
import { api, upload } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button } from "../common/controls.js";

const REMOVED = "removed";

/**
 * A picture that can be changed, as a field of a form.
 * @param {string|null} url of the one that is there.
 * @param {(url: string|null) => any} show describes the picture with what is chosen.
 */
export function pictureField(section, url, show, { name = "picture", label = t("picture.choose") } = {}) {
  const types = store.state.capabilities?.avatar_types ?? ["image/jpeg", "image/png", "image/gif", "image/webp"];
  const change = section.changes[name];
  const shown = change === REMOVED ? null : change ? previewOf(name, change) : url;
  const choose = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) section.change({ [name]: file });
  };
  return h(
    "div",
    { key: name, class: "row picture-field" },
    show(shown),
    h(
      "label",
      { class: "button" },
      label,
      h("input", { type: "file", accept: types.join(","), class: "visually-hidden", onchange: choose }),
    ),
    shown && button(t("picture.remove"), () => section.change({ [name]: url ? REMOVED : undefined })),
  );
}

/** A picture of a person or a server. */
export const avatarField = (section, picture, { className = "" } = {}) =>
  pictureField(section, picture.url, (url) => avatar({ ...picture, url }, { size: 96, className }));

/** Saves what was chosen; `path` is that of the picture's route. */
export function savePicture(path, change) {
  if (change === REMOVED) return api.delete(path);
  const form = new FormData();
  form.append("image", change);
  return upload("POST", path, form);
}

const previews = new Map();

function previewOf(name, file) {
  const preview = previews.get(name);
  if (preview?.file === file) return preview.url;
  if (preview) URL.revokeObjectURL(preview.url);
  const url = URL.createObjectURL(file);
  previews.set(name, { file, url });
  return url;
}
