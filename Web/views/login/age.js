// How old somebody is who wants an account, where the instance asks.

import { h } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, toggle } from "../common/controls.js";

/** `boolean`, `dob`, or nothing where nobody asks. */
export function askedAge() {
  const { capabilities } = store.state;
  return capabilities?.age_gate_enabled ? capabilities.age_verification_type : null;
}

/** The field of a form. `answer` is what goes along with the request. */
export function ageField(answer, onchange, error = null) {
  const years = String(store.state.capabilities?.minimum_age ?? "");
  if (askedAge() === "dob") {
    return field(t("age.born"), {
      id: "dob",
      type: "date",
      value: answer.dob ?? "",
      autocomplete: "bday",
      required: true,
      hint: t("age.born-hint", { years }),
      error,
      oninput: (event) => onchange({ dob: event.target.value }),
    });
  }
  return h(
    "div",
    { key: "age" },
    toggle(t("age.old-enough", { years }), {
      id: "age_verified",
      checked: answer.age_verified === true,
      onchange: (isOldEnough) => onchange({ age_verified: isOldEnough }),
    }),
    error && h("p", { class: "error", role: "alert" }, error),
  );
}

/** Whether a request failed because the age is missing. */
export const isAgeMissing = (error) =>
  error.message === "Invalid input" && error.details?.some(({ field }) => ["dob", "age_verified"].includes(field));
