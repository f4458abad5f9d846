// What is going on when the connection is not what it should be, or will not be. Nothing is shown when all is well.

import { h } from "../../dom/element.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";

export const statusTopics = () => ["connection", "outbox", "maintenance", "me"];

export function renderStatusLine() {
  const { connection, outbox, maintenance } = store.state;
  const waiting = outbox.filter((item) => item.state === "waiting").length;
  if (["online", "connecting", "reconnecting"].includes(connection.status)) {
    return maintenance ? bar("announced", maintenanceText()) : null;
  }
  const seconds = connection.retryAt ? Math.max(1, Math.ceil((connection.retryAt - Date.now()) / 1000)) : null;
  const isMaintenance = connection.status === "maintenance";
  return bar(
    connection.status,
    isMaintenance ? maintenanceText() : t(`connection.${connection.status}`),
    " ",
    seconds && connection.status === "waiting" ? t("connection.again", { count: seconds }) : null,
    " ",
    waiting > 0 ? t("connection.queued", { count: waiting }) : null,
    connection.status !== "broken" && button(t("connection.retry"), () => session.gateway?.retry(), { kind: "link" }),
    isMaintenance && administrationLink(),
  );
}

const bar = (kind, ...text) => h("div", { class: `bar ${kind}` }, icon("warning", { size: 18 }), h("span", null, text));

/** When a maintenance begins, or how long it lasts, and what those who run the server say of it. */
export function maintenanceText() {
  const { maintenance } = store.state;
  if (!maintenance) return t("connection.maintenance");
  const { message, isRunning, beginsAt, endsAt } = maintenance;
  const isLate = endsAt !== null && endsAt < Date.now();
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
