// What a form finds wrong, in the person's language: the browser's own words are in its own, and say nothing of a pattern.

import { t } from "../../texts/text.js";

export function explainFields() {
  addEventListener("invalid", ({ target }) => {
    target.setCustomValidity("");
    // What a program has put right since is not wrong any more.
    if (!target.validity.valid) target.setCustomValidity(whatIsWrong(target));
  }, { capture: true });
  addEventListener("input", ({ target }) => target.setCustomValidity?.(""), { capture: true });
}

function whatIsWrong(field) {
  const { validity } = field;
  if (validity.valueMissing) return t(field.type === "checkbox" ? "invalid.unchecked" : "invalid.missing");
  if (validity.typeMismatch) return t(field.type === "email" ? "invalid.email" : "invalid.url");
  if (validity.tooShort) return t("invalid.short", { count: field.minLength });
  if (validity.tooLong) return t("invalid.long", { count: field.maxLength });
  if (validity.rangeUnderflow) return t("invalid.least", { least: field.min });
  if (validity.rangeOverflow) return t("invalid.most", { most: field.max });
  if (validity.patternMismatch) return hintOf(field) ?? t("invalid.pattern");
  return t("invalid.other");
}

/** What a field says of its pattern. */
const hintOf = (field) => field.dataset.hint ?? document.getElementById(`${field.id}-hint`)?.textContent;
