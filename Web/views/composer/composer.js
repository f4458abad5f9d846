// The field below the messages: a text, files, an answer to somebody, emoji, a poll.

import { h, make, patch } from "../../dom/element.js";
import { load } from "../../kernel/parts.js";
import { readDraft, writeDraft } from "../../server/drafts.js";
import { send } from "../../server/messages.js";
import { session } from "../../server/session.js";
import { inChannel } from "../../store/permissions.js";
import { channelName, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { explain, rich, t } from "../../texts/text.js";
import { fileSize } from "../../texts/time.js";
import { iconButton } from "../common/controls.js";
import { notify, showMenu } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { makePoll, pickEmoji, schedule } from "../app/on-demand.js";
import { toStored } from "./mentions.js";
import { TextField } from "./text-field.js";

/** Others hear of one's writing this often at most; it lasts 10 seconds with them. */
const BETWEEN_TYPING_MS = 7000;

export class Composer {
  constructor({ channelID, own, oneditlast, onsent }) {
    Object.assign(this, { channelID, onsent });
    const draft = readDraft(channelID);
    this.replyingTo = draft.replyTo;
    this.files = [];
    this.field = new TextField({
      channelID,
      id: "composer-text",
      label: t("composer.label", { name: this.#placeName() }),
      value: draft.text,
      onsubmit: () => this.send(),
      oninput: (text) => this.#changed(text),
      onup: oneditlast,
      onescape: () => this.#escape(),
      onpaste: (event) => this.#paste(event),
    });
    this.picker = make(
      h("input", {
        type: "file",
        multiple: true,
        class: "visually-hidden",
        tabindex: "-1",
        "aria-hidden": "true",
        onchange: (event) => {
          this.addFiles([...event.target.files]);
          event.target.value = "";
        },
      }),
    );
    this.top = make(h("div", { class: "composer-top" }));
    this.bar = make(h("div", { class: "composer-bar" }));
    this.element = make(h("div", { class: "composer" }));
    this.element.append(this.top, this.bar, this.picker);
    own(this);
    this.stop = [
      store.watch([`draft:${channelID}`], () => this.#restore()),
      store.watch([`channel:${channelID}`, "me"], () => this.render()),
    ];
    this.onStorage = (event) =>
      event.key?.startsWith("aviary.drafts") && document.activeElement !== this.field.input && this.#restore();
    addEventListener("storage", this.onStorage);
    this.render();
    if (matchMedia("(hover: hover)").matches) this.field.focus();
  }

  update() {
    this.render();
  }

  destroy() {
    this.stop.forEach((stop) => stop());
    removeEventListener("storage", this.onStorage);
    for (const file of this.files) this.#forget(file);
    if (this.typingAt) session.gateway?.announceTypingStopped(this.channelID);
  }

  get channel() {
    return store.state.channels.get(this.channelID);
  }

  #placeName() {
    const name = channelName(store.state, store.state.channels.get(this.channelID), t);
    return store.state.channels.get(this.channelID)?.server_id ? `#${name}` : name;
  }

  focus() {
    this.field.focus();
  }

  replyTo(message) {
    this.replyingTo = { id: message.id, author_id: message.author_id, author_username: message.author_username };
    this.#keepDraft();
    this.render();
    this.focus();
  }

  // MARK: Drawing

  render() {
    patch(this.top, [this.#reply(), this.#tray()]);
    const rights = inChannel(store.state, this.channel);
    const slow = this.channel?.slowmode_seconds;
    patch(this.bar, [
      iconButton("add", t("composer.more"), (event) => this.#menu(event.currentTarget, rights)),
      h("div", { key: "field", class: "composer-field", ref: (node) => node.append(this.field.element) }),
      slow > 0 && !rights.has("messages.bypass_slowmode") &&
      h(
        "span",
        { class: "soft slow", title: t("composer.slow", { count: slow }) },
        icon("pause", { size: 16 }),
        h("span", { class: "visually-hidden" }, t("composer.slow", { count: slow })),
      ),
      iconButton(
        "emoji",
        t("emoji.pick"),
        (event) =>
          pickEmoji(event.currentTarget, {
            serverID: this.channel?.server_id,
            onpick: (emoji) => this.field.insert(`${emoji.text} `),
          }),
      ),
      iconButton("send", t("send"), () => this.send(), {
        className: "send",
        disabled: this.files.some((file) => file.isUploading),
      }),
    ]);
  }

  #reply() {
    if (!this.replyingTo) return null;
    const name = nameOf(
      store.state,
      this.replyingTo.author_id,
      this.channel?.server_id,
      this.replyingTo.author_username,
    );
    return h(
      "div",
      { key: "reply", class: "reply-bar" },
      icon("reply", { size: 16 }),
      h("span", { class: "grow" }, rich("composer.replying", { name: h("strong", { dir: "auto" }, name) })),
      iconButton("close", t("cancel"), () => this.#endReply(), { className: "small" }),
    );
  }

  #tray() {
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
        item.error ? h("span", { class: "error", role: "alert" }, explain(item.error)) : h(
          "span",
          { class: "soft" },
          item.isUploading ? t("upload.progress", { share: Math.round(item.share * 100) }) : fileSize(item.file.size),
        ),
      ),
      item.isUploading &&
        h("progress", { max: 1, value: item.share, "aria-label": t("upload.of", { name: item.file.name }) }),
      item.error && iconButton("retry", t("retry"), () => this.#upload(item), { className: "small" }),
      iconButton(item.isSpoiler ? "lock" : "image", t("file.spoiler"), () => this.#toggleSpoiler(item), {
        className: "small",
        pressed: item.isSpoiler,
        disabled: item.isUploading,
      }),
      iconButton("close", t("file.remove", { name: item.file.name }), () => this.#removeFile(item), {
        className: "small",
      }),
    );
  }

  #menu(anchor, rights) {
    showMenu(anchor, [
      rights.has("messages.attach_files") && store.state.capabilities?.uploads !== false &&
      { label: t("composer.upload"), icon: "upload", run: () => this.picker.click() },
      { label: t("poll.make"), icon: "poll", run: () => makePoll(this.channelID) },
      {
        label: t("schedule"),
        icon: "pause",
        run: () =>
          schedule(this.channelID, toStored(this.field.value.trim(), this.channel?.server_id), () => this.#clear()),
      },
    ]);
  }

  // MARK: Writing

  #changed(text) {
    this.#keepDraft();
    if (!text.trim() || text.startsWith("/")) return;
    if (Date.now() - (this.typingAt ?? 0) < BETWEEN_TYPING_MS) return;
    this.typingAt = Date.now();
    session.gateway?.announceTyping(this.channelID);
  }

  #keepDraft() {
    writeDraft(this.channelID, { text: this.field.value, replyTo: this.replyingTo ?? null });
  }

  #restore() {
    const draft = readDraft(this.channelID);
    this.replyingTo = draft.replyTo;
    if (this.field.value !== draft.text) this.field.value = draft.text;
    this.render();
  }

  #escape() {
    if (this.replyingTo) this.#endReply();
    else this.onsent();
  }

  #endReply() {
    this.replyingTo = null;
    this.#keepDraft();
    this.render();
    this.focus();
  }

  send() {
    const limit = store.state.capabilities?.max_message_length ?? 4000;
    const content = toStored(this.field.value.trim(), this.channel?.server_id);
    if (this.files.some((item) => item.isUploading)) return notify(t("composer.uploading"));
    const attachments = this.files.filter((item) => item.attachment).map((item) => item.attachment);
    if (!content && attachments.length === 0) return;
    if ([...content].length > limit) {
      return notify(t("composer.too-long", { count: [...content].length, limit }), { kind: "error" });
    }
    send(this.channelID, {
      content,
      reply_to_id: this.replyingTo?.id ?? null,
      reply_to: this.replyingTo ?? null,
      attachments,
    });
    this.#clear();
    this.onsent();
  }

  #clear() {
    for (const item of this.files) if (item.preview) URL.revokeObjectURL(item.preview);
    Object.assign(this, { files: [], replyingTo: null, typingAt: 0 });
    this.field.value = "";
    this.#keepDraft();
    this.render();
  }

  // MARK: Files

  #paste(event) {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    this.addFiles(files);
  }

  addFiles(files) {
    const room = (store.state.capabilities?.max_attachments ?? 10) - this.files.length;
    if (files.length > room) notify(t("composer.too-many", { count: room + this.files.length }), { kind: "error" });
    for (const file of files.slice(0, Math.max(0, room))) {
      const item = {
        key: crypto.randomUUID(),
        file,
        share: 0,
        preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : null,
      };
      this.files.push(item);
      this.#upload(item);
    }
    this.focus();
  }

  async #upload(item) {
    Object.assign(item, { isUploading: true, error: null, attachment: null, share: 0, control: new AbortController() });
    this.render();
    try {
      const { uploadFile } = await load(() => import("../../server/uploads.js"));
      const name = (item.isSpoiler ? "SPOILER_" : "") + item.file.name;
      item.attachment = await uploadFile(item.file, this.channelID, {
        name,
        signal: item.control.signal,
        onProgress: (share) => {
          item.share = share;
          this.render();
        },
      });
    } catch (error) {
      if (error.name === "AbortError") return;
      item.error = error;
    }
    item.isUploading = false;
    this.render();
  }

  /** A file's name says that it is to be hidden, so it is uploaded again under the other name. */
  #toggleSpoiler(item) {
    item.isSpoiler = !item.isSpoiler;
    this.#upload(item);
  }

  #removeFile(item) {
    this.#forget(item);
    this.files = this.files.filter((other) => other !== item);
    this.render();
    this.focus();
  }

  #forget(item) {
    item.control?.abort();
    if (item.preview) URL.revokeObjectURL(item.preview);
  }
}
