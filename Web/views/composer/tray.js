import { h } from "../../dom/element.js";
import {
  add,
  adopt,
  again,
  draftKeys,
  filesOf,
  followDraft,
  forget,
  give,
  toggleSpoiler,
} from "../../server/uploads.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { fileSize } from "../../texts/time.js";
import { iconButton } from "../common/controls.js";
import { notify } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { explainUpload } from "./explain-upload.js";

/** The files of the message that is being written, above the field. */
class Tray {
  /** @param {() => void} onchange called when a file comes or goes. */
  constructor(channelID, onchange) {
    this.channelID = channelID;
    this.onchange = onchange;
    this.isHoldingBack = false;
  }

  get files() {
    return filesOf(this.channelID);
  }

  get keys() {
    return this.files.map((item) => item.key);
  }

  /** The keys of all files of a draft, also those that other tabs have. */
  keysOf(draft) {
    return draftKeys(this.channelID, draft.files);
  }

  /** Another tab has changed the draft. */
  follow(draft) {
    followDraft(this.channelID, draft.files);
  }

  add(files) {
    const most = store.state.capabilities?.max_attachments ?? 10;
    const room = Math.max(0, most - this.files.length);
    if (files.length > room) notify(t("composer.too-many", { count: most }), { kind: "error" });
    for (const file of files.slice(0, room)) add(this.channelID, file);
    this.#changed();
  }

  /** Whether a failed file keeps the message from being sent; the file then says so. */
  holdsBack() {
    this.isHoldingBack = this.files.some((item) => item.error);
    return this.isHoldingBack;
  }

  giveTo(keys, nonce) {
    give(keys, nonce);
    this.isHoldingBack = false;
  }

  describe() {
    if (this.files.length === 0) return null;
    return h(
      "ul",
      { key: "tray", class: "tray", "aria-label": t("composer.files") },
      this.files.map((item) => this.#file(item)),
    );
  }

  #file(item) {
    return h(
      "li",
      { key: item.key, class: `tray-file${item.error ? " failed" : ""}` },
      item.preview ? h("img", { src: item.preview, alt: "" }) : icon("file", { size: 32 }),
      h(
        "span",
        { class: "two-lines" },
        h("bdi", null, item.file.name),
        item.error
          ? h("span", { key: "error", class: "error", role: "alert" }, explainUpload(item.error))
          : h("span", { key: "state", class: "soft" }, stateOf(item)),
        item.error && this.isHoldingBack &&
          h("span", { key: "holding", class: "error", role: "alert" }, t("composer.failed")),
      ),
      item.isUploading &&
        h("progress", { max: 1, value: item.share, "aria-label": t("upload.of", { name: item.file.name }) }),
      item.error?.isTemporary && iconButton("retry", t("retry"), () => again(item.key), { className: "small" }),
      !item.error && iconButton(item.isSpoiler ? "lock" : "image", t("file.spoiler"), () => toggleSpoiler(item.key), {
        className: "small",
        pressed: item.isSpoiler,
        disabled: item.isUploading,
      }),
      iconButton("close", t("file.remove", { name: item.file.name }), () => this.#remove(item), { className: "small" }),
    );
  }

  #remove(item) {
    forget(item.key);
    this.#changed();
  }

  #changed() {
    this.isHoldingBack = false;
    this.onchange();
  }
}

const stateOf = (item) =>
  item.isUploading ? t("upload.progress", { share: Math.round(item.share * 100) }) : fileSize(item.file.size);

/** The tray of a channel, with the files that a draft has and no other tab. */
export async function openTray(channelID, keys, onchange) {
  await adopt(keys);
  return new Tray(channelID, onchange);
}
