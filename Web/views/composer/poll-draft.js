import { h } from "../../dom/element.js";
import { keyOf } from "../../dom/keys.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, select, toggle } from "../common/controls.js";
import { emojiChoice } from "../common/emoji-choice.js";

const HOURS = [1, 4, 8, 24, 72, 168];
const MOST_OPTIONS = 10;
const RESULTS = ["always", "after_vote", "after_end"];

const EMPTY = {
  question: "",
  options: [{ text: "", emoji: null }, { text: "", emoji: null }],
  duration_hours: 24,
  multiple: false,
  results_visibility: "always",
  anonymous: true,
};

/** The question that is being asked with a message, above the field. */
class PollDraft {
  /** @param {object} place `serverID`, and what is called: `onchange`, `onsend`, `onleave`, `onclose`. */
  constructor(written, place) {
    this.state = { ...structuredClone(EMPTY), ...written };
    this.place = place;
  }

  /** As it is sent. */
  get poll() {
    const { question, options } = this.state;
    return {
      ...this.state,
      question: question.trim(),
      options: options.map((option) => ({ ...option, text: option.text.trim() })),
    };
  }

  /** What is missing keeps the message from being sent, and says so. */
  holdsBack() {
    for (const input of this.form?.querySelectorAll("input[required]") ?? []) {
      input.setCustomValidity(input.value.trim() ? "" : t("poll.empty"));
    }
    return this.form?.reportValidity() === false;
  }

  /** What is kept for later; null while nothing is written. */
  get written() {
    return this.#isEmpty ? null : this.state;
  }

  get #isEmpty() {
    const { question, options } = this.state;
    return !question.trim() && options.every(({ text }) => !text.trim());
  }

  focus() {
    this.form?.querySelector("#poll-question")?.focus();
  }

  #set(changes) {
    Object.assign(this.state, changes);
    this.place.onchange();
  }

  #setOption(index, changes) {
    this.#set({
      options: this.state.options.map((option, other) => other === index ? { ...option, ...changes } : option),
    });
  }

  describe() {
    const { question, options, duration_hours, multiple, results_visibility, anonymous } = this.state;
    return h(
      "form",
      {
        key: "poll",
        class: "poll-draft",
        "aria-label": t("poll.make"),
        onsubmit: (event) => {
          event.preventDefault();
          this.place.onsend();
        },
        onkeydown: (event) => {
          if (keyOf(event) !== "Escape") return;
          event.stopPropagation();
          // What was written goes only by its button.
          if (this.#isEmpty) this.place.onclose();
          else this.place.onleave();
        },
        oninput: ({ target }) => target.setCustomValidity?.(""),
        ref: (node) => this.form = node,
      },
      h(
        "div",
        { class: "row" },
        field(t("poll.question"), {
          id: "poll-question",
          value: question,
          maxlength: 300,
          required: true,
          autocomplete: "off",
          oninput: (event) => this.#set({ question: event.target.value }),
        }),
        iconButton("close", t("poll.drop"), () => this.place.onclose()),
      ),
      h(
        "fieldset",
        null,
        h("legend", null, t("poll.answers")),
        options.map((option, index) => this.#option(option, index)),
        options.length < MOST_OPTIONS &&
          button(t("poll.add-answer"), () => this.#addOption(), { kind: "link" }),
      ),
      h(
        "div",
        { class: "poll-choices" },
        select(t("poll.lasts"), {
          id: "poll-hours",
          value: String(duration_hours),
          options: HOURS.map((count) => [
            String(count),
            count < 24 ? t("hours", { count }) : t("days", { count: count / 24 }),
          ]),
          onchange: (chosen) => this.#set({ duration_hours: Number(chosen) }),
        }),
        select(t("poll.results"), {
          id: "poll-results",
          value: results_visibility,
          options: RESULTS.map((name) => [name, t(`poll.results.${name}`)]),
          onchange: (chosen) => this.#set({ results_visibility: chosen }),
        }),
      ),
      toggle(t("poll.allow-multiple"), {
        id: "poll-multiple",
        checked: multiple,
        onchange: (isOn) => this.#set({ multiple: isOn }),
      }),
      toggle(t("poll.anonymous"), {
        id: "poll-anonymous",
        checked: anonymous,
        hint: t("poll.anonymous-hint"),
        onchange: (isOn) => this.#set({ anonymous: isOn }),
      }),
      h("footer", null, h("button", { class: "button primary" }, t("poll.ask"))),
    );
  }

  #option({ text, emoji }, index) {
    const number = index + 1;
    return h(
      "div",
      { key: index, class: "row" },
      emojiChoice(emoji, {
        choose: t("poll.emoji", { number }),
        remove: t("poll.drop-emoji", { number }),
        serverID: this.place.serverID,
        onpick: (emoji) => this.#setOption(index, { emoji }),
      }),
      h("input", {
        "aria-label": t("poll.answer", { number }),
        value: text,
        maxlength: 100,
        required: true,
        autocomplete: "off",
        oninput: (event) => this.#setOption(index, { text: event.target.value }),
      }),
      this.state.options.length > 2 &&
        iconButton("close", t("poll.remove-answer", { number }), () => this.#removeOption(index)),
    );
  }

  #addOption() {
    this.#set({ options: [...this.state.options, { text: "", emoji: null }] });
    [...this.form.querySelectorAll("fieldset input")].at(-1)?.focus();
  }

  #removeOption(index) {
    this.#set({ options: this.state.options.filter((_, other) => other !== index) });
  }
}

/**
 * The poll of a message that is being written.
 * @param {object|null} written what was begun before.
 */
export const draftPoll = (written, place) => new PollDraft(written, place);
