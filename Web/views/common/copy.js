import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { button } from "./controls.js";
import { Dialog, notify } from "./dialog.js";

/** Copies a text and says so. Where the browser does not allow it, the text is shown, selected, to be copied by hand. */
export async function copyText(text) {
  if (await isCopied(text)) notify(t("copied"));
  else showText(text);
}

async function isCopied(text) {
  try {
    // Only with TLS.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return isCopiedAsSelected(text);
  }
}

function isCopiedAsSelected(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  // Outside of an open dialog nothing can be selected.
  ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } finally {
    field.remove();
    before?.focus?.({ preventScroll: true });
  }
}

function showText(text) {
  const dialog = new Dialog(t("copy"), () => [
    h("label", { for: "copy-text" }, t("copy.by-hand")),
    h("textarea", { id: "copy-text", readonly: true, rows: 3, dir: "auto", value: text }),
    h("footer", null, button(t("done"), () => dialog.close(), { kind: "primary" })),
  ]);
  dialog.element.querySelector("#copy-text").select();
}
