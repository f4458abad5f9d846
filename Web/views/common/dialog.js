// Windows within the page: dialogs, questions, notices and menus.

import { h, make, patch } from "../../dom/element.js";
import { holdFocus, takesText } from "../../dom/focus.js";
import { keyOf } from "../../dom/keys.js";
import { addLayer } from "../../kernel/layers.js";
import { explain, t } from "../../texts/text.js";
import { button, iconButton, reload } from "./controls.js";
import { icon } from "./icons.js";
import { endWith } from "./subject.js";

/**
 * Opens the element of a dialog. The browser keeps the focus inside and gives it back.
 * @param {() => void} leave what Escape and Back do; it may decide to stay.
 * @returns {() => void} closes it.
 */
export function openModal(element, leave) {
  document.body.append(element);
  const closed = addLayer(leave);
  element.addEventListener("close", () => {
    closed();
    wakeCaret();
  });
  // The browser lets a page refuse only the first of two Escapes, unless the key itself was taken.
  element.addEventListener("keydown", (event) => {
    if (keyOf(event) !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    leave();
  });
  element.addEventListener("cancel", (event) => {
    if (event.target !== element) return;
    event.preventDefault();
    leave();
  });
  element.showModal();
  return () => {
    closed();
    element.close();
  };
}

/** Chromium gives letters to nobody when the field of a window that was closed leaves the page after its focus went back. */
function wakeCaret() {
  const field = document.activeElement;
  if (!takesText(field)) return;
  field.blur();
  field.focus({ preventScroll: true });
}

/** How many there have been. */
let count = 0;

/**
 * A dialog, which Escape, Back and a press beside it close. What was written into it is not lost by that: it asks first.
 * @param {string} title
 * @param {(dialog: Dialog) => any} content its description; asked again by `dialog.render()`.
 * @param {object} options `className`; `onclose`.
 */
export class Dialog {
  /** What stood in the fields when they were first gone into. */
  #before = new Map();

  constructor(title, content, { className = "", onclose = () => {} } = {}) {
    this.title = title;
    this.content = content;
    this.onclose = onclose;
    this.state = {};
    this.error = null;
    this.isBusy = false;
    this.isHeld = false;
    // Several can stand on each other, each with its own name.
    this.titleID = `dialog-title-${(count += 1)}`;
    this.element = make(h("dialog", { class: `dialog ${className}`, "aria-labelledby": this.titleID }));
    this.element.addEventListener("close", () => this.#closed());
    this.element.addEventListener("focusin", ({ target }) => {
      if (target.form && !this.#before.has(target)) this.#before.set(target, target.value);
    });
    // A press beside it closes it; one that began inside and ended beside does not.
    this.element.addEventListener("pointerdown", (event) => {
      if (event.target === this.element) this.leave();
    });
    document.body.append(this.element);
    this.render();
    this.closeElement = openModal(this.element, () => this.leave());
    this.element.querySelector("[autofocus]")?.focus();
  }

  render() {
    if (!this.element.isConnected) return;
    patch(
      this.element,
      h(
        "div",
        { class: "dialog-body" },
        h(
          "header",
          null,
          h("h2", { id: this.titleID }, this.title),
          iconButton("close", t("close"), () => this.leave()),
        ),
        this.content(this),
        this.error && h("p", { class: "error", role: "alert" }, explain(this.error)),
        this.isHeld && unsavedBar(t("unsaved.dialog"), [
          button(t("unsaved.discard"), () => this.close()),
          button(t("unsaved.go-on"), () => this.#goOn(), { kind: "primary" }),
        ]),
      ),
    );
  }

  /** Closes it, unless something was written that would be lost. */
  leave() {
    if (!this.#written()) return this.close();
    this.isHeld = true;
    this.render();
    insist(this.element.querySelector(".unsaved"));
  }

  #goOn() {
    this.isHeld = false;
    this.render();
    this.#written()?.focus();
  }

  /** A field in which something was changed; passwords and codes are not worth keeping. */
  #written() {
    return [...this.#before].find(([field, before]) =>
      field.isConnected && field.value !== before && field.type !== "password" && field.autocomplete !== "one-time-code"
    )?.[0];
  }

  /** Changes the dialog's own state and draws it again. */
  set(change) {
    Object.assign(this.state, change);
    this.render();
  }

  /** Does something that may fail; meanwhile the dialog is busy, and a failure is shown in it. Whether it went well. */
  async attempt(work) {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.error = null;
    const returnFocus = holdFocus();
    this.render();
    try {
      await work();
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.isBusy = false;
      this.render();
      returnFocus();
    }
  }

  close(result) {
    this.result = result;
    this.closeElement();
  }

  #closed() {
    patch(this.element, []);
    this.element.remove();
    this.onclose(this.result);
  }
}

/** Says that something is not saved, with what one can do about it. */
export const unsavedBar = (text, buttons) =>
  h("div", { key: "unsaved", class: "unsaved" }, h("p", { role: "status" }, text), buttons);

/** Draws attention to such a bar. */
export function insist(bar) {
  bar.classList.remove("insistent");
  // Without a look at the layout between, the movement would not begin anew.
  bar.getBoundingClientRect();
  bar.classList.add("insistent");
  bar.scrollIntoView({ block: "nearest" });
  bar.querySelector("button.primary")?.focus();
}

/** Asks before something that can't be taken back. True when it is meant. */
export function confirm(title, text, { action = t("confirm"), kind = "danger" } = {}) {
  return new Promise((resolve) => {
    new Dialog(
      title,
      (dialog) => [
        h("p", null, text),
        h(
          "footer",
          null,
          button(t("cancel"), () => dialog.close(false)),
          button(action, () => dialog.close(true), { kind, autofocus: true }),
        ),
      ],
      { onclose: (result) => resolve(result === true) },
    );
  });
}

/** Asks for a line of text, or for several (`textarea`); nil when nothing is wanted. */
export function ask(
  title,
  label,
  { value = "", action = t("save"), type = "text", hint = null, maxlength = 512, required = true } = {},
) {
  const properties = { id: "ask-value", value, maxlength, required, autofocus: true, autocomplete: "off" };
  return new Promise((resolve) => {
    new Dialog(
      title,
      (dialog) =>
        h(
          "form",
          {
            onsubmit: (event) => {
              event.preventDefault();
              dialog.close(dialog.element.querySelector("#ask-value").value);
            },
          },
          h(
            "div",
            { class: "field" },
            h("label", { for: "ask-value" }, label),
            type === "textarea"
              ? h("textarea", { rows: 4, dir: "auto", ...properties })
              : h("input", { type, ...properties }),
            hint && h("p", { class: "hint" }, hint),
          ),
          h(
            "footer",
            null,
            button(t("cancel"), () => dialog.close()),
            h("button", { class: "button primary" }, action),
          ),
        ),
      { onclose: (result) => resolve(result ?? null) },
    );
  });
}

const NOTICE_MS = 6000;

/** Says something, for a few seconds or until one has done something about it; a screen reader reads it out. */
export function notify(text, { kind = "", action = null } = {}) {
  let region = document.querySelector("#notices");
  if (!region) {
    region = make(h("div", { id: "notices", role: "status", "aria-live": "polite" }));
    document.body.append(region);
  }
  // Above an open dialog, which lies over everything else.
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (region.parentNode !== host) host.append(region);
  if ([...region.querySelectorAll(".notice > span")].some((shown) => shown.textContent === text)) return;
  const notice = make(
    h(
      "div",
      { class: `notice ${kind}` },
      icon(kind === "error" ? "warning" : "check"),
      h("span", null, text),
      action && button(action.label, () => {
        action.run();
        notice.remove();
      }, { kind: "link" }),
      action && iconButton("close", t("close"), () => notice.remove(), { className: "small" }),
    ),
  );
  region.append(notice);
  if (action) return;
  setTimeout(() => {
    notice.remove();
    if (region.parentNode !== document.body && document.body) document.body.append(region);
  }, NOTICE_MS);
}

export const notifyError = (error) =>
  notify(explain(error), {
    kind: "error",
    action: error.isOutdated ? { label: t("update.reload"), run: reload } : null,
  });

/** Does something and says so when it fails. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    notifyError(error);
    return undefined;
  }
}

/** Where a floating window stands in the page: in an open dialog, which lies over everything else, or in the part that it was
 * opened from, so that nothing is outside of the page's regions. */
function hostOf(anchor) {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  const element = anchor instanceof Element ? anchor : document.elementFromPoint(anchor.x, anchor.y);
  return dialog ?? element?.closest("main, nav, aside, [role=navigation], [role=main]") ??
    document.querySelector("main") ?? document.body;
}

let openMenu = null;

/**
 * Opens a menu at an element or a point. Arrow keys, Home, End, Escape and first letters work as in other programs
 * (WAI-ARIA Authoring Practices, Menu).
 * @param {Element|{x: number, y: number}} anchor
 * @param {Array} items `{label, icon, run, isDangerous, isChecked}`; false ones are left out, `"-"` is a line.
 * @param {object} options `label`; `subject`: what it is about, and ends with (subject.js).
 */
export function showMenu(anchor, items, { label = t("menu"), subject = null } = {}) {
  openMenu?.close();
  const before = document.activeElement;
  const shown = items.filter(Boolean);
  const menu = make(
    h(
      "div",
      { class: "menu", role: "menu", "aria-label": label, popover: "manual" },
      shown.map((item, index) =>
        item === "-" ? h("div", { key: index, class: "menu-line", role: "separator" }) : h(
          "button",
          {
            key: index,
            type: "button",
            role: item.isChecked === undefined ? "menuitem" : "menuitemcheckbox",
            "aria-checked": item.isChecked === undefined ? null : String(item.isChecked),
            class: item.isDangerous ? "danger" : "",
            tabindex: "-1",
            onclick: () => {
              close();
              item.run();
            },
          },
          item.icon && icon(item.icon, { size: 18 }),
          h("span", null, item.label),
          item.isChecked ? icon("check", { size: 16 }) : null,
        )
      ),
    ),
  );
  hostOf(anchor).append(menu);
  menu.showPopover();
  placeBeside(menu, anchor);
  const buttons = [...menu.querySelectorAll("button")];
  buttons[0]?.focus();
  const close = () => {
    if (openMenu?.menu !== menu) return;
    openMenu = null;
    closed();
    stop?.();
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    before?.focus?.({ preventScroll: true });
  };
  const stop = subject && endWith(subject, close);
  const outside = (event) => {
    if (!menu.contains(event.target)) close();
  };
  menu.addEventListener("keydown", (event) => {
    const key = keyOf(event);
    const index = buttons.indexOf(document.activeElement);
    const go = (to) => buttons[(to + buttons.length) % buttons.length]?.focus();
    if (key === "ArrowDown") go(index + 1);
    else if (key === "ArrowUp") go(index - 1);
    else if (key === "Home") go(0);
    else if (key === "End") go(-1);
    else if (key === "Escape" || key === "Tab") close();
    else if (key.length === 1) {
      buttons.find((item, at) => at > index && item.textContent.toLowerCase().startsWith(key.toLowerCase()))
        ?.focus();
    } else return;
    if (key.length > 1) event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("pointerdown", outside, true);
  const closed = addLayer(close);
  openMenu = { menu, close };
}

/** Puts a floating element beside another, or at a point, where there is room for it. */
export function placeBeside(floating, anchor) {
  const box = anchor instanceof Element
    ? anchor.getBoundingClientRect()
    : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const size = floating.getBoundingClientRect();
  const margin = 8;
  const isRightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
  const left = isRightToLeft ? box.right - size.width : box.left;
  const top = box.bottom + size.height + margin < innerHeight
    ? box.bottom + 4
    : Math.max(margin, box.top - size.height - 4);
  floating.style.setProperty("left", `${Math.max(margin, Math.min(left, innerWidth - size.width - margin))}px`);
  floating.style.setProperty("top", `${Math.max(margin, Math.min(top, innerHeight - size.height - margin))}px`);
}

let openPopup = null;

/** Opens a floating window with anything in it, until one presses beside it or Escape. */
export function showPopup(anchor, content, { label, className = "", onclose = () => {} }) {
  openPopup?.close();
  const before = document.activeElement;
  const popup = make(
    h("div", { class: `popup ${className}`, role: "dialog", "aria-label": label, popover: "manual", tabindex: "-1" }),
  );
  hostOf(anchor).append(popup);
  const control = {
    element: popup,
    render: () => {
      patch(popup, content(control));
      placeBeside(popup, anchor);
    },
    close: () => {
      if (openPopup !== control) return;
      openPopup = null;
      closed();
      patch(popup, []);
      popup.remove();
      document.removeEventListener("pointerdown", outside, true);
      if (!document.activeElement || document.activeElement === document.body) before?.focus?.({ preventScroll: true });
      onclose();
    },
  };
  const outside = (event) => {
    if (!popup.contains(event.target) && !event.target.closest?.(".menu, dialog")) control.close();
  };
  popup.addEventListener("keydown", (event) => {
    if (keyOf(event) !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    control.close();
  });
  popup.showPopover();
  const closed = addLayer(control.close);
  openPopup = control;
  control.render();
  (popup.querySelector("[autofocus]") ?? popup).focus();
  document.addEventListener("pointerdown", outside, true);
  return control;
}
