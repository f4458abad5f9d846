// What it means that a call is encrypted, or is not, and the words by which people find out whether somebody is between them.

import { h, patch } from "../../dom/element.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { voicesIn } from "../../store/voices.js";
import { t } from "../../texts/text.js";
import { avatar } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { encryptionText } from "./lock.js";

export function showEncryption() {
  new Dialog(t("encryption.title"), () => h(EncryptionState, { key: "state" }), { className: "encryption" });
}

/** Follows the call while one reads it. */
class EncryptionState extends Island {
  constructor() {
    super("div", "encryption-state");
    this.watch(["call", "voices", "users"], () => this.#render());
    this.#render();
  }

  #render() {
    const { call } = store.state;
    const text = encryptionText();
    patch(
      this.element,
      text ? [h("p", { key: "text" }, h("strong", null, text)), ...meaning(call)] : [t("encryption.over")],
    );
  }
}

function meaning({ channelID, encryption: { status, plain, words } }) {
  if (status === "off") return [paragraph("encryption.off-text"), paragraph("encryption.open-text")];
  if (status === "plain") {
    const isOwn = plain.includes(store.state.me.id);
    return [paragraph("encryption.open-text"), isOwn && paragraph("encryption.own-text"), people(channelID)];
  }
  return [
    paragraph("encryption.on-text"),
    people(channelID),
    h("h3", { key: "title" }, t("encryption.words")),
    words && h("ol", { key: "words", class: "encryption-words", lang: "en" }, words.map((word) => h("li", null, word))),
    paragraph("encryption.compare"),
    paragraph("encryption.differ"),
    paragraph("encryption.limits", "soft"),
  ];
}

const paragraph = (key, className = "") => h("p", { key, class: className }, t(key));

function people(channelID) {
  const server = store.state.channels.get(channelID)?.server_id;
  return h(
    "ul",
    { key: "people", class: "encryption-people", "aria-label": t("encryption.people") },
    voicesIn(store.state, channelID).map(({ user_id, plain }) =>
      h(
        "li",
        { key: user_id },
        avatar(avatarOf(store.state, user_id), { size: 24 }),
        h("span", { dir: "auto" }, nameOf(store.state, user_id, server)),
        plain && h("span", { class: "soft" }, t("call.is-plain")),
      )
    ),
  );
}
