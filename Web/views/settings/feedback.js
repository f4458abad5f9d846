import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, field, select } from "../common/controls.js";
import { Section } from "./window.js";

const CATEGORIES = ["bug", "feature", "ui", "performance", "other"];
const PAGE = 50;

/** What one tells those who run the instance, and what they answer. */
export class FeedbackSection extends Section {
  draft = { content: "", category: "" };

  events = { NOTIFICATION_CREATE: ({ type }) => type === "feedback" && this.reload() };

  async load() {
    const [allowance, tickets] = await Promise.all([
      api.get("/feedback/status"),
      api.get("/feedback", { limit: PAGE }),
    ]);
    Object.assign(this.state, { allowance, tickets });
  }

  describe() {
    const { allowance, tickets } = this.state;
    return [
      h("p", { key: "about", class: "soft" }, t("feedback.about")),
      allowance.can_submit ? this.#form() : h("p", { key: "enough", class: "notice-line" }, t("feedback.enough")),
      tickets.length > 0 && h("h2", { key: "own" }, t("feedback.own")),
      h("ul", { key: "tickets", class: "people tickets" }, tickets.map((ticket) => this.#ticket(ticket))),
    ];
  }

  #form() {
    return h(
      "form",
      { key: "form", onsubmit: (event) => this.#send(event) },
      field(t("feedback.content"), {
        id: "feedback-content",
        type: "textarea",
        value: this.draft.content,
        maxlength: 2000,
        required: true,
        oninput: (event) => (this.draft.content = event.target.value),
      }),
      select(t("feedback.category"), {
        id: "feedback-category",
        value: this.draft.category,
        options: [["", t("feedback.no-category")], ...CATEGORIES.map((name) => [name, t(`feedback.category.${name}`)])],
        onchange: (category) => (this.draft.category = category),
      }),
      h("button", { class: "button primary", disabled: this.isBusy }, t("feedback.send")),
    );
  }

  #send(event) {
    event.preventDefault();
    const { content, category } = this.draft;
    this.attempt(async () => {
      await api.post("/feedback", { content: content.trim(), category: category || null });
      this.draft = { content: "", category: "" };
      await this.load();
    }, t("feedback.sent"));
  }

  #ticket(ticket) {
    return h(
      "li",
      { key: ticket.id, class: "report" },
      h(
        "div",
        { class: "grow" },
        h(
          "p",
          null,
          h("span", { class: "tag" }, t(`feedback.status.${ticket.status}`)),
          h("span", { class: "soft" }, ` ${formatTime(ticket.created_at * 1000, "f")}`),
        ),
        h("p", { dir: "auto", class: "ticket-text" }, ticket.content),
        ticket.notes.map((note) =>
          h(
            "p",
            { key: note.id, class: "ticket-text" },
            h("strong", { dir: "auto" }, note.admin_username ?? t("feedback.you"), ": "),
            h("span", { dir: "auto" }, note.content),
          )
        ),
        ticket.status !== "closed" && this.#answer(ticket),
      ),
    );
  }

  #answer(ticket) {
    if (this.state.answering !== ticket.id) {
      return button(t("feedback.add"), () => this.set({ answering: ticket.id }), { kind: "link" });
    }
    return h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const content = event.target.elements["feedback-note"].value.trim();
          this.attempt(async () => {
            await api.post(`/feedback/${ticket.id}/notes`, { content });
            this.state.answering = null;
            await this.load();
          });
        },
      },
      field(t("feedback.add"), {
        id: "feedback-note",
        name: "feedback-note",
        type: "textarea",
        maxlength: 2000,
        required: true,
        autofocus: true,
      }),
      h("button", { class: "button", disabled: this.isBusy }, t("feedback.send")),
    );
  }
}
