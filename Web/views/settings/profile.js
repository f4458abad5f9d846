import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { avatarOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, select } from "../common/controls.js";
import { FormSection } from "./form.js";
import { avatarField, pictureField, savePicture } from "./picture.js";

const CIRCLES = ["everyone", "contacts", "friends", "nobody"];
const LONGEST = { bio: 1000, display_name: 32, location: 100, pronouns: 40 };
const MOST_LINKS = 10;

/** What others see: pictures, name, words about oneself, and who sees which of it. */
export class ProfileSection extends FormSection {
  events = { USER_UPDATE: (user) => user.id === store.state.me.id && this.reload() };

  get hasModule() {
    return store.state.capabilities?.profiles !== false;
  }

  async load() {
    const { id } = store.state.me;
    if (this.hasModule) this.state.profile = await api.get(`/users/${id}/profile`);
  }

  topics() {
    return ["me"];
  }

  values() {
    const { display_name, bio } = store.state.me;
    if (!this.hasModule) return { display_name, bio };
    const { pronouns, location, timezone, accent_color, social_links, visibility } = this.state.profile;
    return { display_name, bio, pronouns, location, timezone, accent_color, social_links, visibility };
  }

  fields(draft) {
    const { capabilities, me } = store.state;
    return [
      capabilities?.avatars !== false && avatarField(this, avatarOf(store.state, me.id)),
      this.#line("display_name", t("profile.display-name-hint")),
      this.#described("bio", field(t("profile.bio"), { ...this.#own("bio"), type: "textarea" }), draft),
      this.hasModule && this.#more(draft),
    ];
  }

  #more(draft) {
    return [
      h("h2", { key: "more" }, t("profile.more")),
      store.state.capabilities?.avatars !== false &&
      pictureField(this, this.state.profile.banner_url, banner, { name: "banner", label: t("profile.choose-banner") }),
      this.#described("pronouns", this.#line("pronouns"), draft),
      this.#described("location", this.#line("location"), draft),
      this.#described("timezone", this.#timezone(draft), draft),
      this.#described("accent_color", this.#color(draft), draft),
      this.#described("social_links", this.#links(draft), draft),
    ];
  }

  #own(name) {
    return { id: `profile-${name}`, ...this.text(name), maxlength: LONGEST[name] };
  }

  #line(name, hint = null) {
    return field(t(`profile.${name}`), { ...this.#own(name), hint });
  }

  /** A field with the choice of who sees it beside it. */
  #described(name, content, draft) {
    if (!this.hasModule) return content;
    return h(
      "div",
      { key: name, class: "seen-by" },
      content,
      select(t("profile.seen-by"), {
        id: `profile-${name}-circle`,
        "aria-label": t("profile.seen-by-of", { name: t(`profile.${name}`) }),
        value: draft.visibility[name],
        options: CIRCLES.map((circle) => [circle, t(`circle.${circle}`)]),
        onchange: (circle) => this.change({ visibility: { ...this.draft.visibility, [name]: circle } }),
      }),
    );
  }

  #timezone({ timezone }) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const all = [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", own, timezone])].filter(Boolean).sort();
    return select(t("profile.timezone"), {
      id: "profile-timezone",
      value: timezone ?? "",
      options: [["", t("profile.no-timezone")], ...all.map((name) => [name, name.replaceAll("_", " ")])],
      onchange: (name) => this.change({ timezone: name || null }),
    });
  }

  #color({ accent_color }) {
    return h(
      "div",
      { class: "field" },
      h("label", { for: "profile-accent" }, t("profile.accent_color")),
      h(
        "div",
        { class: "row" },
        h("input", {
          id: "profile-accent",
          type: "color",
          value: accent_color ?? "#5865f2",
          oninput: (event) => this.change({ accent_color: event.target.value }),
        }),
        accent_color && button(t("picture.remove"), () => this.change({ accent_color: null }), {
          "aria-label": t("profile.no-color"),
        }),
      ),
    );
  }

  #links({ social_links: links }) {
    const set = (index, values) =>
      this.change({ social_links: links.map((link, at) => (at === index ? { ...link, ...values } : link)) });
    return h(
      "fieldset",
      { class: "field links" },
      h("legend", null, t("profile.social_links")),
      links.map((link, index) =>
        h(
          "div",
          { key: String(index), class: "row" },
          h("input", {
            "aria-label": t("profile.link-name", { number: index + 1 }),
            placeholder: t("name"),
            value: link.name,
            maxlength: 30,
            required: true,
            oninput: (event) => set(index, { name: event.target.value }),
          }),
          h("input", {
            type: "url",
            class: "grow",
            "aria-label": t("profile.link-url", { number: index + 1 }),
            placeholder: "https://",
            value: link.url,
            maxlength: 300,
            required: true,
            oninput: (event) => set(index, { url: event.target.value }),
          }),
          iconButton("close", t("profile.remove-link", { number: index + 1 }), () =>
            this.change({
              social_links: links.filter((_, at) => at !== index),
            })),
        )
      ),
      links.length < MOST_LINKS &&
        button(t("profile.add-link"), () => this.change({ social_links: [...links, { name: "", url: "" }] })),
    );
  }

  async save(draft, { picture, banner, visibility, ...changes }) {
    if (picture) await savePicture("/avatars/users/@me", picture);
    if (banner) await savePicture("/users/@me/banner", banner);
    const trimmed = (value) => (typeof value === "string" ? value.trim() || null : value);
    const sent = Object.fromEntries(Object.keys(changes).map((name) => [name, trimmed(draft[name])]));
    if (visibility) sent.visibility = visibility;
    // The account itself may be changed less often than what one says of oneself.
    const isOfAccount = "display_name" in sent || !this.hasModule;
    if (Object.keys(sent).length > 0) await api.patch(isOfAccount ? "/users/@me" : "/users/@me/profile", sent);
    store.apply("USER_UPDATE", await api.get("/users/@me"));
    await this.load();
  }
}

/** The banner as it stands above a profile; an empty one shows its shape. */
function banner(url) {
  return h(
    "span",
    { class: "banner" },
    url && h("img", { src: url.startsWith("/") ? `${url}&size=600` : url, alt: "", referrerpolicy: "no-referrer" }),
  );
}
