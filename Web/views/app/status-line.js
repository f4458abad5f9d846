// What is going on when the connection is not what it should be, or will not be. Nothing is shown when all is well.

import { h } from "../../dom/element.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { administrationLink, maintenanceText } from "../common/maintenance.js";

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
