import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { avatarOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field } from "../common/controls.js";
import { pictureField } from "./picture.js";
import { Section } from "./window.js";

/** What others see: picture, name, words about oneself. */
export class ProfileSection extends Section {
  topics() {
    return ["me"];
  }

  describe() {
    const { me } = store.state;
    return h(
      "form",
      { onsubmit: (event) => this.#save(event) },
      store.state.capabilities?.avatars !== false &&
        pictureField(this, { url: avatarOf(store.state, me.id), path: "/avatars/users/@me" }),
      field(t("profile.display-name"), {
        id: "display-name",
        value: me.display_name ?? "",
        maxlength: 32,
        hint: t("profile.display-name-hint"),
      }),
      field(t("profile.bio"), { id: "bio", type: "textarea", value: me.bio ?? "", maxlength: 500 }),
      h("button", { class: "button primary", disabled: this.isBusy }, t("save")),
    );
  }

  async pictureChanged() {
    store.apply("USER_UPDATE", await api.get("/users/@me"));
  }

  #save(event) {
    event.preventDefault();
    const value = (id) => event.target.querySelector(`#${id}`).value.trim() || null;
    this.attempt(
      async () =>
        store.apply(
          "USER_UPDATE",
          await api.patch("/users/@me", { display_name: value("display-name"), bio: value("bio") }),
        ),
      t("saved"),
    );
  }
}
