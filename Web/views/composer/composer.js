// The field below the messages: a text, files, an answer to somebody, emoji, a poll.

import { h, make, patch } from "../../dom/element.js";
import { isElsewhere, takesText } from "../../dom/focus.js";
import { readDraft, resumeDraft, returnToDraft, writeDraft } from "../../server/drafts.js";
import { send } from "../../server/messages.js";
import { session } from "../../server/session.js";
import { deletedBy } from "../../store/message-list.js";
import { inChannel } from "../../store/permissions.js";
import { channelName, longestMessage } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { rich, t } from "../../texts/text.js";
import { button, iconButton } from "../common/controls.js";
import { attempt, notify, showMenu } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { onDemand } from "../common/on-demand.js";
import { authorText } from "../common/message-text.js";
import { toStored } from "./mentions.js";
import { hasCells, pastesText } from "./paste.js";
import { recordingType } from "./recording-type.js";
import { pastedText, TextField } from "./text-field.js";

/** Others hear of one's writing this often at most; it lasts 10 seconds with them. */
const BETWEEN_TYPING_MS = 7000;
/** Whoever empties the field and begins anew is not heard more often than this. */
const AFTER_STOPPING_MS = 2000;

export class Composer extends Island {
  constructor({ channelID, own, oneditlast, onsent }) {
    super("div", "composer");
    Object.assign(this, { channelID, onsent, isTyping: false, typingAt: -Infinity, arriving: null, departing: [] });
    this.poll = null;
    const draft = resumeDraft(channelID);
    this.replyingTo = draft.replyTo;
    this.tray = null;
    this.field = this.own(
      new TextField({
        channelID,
        id: "composer-text",
        label: t("composer.label", { name: this.#placeName() }),
        value: draft.text,
        onsubmit: () => this.send(),
        oninput: (text) => this.#changed(text),
        // What was sent a moment ago is the last message, also where it is not queued yet.
        onup: () => Promise.allSettled([this.arriving]).then(oneditlast),
        onescape: () => this.#escape(),
        onpaste: (event) => this.#paste(event),
      }),
    );
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
    this.element.append(this.top, this.bar, this.picker);
    own(this);
    this.watch([`draft:${channelID}`], () => this.#restore());
    this.watch([`channel:${channelID}`, `files:${channelID}`, "me", "users", "capabilities"], () => this.render());
    // Another window has gone on with the draft, or has sent it: from here it can't be sent once more.
    this.listen(globalThis, "storage", ({ key }) => key?.startsWith("aviary.drafts") && this.#restoreText());
    this.hear((name, data) => this.#endGoneReply(deletedBy(name, data)));
    this.listen(document, "paste", (event) => this.#pasteBeside(event));
    this.render();
    if (draft.files.length > 0) this.#await(this.#openTray());
    if (draft.poll) this.#await(this.#openPoll(draft.poll));
  }

  update() {
    this.render();
  }

  destroy() {
    super.destroy();
    if (this.departing.length > 0) writeDraft(this.channelID, { ...readDraft(this.channelID), departing: [] });
    this.#stopTyping();
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

  /** Whether an element is the field for the text, and nothing is written in it. */
  isEmptyField(element) {
    return element === this.field.input && this.field.value === "";
  }

  replyTo(message) {
    const { id, author_id, author_username, webhook_id } = message;
    this.replyingTo = { id, author_id, author_username, webhook_id };
    this.replyingTo.content = message.content;
    this.#keepDraft();
    this.render();
    this.focus();
  }

  // MARK: Drawing

  render() {
    this.field.call(t("composer.label", { name: this.#placeName() }));
    patch(this.top, [this.#reply(), this.#offer(), this.tray?.describe(), this.poll?.describe()]);
    const rights = inChannel(store.state, this.channel);
    const slow = this.channel?.slowmode_seconds;
    if (this.recorder) {
      return patch(
        this.bar,
        h("div", {
          key: "recorder",
          class: "recorder-place",
          ref: (node) => node.append(this.recorder.element),
        }),
      );
    }
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
      rights.has("messages.send") && store.state.capabilities?.stickers &&
      iconButton("sticker", t("sticker.pick"), (event) =>
        onDemand.pickSticker(event.currentTarget, {
          channel: this.channel,
          words: this.field.value,
          onpick: (sticker) => this.#sendSticker(sticker),
        }), { className: "only-wide" }),
      this.#mayRecord(rights) && iconButton("mic", t("voice.record"), () => this.#record()),
      iconButton(
        "emoji",
        t("emoji.pick"),
        (event) =>
          onDemand.pickEmoji(event.currentTarget, {
            serverID: this.channel?.server_id,
            onpick: (emoji) => this.field.insert(`${emoji.text} `),
          }),
      ),
      // The field keeps the focus: on a touch screen its keys would go with each message.
      iconButton("send", t("send"), () => this.send(), {
        className: "send",
        onpointerdown: (event) => event.preventDefault(),
      }),
    ]);
  }

  #reply() {
    if (!this.replyingTo) return null;
    const name = authorText(this.replyingTo, this.channel?.server_id);
    return h(
      "div",
      { key: "reply", class: "reply-bar" },
      icon("reply", { size: 16 }),
      h("span", { class: "grow" }, rich("composer.replying", { name: h("strong", { dir: "auto" }, name) })),
      iconButton("close", t("cancel"), () => this.#endReply(), { className: "small" }),
    );
  }

  /** Cells of a spreadsheet come as text, and can be set as a table. */
  #offer() {
    if (!this.cells || !this.field.value.includes(this.cells)) return null;
    return h(
      "div",
      { key: "offer", class: "reply-bar" },
      icon("note", { size: 16 }),
      button(t("composer.as-table"), () => this.#setAsTable(), { kind: "link" }),
    );
  }

  async #setAsTable() {
    const table = await onDemand.tableOf(this.cells);
    if (!table) return;
    this.field.replace(this.cells, table);
    this.cells = null;
    this.render();
  }

  #mayRecord(rights) {
    return rights.has("messages.send_voice") && rights.has("messages.attach_files") &&
      store.state.capabilities?.voice_messages && recordingType() !== undefined;
  }

  /** In place of the field until it is sent or let go of. */
  async #record() {
    const recorder = await onDemand.recordVoice({
      channelID: this.channelID,
      replyTo: this.replyingTo,
      onsent: () => {
        this.#replyToNone();
        this.onsent();
      },
      onend: () => {
        this.recorder = null;
        this.render();
        this.focus();
      },
    });
    if (!recorder || this.isOver) return recorder?.destroy();
    this.recorder = this.own(recorder);
    this.render();
    recorder.begin();
  }

  // MARK: A poll

  /** It leaves with the words that stand in the field. */
  async #askPoll() {
    if (!this.poll) await this.#openPoll(null);
    this.poll?.focus();
  }

  async #openPoll(written) {
    this.poll = (await onDemand.draftPoll(written, {
      serverID: this.channel?.server_id,
      onchange: () => {
        this.#keepDraft();
        this.render();
      },
      onsend: () => this.send(),
      onleave: () => this.focus(),
      onclose: () => {
        this.#dropPoll();
        this.focus();
      },
    })) ?? null;
    this.#keepDraft();
    this.render();
  }

  #dropPoll() {
    this.poll = null;
    this.#keepDraft();
    this.render();
  }

  /** As another window has left it. */
  #followPoll(written) {
    if (!written) this.poll = null;
    else if (JSON.stringify(written) !== JSON.stringify(this.poll?.state)) this.#await(this.#openPoll(written));
  }

  #sendSticker(sticker) {
    send(this.channelID, {
      text: "",
      stickers: [sticker],
      reply_to_id: this.replyingTo?.id ?? null,
      reply_to: this.replyingTo,
    });
    if (this.replyingTo) this.#replyToNone();
    this.onsent();
  }

  #menu(anchor, rights) {
    showMenu(anchor, [
      rights.has("messages.attach_files") && store.state.capabilities?.uploads !== false &&
      { label: t("composer.upload"), icon: "upload", run: () => this.picker.click() },
      rights.has("polls.create") &&
      { label: t("poll.make"), icon: "poll", run: () => this.#askPoll() },
      store.state.capabilities?.stickers &&
      {
        label: t("sticker.pick"),
        icon: "sticker",
        run: () =>
          onDemand.pickSticker(this.element, {
            channel: this.channel,
            words: this.field.value,
            onpick: (sticker) => this.#sendSticker(sticker),
          }),
      },
      {
        label: t("schedule"),
        icon: "pause",
        run: () =>
          onDemand.schedule(this.channelID, () => this.field.value.trim(), () => {
            this.#stopTyping();
            this.#clear();
          }),
      },
    ]);
  }

  // MARK: Writing

  #changed(text) {
    this.#keepDraft();
    if (this.cells) this.render();
    if (!text.trim() || text.startsWith("/")) return this.#stopTyping();
    if (performance.now() - this.typingAt < (this.isTyping ? BETWEEN_TYPING_MS : AFTER_STOPPING_MS)) return;
    Object.assign(this, { isTyping: true, typingAt: performance.now() });
    session.gateway?.announceTyping(this.channelID);
  }

  #stopTyping() {
    if (!this.isTyping) return;
    this.isTyping = false;
    session.gateway?.announceTypingStopped(this.channelID);
  }

