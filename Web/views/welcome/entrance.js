// The way into a server: its rules, its questions, and where to begin. What is not there is left out; where there is nothing at
// all, nothing is shown.

import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { loadOnboarding } from "../../server/onboarding.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";
import { channelIcon, icon } from "../common/icons.js";

/** The servers whose entrance is open, or about to be: who comes in is sent to it from several sides. */
const entered = new Set();

/**
 * Opens the entrance of a server.
 * @param {"again"|null} visit `again` shows everything also to those who have been through it.
 */
export async function enterServer(serverID, visit = null) {
  if (store.state.capabilities?.onboarding === false || entered.has(serverID)) return;
  entered.add(serverID);
  const isOpen = await open(serverID, visit).catch((error) => {
    entered.delete(serverID);
    throw error;
  });
  if (!isOpen) entered.delete(serverID);
}

/** Whether there was anything to show. */
async function open(serverID, visit) {
  const path = `/servers/${serverID}`;
  const [progress, rules, onboarding, welcome] = await Promise.all([
    loadOnboarding(serverID),
    api.get(`${path}/rules`),
    api.get(`${path}/onboarding`),
    api.get(`${path}/welcome-screen`),
  ]);
  const isOpen = progress.rules_version !== null;
  const steps = [
    rules.enabled && (isOpen || visit === "again") && "rules",
    onboarding.enabled && onboarding.questions.length > 0 && "questions",
    welcome.enabled && "welcome",
  ].filter(Boolean);
  if (steps.length > 0) new Entrance(serverID, { steps, rules, onboarding, welcome, progress });
  else if (visit === "again") notify(t("welcome.nothing"));
  return steps.length > 0;
}

const PARTS = { rules: "rules", questions: "questions", welcome: "welcome-screen" };

class Entrance {
  constructor(serverID, known) {
    Object.assign(this, known, { serverID, step: 0, suggested: new Set(known.onboarding.default_channel_ids) });
    this.answers = structuredClone(known.progress.answers);
    this.hasAgreed = known.progress.rules_version === null;
    const { name } = store.state.servers.get(serverID);
    this.dialog = new Dialog(t("welcome.to", { name }), (dialog) => this.#content(dialog), {
      className: "entrance",
      onclose: () => entered.delete(serverID),
    });
  }

  #content(dialog) {
    const step = this.steps[this.step];
    const content = { rules: this.#rules, questions: this.#questions, welcome: this.#welcome }[step];
    return h(
      "form",
      {
        key: step,
        onsubmit: (event) => {
          event.preventDefault();
          this.#next(dialog);
        },
      },
      h(
        "h3",
        null,
        t(`welcome.${PARTS[step]}`),
        this.steps.length > 1 &&
          h("span", { class: "soft" }, " ", t("welcome.step", { number: this.step + 1, count: this.steps.length })),
      ),
      content.call(this, dialog),
      h(
        "footer",
        null,
        this.step > 0 && button(t("back"), () => this.#go(dialog, -1)),
        h(
          "button",
          { class: "button primary", disabled: dialog.isBusy || (step === "rules" && !this.hasAgreed) },
          this.step === this.steps.length - 1 ? t("done") : t("continue"),
        ),
      ),
    );
  }

  #go(dialog, by) {
    this.step += by;
    dialog.render();
    dialog.element.querySelector("form input, form a, form .primary")?.focus();
  }

  /** Does what the step asks for, and goes on. */
  async #next(dialog) {
    const step = this.steps[this.step];
    const path = `/servers/${this.serverID}`;
    const isGood = await dialog.attempt(async () => {
      if (step === "rules" && this.progress.rules_version !== null) {
        await api.post(`${path}/rules/accept`, { version: this.rules.version });
      }
      if (step === "questions") await api.post(`${path}/onboarding/answers`, { answers: this.answers });
      if (step !== "welcome") this.progress = await loadOnboarding(this.serverID);
    });
    if (!isGood) return;
    if (this.step < this.steps.length - 1) this.#go(dialog, 1);
    else dialog.close();
  }

  #rules(dialog) {
    const mustAgree = this.progress.rules_version !== null;
    return [
      h(
        "ol",
        { class: "server-rules" },
        this.rules.rules.map((rule, index) => h("li", { key: index, dir: "auto" }, rule)),
      ),
      mustAgree &&
      h(
        "label",
        { class: "check" },
        h("input", {
          type: "checkbox",
          id: "rules-agreed",
          checked: this.hasAgreed,
          required: true,
          autofocus: true,
          onchange: (event) => {
            this.hasAgreed = event.target.checked;
            dialog.render();
          },
        }),
        t("rules.agree"),
      ),
    ];
  }

  #questions(dialog) {
    return this.onboarding.questions.map((question) =>
      h(
        "fieldset",
        { key: question.id, class: "question" },
        h(
          "legend",
          { dir: "auto" },
          question.title,
          question.required && h("span", { class: "soft" }, " ", t("questions.required")),
        ),
        question.description && h("p", { class: "hint", dir: "auto" }, question.description),
        question.options.map((option) => this.#option(dialog, question, option)),
      )
    );
  }

  #option(dialog, question, option) {
    const chosen = this.answers[question.id] ?? [];
    const isChosen = chosen.includes(option.id);
    const choose = (isOn) => {
      const others = question.multiple ? chosen.filter((id) => id !== option.id) : [];
      this.answers[question.id] = isOn ? [...others, option.id] : others;
      dialog.render();
    };
    return h(
      "label",
      { key: option.id, class: "option" },
      h("input", {
        type: question.multiple || !question.required ? "checkbox" : "radio",
        name: `question-${question.id}`,
        checked: isChosen,
        required: question.required && chosen.length === 0,
        onchange: (event) => choose(event.target.checked),
      }),
      option.emoji && h("span", { class: "option-emoji", "aria-hidden": "true" }, option.emoji),
      h(
        "span",
        { class: "two-lines" },
        h("span", { dir: "auto" }, option.title),
        option.description && h("span", { class: "soft", dir: "auto" }, option.description),
      ),
    );
  }

  #welcome(dialog) {
    const chosen = new Set(Object.values(this.answers).flat());
    const visits = this.onboarding.questions.flatMap((question) => question.options)
      .filter((option) => chosen.has(option.id)).flatMap((option) => option.channel_ids);
    const shown = this.welcome.channels.map(({ channel_id }) => channel_id);
    const more = [...new Set([...visits, ...this.suggested])].filter((id) => !shown.includes(id));
    return [
      this.welcome.description && h("p", { dir: "auto" }, this.welcome.description),
      h(
        "ul",
        { class: "begin-here" },
        [...this.welcome.channels, ...more.map((channel_id) => ({ channel_id, description: "", emoji: null }))]
          .map((entry) => this.#entry(dialog, entry)),
      ),
    ];
  }

  #entry(dialog, { channel_id, description, emoji }) {
    const channel = store.state.channels.get(channel_id);
    return channel && h(
      "li",
      { key: channel_id },
      h(
        "a",
        {
          href: addressOf(channel),
          onclick: (event) => {
            event.preventDefault();
            dialog.close();
            navigate(addressOf(channel));
          },
        },
        h("span", { class: "option-emoji", "aria-hidden": "true" }, emoji ?? icon(channelIcon(channel))),
        h(
          "span",
          { class: "two-lines" },
          h("strong", { dir: "auto" }, channel.name),
          description && h("span", { class: "soft", dir: "auto" }, description),
        ),
      ),
    );
  }
}
