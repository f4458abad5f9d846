import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { rank } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, select, toggle } from "../common/controls.js";
import { emojiChoice } from "../common/emoji-choice.js";
import { FormSection } from "../settings/form.js";
import { channelOptions, withEntry } from "./channel-choice.js";
import { applyPreset } from "./presets.js";

const MOST_QUESTIONS = 15;
const MOST_OPTIONS = 50;
const TYPES = ["select_roles", "visit_channel"];

/** What newcomers are asked, and which roles and channels their answers lead to. */
export class QuestionsSection extends FormSection {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  get path() {
    return `/servers/${this.properties.serverID}/onboarding`;
  }

  async load() {
    this.state.saved = await api.get(this.path);
  }

  values() {
    return this.state.saved;
  }

  fields(draft) {
    return [
      h("p", { class: "soft" }, t("questions.about")),
      toggle(t("questions.enabled"), {
        id: "questions-enabled",
        checked: draft.enabled,
        onchange: (enabled) => this.change({ enabled }),
      }),
      draft.questions.map((question, index) => this.#question(draft, question, index)),
      button(t("questions.add"), () => this.#add(draft), {
        id: "add-question",
        disabled: draft.questions.length >= MOST_QUESTIONS,
      }),
      this.#places(
        "default-channels",
        t("questions.default-channels"),
        draft.default_channel_ids,
        (ids) => this.change({ default_channel_ids: ids }),
      ),
    ];
  }

  #add(draft) {
    const question = {
      type: "select_roles",
      title: "",
      description: null,
      required: false,
      multiple: false,
      options: [],
    };
    this.change({ questions: [...draft.questions, question] });
    this.goTo(`#question-${draft.questions.length}-title`);
  }

  /** Who removes one goes on where one more would be asked. */
  #remove(draft, index) {
    this.change({ questions: withEntry(draft.questions, index, null) });
    this.goTo("#add-question");
  }

  #addOption(question, id, change) {
    const option = { title: "", description: null, emoji: null, role_ids: [], channel_ids: [] };
    change({ options: [...question.options, option] });
    this.goTo(`#${id}-${question.options.length}-title`);
  }

  #question(draft, question, index) {
    const change = (values) => this.change({ questions: withEntry(draft.questions, index, values) });
    const id = `question-${index}`;
    return h(
      "fieldset",
      { key: index, class: "question-editor" },
      h("legend", null, t("questions.one", { number: index + 1 })),
      field(t("questions.title"), {
        id: `${id}-title`,
        value: question.title,
        maxlength: 100,
        required: true,
        oninput: (event) => change({ title: event.target.value }),
      }),
      select(t("questions.type"), {
        id: `${id}-type`,
        value: question.type,
        options: TYPES.map((type) => [type, t(`questions.${type}`)]),
        onchange: (type) => change({ type }),
      }),
      toggle(t("questions.is-required"), {
        id: `${id}-required`,
        checked: question.required,
        onchange: (required) => change({ required }),
      }),
      toggle(t("questions.multiple"), {
        id: `${id}-multiple`,
        checked: question.multiple,
        onchange: (multiple) => change({ multiple }),
      }),
      h(
        "ul",
        { class: "editable" },
        question.options.map((option, at) =>
          this.#option(`${id}-${at}`, question, option, at, (options) => change({ options }))
        ),
      ),
      h(
        "div",
        { class: "row" },
        button(
          t("questions.add-option"),
          () => this.#addOption(question, id, change),
          { disabled: question.options.length >= MOST_OPTIONS },
        ),
        button(t("questions.remove"), () => this.#remove(draft, index), {
          kind: "danger",
          "aria-label": t("questions.remove-of", { name: question.title || t("questions.one", { number: index + 1 }) }),
        }),
      ),
    );
  }

  #option(id, question, option, at, keep) {
    const change = (values) => keep(withEntry(question.options, at, values));
    const number = { number: at + 1 };
    return h(
      "li",
      { key: at },
      field(t("questions.option", number), {
        id: `${id}-title`,
        value: option.title,
        maxlength: 50,
        required: true,
        oninput: (event) => change({ title: event.target.value }),
      }),
      emojiChoice(option.emoji, {
        choose: t("questions.emoji", number),
        remove: t("questions.drop-emoji", number),
        isUnicodeOnly: true,
        onpick: (emoji) => change({ emoji }),
      }),
      iconButton("trash", t("questions.remove-option", number), () => change(null)),
      question.type === "select_roles"
        ? this.#choice(
          `${id}-roles`,
          t("questions.roles"),
          this.#roles(),
          option.role_ids,
          5,
          (role_ids) => change({ role_ids }),
        )
        : this.#places(
          `${id}-channels`,
          t("questions.channels"),
          option.channel_ids,
          (channel_ids) => change({ channel_ids }),
        ),
    );
  }

  /** Those that one may let others choose: below one's own. */
  #roles() {
    const server = store.state.servers.get(this.properties.serverID);
    const own = rank(server, store.state.me.id, server.member.roles);
    return [...server.roles.values()].filter((role) => !role.is_default && role.position < own)
      .sort((a, b) => b.position - a.position).map((role) => [role.id, role.name]);
  }

  #places(id, label, chosen, keep) {
    return this.#choice(id, label, channelOptions(this.properties.serverID), chosen, 20, keep);
  }

  /** Several of a list. */
  #choice(id, label, options, chosen, most, keep) {
    return h(
      "details",
      { key: id, class: "several" },
      h("summary", null, label, h("span", { class: "soft" }, ` (${chosen.length})`)),
      h(
        "ul",
        { class: "checks" },
        options.map(([value, name]) =>
          h(
            "li",
            { key: value },
            h(
              "label",
              { class: "check" },
              h("input", {
                type: "checkbox",
                id: `${id}-${value}`,
                checked: chosen.includes(value),
                disabled: !chosen.includes(value) && chosen.length >= most,
                onchange: (event) =>
                  keep(event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value)),
              }),
              h("span", { dir: "auto" }, name),
            ),
          )
        ),
      ),
    );
  }

  below() {
    return button(t("preset.apply"), async () => {
      if (await applyPreset(this.properties.serverID)) await this.reload();
    });
  }

  async save({ enabled, questions, default_channel_ids }) {
    this.state.saved = await api.put(this.path, {
      enabled,
      default_channel_ids,
      questions,
    });
  }
}
