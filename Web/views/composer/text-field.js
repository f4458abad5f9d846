// A field for messages: it grows with the text, and completes @people, #channels and :emoji:.

import { folded } from "../../kernel/folded.js";
import { load } from "../../kernel/parts.js";
import { h, make, patch } from "../../dom/element.js";
import { insertText, pasteLines, setText } from "../../dom/insert-text.js";
import { keyOf, letterOf } from "../../dom/keys.js";
import { customEmoji } from "../../markdown/custom-emoji.js";
import { inChannel } from "../../store/permissions.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { readSetting, sendsWithEnter } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { requestMembers } from "../../server/servers.js";
import { completionAt } from "./completion.js";
import { toggleFormat } from "./formatting.js";
import { emojiText, roleText } from "./mentions.js";

export const pastedText = (event) => event.clipboardData.getData("text/plain").replaceAll("\r\n", "\n");

const MOST_SHOWN = 8;
let count = 0;

export class TextField extends Island {
  constructor(
    {
      channelID,
      label,
      value = "",
      id = null,
      onsubmit,
      oninput = () => {},
      onescape = null,
      onup = null,
      onpaste = null,
    },
  ) {
    super("div", "text-field-frame");
    Object.assign(this, { channelID, onsubmit, oninput, onescape, onup, onpaste });
    count += 1;
    this.listID = `completions-${count}`;
    this.input = make(
      h("textarea", {
        class: "text-field",
        id,
        rows: 1,
        dir: "auto",
        "aria-label": label,
        placeholder: label,
        "aria-autocomplete": "list",
        "aria-controls": this.listID,
        value,
        oninput: (event) => this.#changed(event),
        onkeydown: (event) => this.#keyDown(event),
        onblur: () => setTimeout(() => this.#close(), 150),
        onpaste: (event) => this.#paste(event),
      }),
    );
    this.list = make(
      h("div", { class: "completions", id: this.listID, role: "listbox", "aria-label": t("completions") }),
    );
    this.list.hidden = true;
    this.element.append(this.list, this.input);
    this.#close();
    this.listen(document, "selectionchange", () => this.#follow());
    requestAnimationFrame(() => this.#grow());
  }

  get value() {
    return this.input.value;
  }

  set value(text) {
    setText(this.input, text);
    this.#close();
    this.#grow();
  }

  /** Goes to the end of the text. Whoever writes in it already stays where they are: a caret that is set divides the undo. */
  focus() {
    if (document.activeElement === this.input) return;
    this.input.focus();
    this.input.setSelectionRange(this.value.length, this.value.length);
  }

  /** What the field is for: its name, which may change. */
  call(label) {
    this.input.placeholder = label;
    this.input.setAttribute("aria-label", label);
  }

  /** Puts a text where the cursor is. */
  insert(text) {
    insertText(this.input, text);
  }

  /** Puts a text in the place of one that is there, as a paragraph of its own. */
  replace(old, text) {
    const at = this.value.lastIndexOf(old);
    if (at < 0) return;
    const end = at + old.length;
    const before = at > 0 && this.value[at - 1] !== "\n" ? "\n" : "";
    const after = end < this.value.length && this.value[end] !== "\n" ? "\n" : "";
    insertText(this.input, before + text + after, at, end);
  }

  #paste(event) {
    this.onpaste?.(event);
    if (!event.defaultPrevented) pasteLines(event, pastedText(event));
  }

  #grow() {
    // Where the browser does it by itself (`field-sizing`), there is nothing to do.
    if (CSS.supports("field-sizing", "content")) return;
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${this.input.scrollHeight}px`);
  }

  #changed(event) {
    if (event?.inputType === "historyUndo") this.#unselectCompleted();
    this.#grow();
    this.oninput(this.value);
    this.#complete();
  }

  /** Undoing a completion selects what was completed, and the next letter would replace it. */
  #unselectCompleted() {
    const { selectionStart, selectionEnd } = this.input;
    if (/^[@#:]/.test(this.value.slice(selectionStart, selectionEnd))) {
      this.input.setSelectionRange(selectionEnd, selectionEnd);
    }
  }

  #keyDown(event) {
    const key = keyOf(event);
    const isCommand = event.ctrlKey || event.metaKey;
    this.#follow();
    if (this.items.length > 0 && this.#completionKey(event, key)) return;
    // Whoever gives up or leaves wants no list that comes late.
    if (key === "Escape" || key === "Tab") this.#close();
    if (key === "Enter" && !event.shiftKey && (isCommand || (sendsWithEnter(store.state) && !event.altKey))) {
      event.preventDefault();
      this.onsubmit();
    } else if (key === "Escape" && this.onescape) {
      event.preventDefault();
      event.stopPropagation();
      this.onescape();
    } else if (key === "ArrowUp" && this.value === "" && this.onup) {
      event.preventDefault();
      this.onup();
    } else if (isCommand && !event.shiftKey && !event.altKey) {
      const sign = { b: "**", i: "*", u: "__" }[letterOf(event)];
      if (sign) {
        event.preventDefault();
        this.#format(sign);
      }
    }
  }

  #format(sign) {
    const { selectionStart, selectionEnd } = this.input;
    const { from, to, text, start, end } = toggleFormat(this.value, selectionStart, selectionEnd, sign);
    if (from < to || text !== "") insertText(this.input, text, from, to);
    this.input.setSelectionRange(start, end);
  }

  // MARK: Completing

  /** What is found later than this completion lasts comes to nothing. */
  async #complete() {
    const before = this.#beforeCaret;
    const found = completionAt(before);
    if (!found) return this.#close();
    const completion = { ...found, before, start: before.length - found.query.length - 1 };
    this.stopAsking?.();
    this.completion = completion;
    await this.#fill(completion);
    if (this.completion === completion && completion.sign === "@" && completion.query.length > 1 && this.serverID) {
      this.#askForMembers(completion);
    }
  }

  async #fill(completion) {
    const { sign, query } = completion;
    const found = sign === "@"
      ? this.#people(query)
      : sign === "#"
      ? this.#channels(query)
      : (await attempt(() => this.#emoji(query))) ?? [];
    if (this.completion !== completion) return;
    this.#show(completion, found);
  }

  /** Whoever is chosen stays so when others are found after it, also where there would be no room left. */
  #show(completion, found) {
    const chosen = completion.isShown ? this.items[this.chosen] : null;
    const isLeft = found.slice(0, MOST_SHOWN).some((item) => item.key === chosen?.key);
    this.items = (chosen && !isLeft ? [chosen, ...found] : found).slice(0, MOST_SHOWN);
    this.chosen = Math.max(0, this.items.findIndex((item) => item.key === chosen?.key));
    completion.isShown = true;
    this.#draw();
  }

  get #beforeCaret() {
    return this.value.slice(0, this.input.selectionStart);
  }

  /** A list belongs to the text before the caret: when that is another one, or something is selected, it closes. */
  #follow() {
    const { selectionStart, selectionEnd } = this.input;
    const isThere = selectionStart === selectionEnd && this.#beforeCaret === this.completion?.before;
    if (this.completion && !isThere) this.#close();
  }

  get serverID() {
    return store.state.channels.get(this.channelID)?.server_id ?? null;
  }

  #people(query) {
    const { state } = store;
    const channel = state.channels.get(this.channelID);
    const wanted = folded(query);
    const ids = this.serverID
      ? [...(state.members.get(this.serverID)?.byID.keys() ?? [])]
      : (channel?.recipients ?? []).map((user) => user.id);
    const people = ids
      .filter((id) => id !== state.me.id)
      .map((id) => ({ id, user: state.users.get(id), name: nameOf(state, id, this.serverID) }))
      .filter(({ user, name }) =>
        user && (user.username.toLowerCase().includes(wanted) || folded(name).includes(wanted))
      )
      .sort((a, b) =>
        Number(b.user.username.toLowerCase().startsWith(wanted)) -
        Number(a.user.username.toLowerCase().startsWith(wanted))
      )
      .map(({ id, user, name }) => ({
        key: id,
        text: `@${user.username} `,
        picture: avatar(avatarOf(state, id), { size: 24 }),
        label: name,
        note: `@${user.username}`,
      }));
    return [...people.slice(0, MOST_SHOWN - 2), ...this.#roles(wanted)];
  }

  #roles(wanted) {
    const { state } = store;
    if (!this.serverID) return [];
    const mayAll = inChannel(state, state.channels.get(this.channelID)).has("messages.mention_everyone");
    const roles = [...(state.servers.get(this.serverID)?.roles.values() ?? [])]
      .filter((role) => !role.is_default && (role.mentionable || mayAll) && folded(role.name).includes(wanted))
      .map((role) => ({
        key: role.id,
        text: `${roleText(role)} `,
        picture: icon("role"),
        label: `@${role.name}`,
        note: t("role"),
      }));
    const all = mayAll
      ? ["everyone", "here"].filter((name) => name.startsWith(wanted)).map((name) => ({
        key: name,
        text: `@${name} `,
        picture: icon("friends"),
        label: `@${name}`,
        note: t(`mention.${name}`),
      }))
      : [];
    return [...roles, ...all];
  }

  #channels(query) {
    const { state } = store;
    return [...(state.servers.get(this.serverID)?.channelIDs ?? [])]
      .map((id) => state.channels.get(id))
      .filter((channel) =>
        channel && channel.channel_type !== "category" && folded(channel.name).includes(folded(query))
      )
      .map((channel) => ({
        key: channel.id,
        text: `#${channel.name} `,
        picture: icon("hash"),
        label: channel.name,
        note: "",
      }));
  }

  /** A short code that was written in full comes first, also where others hold the word. */
  async #emoji(query) {
    const { searchEmoji, unicodeEmoji, withTone } = await load(() => import("../../emoji/emoji.js"));
    const { tone } = readSetting(store.state, "client.emoji");
    const code = query.toLowerCase();
    const isExact = (item) => item.codes.includes(code);
    const custom = (server) =>
      server.emojis.filter((emoji) => emoji.name.includes(code)).map((emoji) => ({
        key: emoji.id,
        codes: [emoji.name],
        text: `${emojiText(emoji, this.serverID)} `,
        picture: customEmoji(emoji),
        label: `:${emoji.name}:`,
        note: server.id === this.serverID ? "" : server.name,
      }));
    const first = (items, most) => items.sort((a, b) => isExact(b) - isExact(a)).slice(0, most);
    const servers = [...store.state.servers.values()];
    const own = first(servers.filter(({ id }) => id === this.serverID).flatMap(custom), 4);
    const others = first(servers.filter(({ id }) => id !== this.serverID).flatMap(custom), 2);
    const unicode = searchEmoji(await unicodeEmoji(), query, MOST_SHOWN).map((item) => ({
      key: item.emoji,
      codes: item.codes,
      text: `${item.hasTones ? withTone(item.emoji, tone) : item.emoji} `,
      picture: h("span", { class: "unicode-emoji" }, item.emoji),
      label: `:${item.codes[0]}:`,
      note: item.codes.length > 1 ? item.name : "",
    }));
    // What a name means comes before what others call so.
    return first([...own, ...unicode.slice(0, MOST_SHOWN - own.length - others.length), ...others], MOST_SHOWN);
  }

  /** In a large server those who were never seen have to be asked for. */
  #askForMembers(completion) {
    if (store.state.members.get(this.serverID)?.isComplete) return;
    const { query } = completion;
    this.later(250, () => {
      if (this.completion !== completion) return;
      if (!requestMembers({ server_id: this.serverID, query, limit: 10 })) return;
      this.stopAsking = this.watch([`members:${this.serverID}`], () => {
        this.stopAsking();
        this.#fill(completion);
      });
    });
  }

  #completionKey(event, key) {
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.chosen = (this.chosen + (key === "ArrowDown" ? 1 : -1) + this.items.length) % this.items.length;
      this.#draw();
    } else if ((key === "Tab" || key === "Enter") && !event.shiftKey) this.#choose(this.items[this.chosen]);
    else if (key === "Escape") {
      event.stopPropagation();
      this.#close();
    } else return false;
    event.preventDefault();
    return true;
  }

  #choose(item) {
    this.#follow();
    if (!this.completion) return;
    const { start, before } = this.completion;
    this.#close();
    insertText(this.input, item.text, start, before.length);
  }

  #draw() {
    this.list.hidden = this.items.length === 0;
    if (this.items.length > 0) this.input.setAttribute("aria-activedescendant", `${this.listID}-${this.chosen}`);
    else this.input.removeAttribute("aria-activedescendant");
    patch(
      this.list,
      this.items.map((item, index) =>
        h(
          "div",
          {
            key: item.key,
            id: `${this.listID}-${index}`,
            role: "option",
            class: "completion",
            "aria-selected": String(index === this.chosen),
            onpointerdown: (event) => {
              event.preventDefault();
              this.#choose(item);
            },
          },
          item.picture,
          h("span", { dir: "auto" }, item.label),
          h("span", { class: "soft", dir: "auto" }, item.note),
        )
      ),
    );
  }

  /** Ends also what is still being looked for. */
  #close() {
    this.stopAsking?.();
    this.completion = null;
    this.items = [];
    if (!this.list.hidden) this.#draw();
  }
}