  #keepDraft() {
    const draft = readDraft(this.channelID);
    // Another field goes on with the draft by now.
    if (this.isOver) return writeDraft(this.channelID, { ...draft, files: this.tray?.keysOf(draft) ?? draft.files });
    const files = this.tray?.keysOf(draft) ?? draft.files;
    const { departing } = this;
    const poll = this.poll?.written ?? null;
    writeDraft(this.channelID, { text: this.field.value, replyTo: this.replyingTo ?? null, files, departing, poll });
  }

  /** A message was taken back, or what one changed of another is here now. Who writes elsewhere goes on there. */
  #restore() {
    if (readDraft(this.channelID).files.length > 0) this.#await(this.#openTray());
    this.#restoreText();
    const focused = document.activeElement;
    if (this.element.contains(focused) || !takesText(focused)) this.focus();
  }

  /** Files that another window has begun stay with it. */
  #restoreText() {
    const draft = readDraft(this.channelID);
    this.tray?.follow(draft);
    this.#followPoll(draft.poll);
    this.replyingTo = draft.replyTo;
    if (this.field.value !== draft.text) this.field.value = draft.text;
    this.render();
  }

  #escape() {
    if (this.replyingTo) this.#endReply();
    else this.onsent();
  }

  #endReply() {
    this.#replyToNone();
    this.focus();
  }

  #replyToNone() {
    this.replyingTo = null;
    this.#keepDraft();
    this.render();
  }

  /** What is written stays, and answers nothing any more. */
  #endGoneReply(messageIDs) {
    if (!messageIDs.includes(this.replyingTo?.id)) return;
    this.#replyToNone();
    notify(t("composer.reply-gone"));
  }

  /** What is written leaves; its files may still be on their way. */
  send() {
    // What is written stays for the next login.
    if (session.isEnding) return;
    const text = this.field.value.trim();
    const length = [...toStored(text, this.channel?.server_id)].length;
    const limit = longestMessage(store.state);
    if (this.tray?.holdsBack()) return this.render();
    if (this.poll?.holdsBack()) return;
    if (!text && !this.hasFiles && !this.poll) return;
    if (length > limit) return notify(t("composer.too-long", { count: length, limit }), { kind: "error" });
    const draft = { text, replyTo: this.replyingTo ?? null, poll: this.poll?.poll ?? null };
    this.departing.push(draft);
    this.#clear();
    if (this.arriving) this.arriving.then(() => this.#depart(draft));
    else this.#depart(draft);
    this.onsent();
  }

  get hasFiles() {
    return this.tray ? this.tray.keys.length > 0 : Boolean(this.opening);
  }

  /** What can't be queued is not lost. */
  #depart(draft) {
    this.departing = this.departing.filter((other) => other !== draft);
    try {
      this.#queue(draft);
    } catch {
      this.#keepDraft();
      returnToDraft(this.channelID, draft);
      notify(t("composer.not-sent"), { kind: "error" });
    }
  }

  #queue({ text, replyTo, poll }) {
    const files = this.tray?.keys ?? [];
    if (text || files.length > 0 || poll) {
      const nonce = send(this.channelID, { text, reply_to_id: replyTo?.id ?? null, reply_to: replyTo, files, poll });
      this.tray?.giveTo(files, nonce);
    }
    this.#keepDraft();
  }

  #clear() {
    // Others know by the message itself that nobody writes it any more.
    Object.assign(this, { replyingTo: null, cells: null, poll: null, isTyping: false, typingAt: -Infinity });
    this.field.value = "";
    this.#keepDraft();
    this.render();
  }

  // MARK: Files

  /** What is pasted beside the field goes there, as what is typed does. */
  #pasteBeside(event) {
    if (event.defaultPrevented || isElsewhere(event.target)) return;
    this.#paste(event);
    if (event.defaultPrevented) return;
    event.preventDefault();
    this.field.insert(pastedText(event));
  }

  #paste(event) {
    const files = [...event.clipboardData.files];
    const text = pastedText(event);
    if (files.length === 0 || pastesText(text, files)) {
      this.cells = text.length <= longestMessage(store.state) && hasCells(text) ? text : null;
      return;
    }
    event.preventDefault();
    this.addFiles(files);
  }

  /** What is sent meanwhile waits for the tray, which is loaded with the first file. */
  addFiles(files) {
    this.#await(attempt(() => this.#add(files)));
  }

  #await(work) {
    const arriving = Promise.allSettled([this.arriving, work]).then(() => {
      if (this.arriving === arriving) this.arriving = null;
    });
    this.arriving = arriving;
  }

  async #add(files) {
    await this.#openTray();
    this.tray?.add(files);
  }

  async #openTray() {
    this.opening ??= onDemand.openTray(this.channelID, readDraft(this.channelID).files, () => this.#filesChanged());
    this.tray = (await this.opening) ?? null;
    if (!this.tray) this.opening = null;
    this.render();
  }

  #filesChanged() {
    this.#keepDraft();
    this.focus();
  }
}
