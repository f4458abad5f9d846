// A maintenance that is announced or running, in words.

import { h } from "../../dom/element.js";
import { serverNow } from "../../kernel/clock.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";

/** When a maintenance begins, or how long it lasts, and what those who run the server say of it. */
export function maintenanceText() {
  const { maintenance } = store.state;
  if (!maintenance) return t("connection.maintenance");
  const { message, isRunning, beginsAt, endsAt } = maintenance;
  const isLate = endsAt !== null && endsAt < serverNow();
  return [
    isRunning
      ? t("connection.maintenance")
      : beginsAt
      ? t("maintenance.begins", { time: shortMoment(beginsAt) })
      : t("maintenance.soon"),
    " ",
    isRunning && endsAt && !isLate ? t("maintenance.ends", { time: shortMoment(endsAt) }) : null,
    message && h("span", { dir: "auto" }, " ", message),
  ];
}

/** Administrators are let in all the same, and can end it. */
export const administrationLink = () =>
  store.state.me?.admin && h("a", { class: "button link", href: "/admin/maintenance" }, t("admin"));
