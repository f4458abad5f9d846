import { h } from "../../dom/element.js";
import { api, upload } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button } from "../common/controls.js";

/** A picture that can be changed: of oneself, of a server. `path` is that of the avatars' route. */
export function pictureField(section, { url, path, className = "" }) {
  const types = store.state.capabilities?.avatar_types ?? ["image/jpeg", "image/png", "image/gif", "image/webp"];
  const choose = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const form = new FormData();
    form.append("image", file);
    section.attempt(async () => section.pictureChanged(await upload("POST", path, form)), t("saved"));
  };
  return h(
    "div",
    { class: "row picture-field" },
    avatar(url, { size: 96, className }),
    h(
      "label",
      { class: "button" },
      t("picture.choose"),
      h("input", { type: "file", accept: types.join(","), class: "visually-hidden", onchange: choose }),
    ),
    button(t("picture.remove"), () => section.attempt(async () => section.pictureChanged(await api.delete(path)))),
  );
}
