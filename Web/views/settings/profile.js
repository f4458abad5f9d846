import { api } from "../../server/api.js";
import { avatarOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field } from "../common/controls.js";
import { FormSection } from "./form.js";
import { pictureField, savePicture } from "./picture.js";

/** What others see: picture, name, words about oneself. */
export class ProfileSection extends FormSection {
  topics() {
    return ["me"];
  }

  values() {
    const { display_name, bio } = store.state.me;
    return { display_name, bio };
  }

  fields() {
    const { state } = store;
    return [
      state.capabilities?.avatars !== false && pictureField(this, avatarOf(state, state.me.id)),
      field(t("profile.display-name"), {
        id: "display-name",
        ...this.text("display_name"),
        maxlength: 32,
        hint: t("profile.display-name-hint"),
      }),
      field(t("profile.bio"), { id: "bio", type: "textarea", ...this.text("bio"), maxlength: 500 }),
    ];
  }

  async save({ display_name, bio }, { picture }) {
    if (picture) await savePicture("/avatars/users/@me", picture);
    await api.patch("/users/@me", { display_name: display_name?.trim() || null, bio: bio?.trim() || null });
    store.apply("USER_UPDATE", await api.get("/users/@me"));
  }
}
