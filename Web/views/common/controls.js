// The small things that every view is made of.

import { h } from "../../dom/element.js";
import { explain, t } from "../../texts/text.js";
import { icon } from "./icons.js";

/** A button that shows only a picture. Its name is read out and shown on hover. */
export function iconButton(name, label, onclick, { className = "", pressed, ...more } = {}) {
  return h(
    "button",
    {
      type: "button",
      class: `icon-button ${className}`,
      "aria-label": label,
      title: label,
      "aria-pressed": pressed === undefined ? null : String(pressed),
      onclick,
      ...more,
    },
    icon(name),
  );
}

export const button = (label, onclick, { kind = "", ...more } = {}) =>
  h("button", { type: "button", class: `button ${kind}`, onclick, ...more }, label);

/** A labelled field. `error` is shown below it and read out with it. */
export function field(
  label,
  { id, type = "text", value = "", hint = null, error = null, oninput = null, className = "", ...more },
) {
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const properties = { id, value, oninput, "aria-describedby": notes, "aria-invalid": error ? "true" : null, ...more };
  return h(
    "div",
    { class: `field ${className}` },
    h("label", { for: id }, label),
    type === "textarea" ? h("textarea", { rows: 3, ...properties }) : h("input", { type, ...properties }),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    error && h("p", { class: "error", id: `${id}-error`, role: "alert" }, error),
  );
}

/** A choice of one from a list: `options` are `[value, label]`. */
export function select(label, { id, value, options, onchange, hint = null, ...more }) {
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h(
      "select",
      {
        id,
        onchange: (event) => onchange(event.target.value),
        "aria-describedby": hint ? `${id}-hint` : null,
        ...more,
      },
      options.map(([option, text]) => h("option", { key: option, value: option, selected: option === value }, text)),
    ),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
  );
}

/** On or off. */
export function toggle(label, { id, checked, onchange, hint = null, disabled = false }) {
  return h(
    "div",
    { class: "toggle" },
    h("input", {
      type: "checkbox",
      role: "switch",
      id,
      checked,
      disabled,
      onchange: (event) => onchange(event.target.checked),
      "aria-describedby": hint ? `${id}-hint` : null,
    }),
    h("div", null, h("label", { for: id }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint)),
  );
}

/**
 * A picture of a person or server; names beside it say who it is.
 * @param {string|{url: string|null, name: string, id: string}} picture an address, or whose it is: who has none gets
 *   initials on a colour, without a request.
 */
export function avatar(picture, { size = 40, status = null, className = "" } = {}) {
  const { url, name, id } = typeof picture === "string" ? { url: picture } : (picture ?? {});
  const pixels = size <= 32 ? 64 : size <= 64 ? 128 : 256;
  const address = url?.startsWith("/") ? `${url}${url.includes("?") ? "&" : "?"}size=${pixels}` : url;
  return h(
    "span",
    { class: `avatar ${className}`, style: { "--size": `${size}px` } },
    address
      ? h("img", {
        key: "picture",
        src: address,
        alt: "",
        width: size,
        height: size,
        loading: "lazy",
        decoding: "async",
        draggable: "false",
        referrerpolicy: "no-referrer",
      })
      : h("span", {
        key: "initials",
        class: "initials",
        "aria-hidden": "true",
        style: { "--hue": String(hueOf(id ?? "")) },
      }, initialsOf(name ?? "")),
    status && h("span", { class: `status ${status}`, role: "img", "aria-label": t(`status.${status}`) }),
  );
}

const INITIAL = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** The first letters of one or two words; of a name without any, its first sign. */
function initialsOf(name) {
  const letters = name.split(/[\s_.-]+/).map((word) => word.match(INITIAL)?.[0]).filter(Boolean).slice(0, 2);
  return (letters.join("") || [...name.trim()][0] || "").toUpperCase();
}

/** The same one for the same id. */
const hueOf = (id) => Number(BigInt(/^\d+$/.test(id) ? id : 0) % 359n);

/** Loads the page anew; what was begun to be written is kept. */
export const reload = () => location.reload();

/** What is shown when loading something has failed. */
export const failure = (error, retry) =>
  h(
    "div",
    { class: "failure", role: "alert" },
    icon("warning"),
    h("p", null, explain(error)),
    error.isOutdated ? button(t("update.reload"), reload, { kind: "primary" }) : retry && button(t("retry"), retry),
  );

export const spinner = (label = t("loading")) =>
  h("div", { class: "spinner", role: "status" }, h("span", { class: "visually-hidden" }, label));

/** A place where there is nothing yet, and what one can do about it. */
export const empty = (picture, title, text, ...actions) =>
  h(
    "div",
    { class: "empty" },
    h("span", { class: "empty-picture" }, icon(picture, { size: 40 })),
    h("h2", null, title),
    text && h("p", null, text),
    actions,
  );

/** How many, for a badge: large numbers are not told apart. */
export const badge = (count, label) =>
  count > 0
    ? h(
      "span",
      { class: "badge" },
      h("span", { "aria-hidden": "true" }, count > 999 ? "999+" : String(count)),
      h("span", { class: "visually-hidden" }, label),
    )
    : null;
