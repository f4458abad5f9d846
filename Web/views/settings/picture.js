import { h } from "../../dom/element.js";
import { api, upload } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button } from "../common/controls.js";

const REMOVED = "removed";

/**
 * A picture that can be changed, of oneself or of a server, as the field `picture` of a form.
 * @param {object} picture what `avatar` shows.
 */
export function pictureField(section, picture, { className = "" } = {}) {
  const types = store.state.capabilities?.avatar_types ?? ["image/jpeg", "image/png", "image/gif", "image/webp"];
  const { picture: change } = section.changes;
  const url = change === REMOVED ? null : change ? previewOf(change) : picture.url;
  const choose = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) section.change({ picture: file });
  };
  return h(
    "div",
    { class: "row picture-field" },
    avatar({ ...picture, url }, { size: 96, className }),
    h(
      "label",
      { class: "button" },
      t("picture.choose"),
      h("input", { type: "file", accept: types.join(","), class: "visually-hidden", onchange: choose }),
    ),
    url && button(t("picture.remove"), () => section.change({ picture: picture.url ? REMOVED : undefined })),
  );
}

/** Saves what was chosen; `path` is that of the avatars' route. */
export function savePicture(path, change) {
  if (change === REMOVED) return api.delete(path);
  const form = new FormData();
  form.append("image", change);
  return upload("POST", path, form);
}

let preview = null;

function previewOf(file) {
  if (preview?.file !== file) {
    if (preview) URL.revokeObjectURL(preview.url);
    preview = { file, url: URL.createObjectURL(file) };
  }
  return preview.url;
}
