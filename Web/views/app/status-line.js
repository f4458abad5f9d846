// What is going on when the connection is not what it should be. Nothing is shown when all is well.

import { h } from "../../dom/element.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";

export function renderStatusLine() {
  const { connection, outbox } = store.state;
  const waiting = outbox.filter((item) => item.state === "waiting").length;
  if (["online", "connecting", "reconnecting"].includes(connection.status)) return null;
  const seconds = connection.retryAt ? Math.max(1, Math.ceil((connection.retryAt - Date.now()) / 1000)) : null;
  return h(
    "div",
    { class: `bar ${connection.status}` },
    icon("warning", { size: 18 }),
    h(
      "span",
      null,
      connection.notice || t(`connection.${connection.status}`),
      " ",
      seconds && connection.status === "waiting" ? t("connection.again", { count: seconds }) : null,
      " ",
      waiting > 0 ? t("connection.queued", { count: waiting }) : null,
    ),
    connection.status !== "broken" && button(t("connection.retry"), () => session.gateway?.retry(), { kind: "link" }),
  );
}
