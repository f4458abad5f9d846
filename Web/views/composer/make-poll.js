import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, select, toggle } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

const HOURS = [1, 4, 8, 24, 72, 168];
const MOST_OPTIONS = 10;

const RESULTS = ["always", "after_vote", "after_end"];

/**
 * A question to a channel.
 * @param {(poll: object) => void} onask takes it, as it goes with a message.
 */
export function makePoll(onask) {
  const dialog = new Dialog(t("poll.make"), render);
  Object.assign(dialog.state, {
    options: ["", ""],
    hours: 24,
    multiple: false,
    results: "always",
    anonymous: true,
  });
  dialog.render();

  function render({ state, isBusy }) {
    const options = state.options ?? [];
    return h(
      "form",
      { onsubmit: submit },
      field(t("poll.question"), {
        id: "poll-question",
        maxlength: 300,
        required: true,
        autofocus: true,
        autocomplete: "off",
      }),
      h(
        "fieldset",
        null,
        h("legend", null, t("poll.answers")),
        options.map((option, index) =>
          h(
            "div",
            { key: index, class: "row" },
            h("input", {
              "aria-label": t("poll.answer", { number: index + 1 }),
              value: option,
              maxlength: 100,
              required: true,
              autocomplete: "off",
              oninput: (event) => (options[index] = event.target.value),
            }),
            options.length > 2 && iconButton("close", t("poll.remove-answer", { number: index + 1 }), () =>
              dialog.set({
                options: options.filter((_, other) => other !== index),
              })),
          )
        ),
        options.length < MOST_OPTIONS &&
          button(t("poll.add-answer"), () => dialog.set({ options: [...options, ""] }), { kind: "link" }),
      ),
      select(t("poll.lasts"), {
        id: "poll-hours",
        value: String(state.hours),
        options: HOURS.map((
          hours,
        ) => [String(hours), hours < 24 ? t("hours", { count: hours }) : t("days", { count: hours / 24 })]),
        onchange: (hours) => dialog.set({ hours: Number(hours) }),
      }),
      toggle(t("poll.multiple"), {
        id: "poll-multiple",
        checked: state.multiple,
        onchange: (multiple) => dialog.set({ multiple }),
      }),
      select(t("poll.results"), {
        id: "poll-results",
        value: state.results,
        options: RESULTS.map((results) => [results, t(`poll.results.${results}`)]),
        onchange: (results) => dialog.set({ results }),
      }),
      toggle(t("poll.anonymous"), {
        id: "poll-anonymous",
        checked: state.anonymous,
        hint: t("poll.anonymous-hint"),
        onchange: (anonymous) => dialog.set({ anonymous }),
      }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("poll.ask"))),
    );
  }

  function submit(event) {
    event.preventDefault();
    const question = event.target.querySelector("#poll-question").value.trim();
    const { options, hours, multiple, results, anonymous } = dialog.state;
    onask({
      question,
      options: options.map((option) => option.trim()),
      duration_hours: hours,
      multiple,
      results_visibility: results,
      anonymous,
    });
    dialog.close();
  }
}
