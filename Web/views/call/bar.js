import { h } from "../../dom/element.js";
import { addressOf } from "../../kernel/router.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { callControls, callTrouble } from "./controls.js";
import { lockButton } from "./lock.js";
import { qualityBars, qualityTrouble } from "./quality.js";

/** The call that goes on while one walks through channels; null without one. */
export function renderCallBar() {
  const { call, channels, servers } = store.state;
  const channel = channels.get(call?.channelID);
  if (!channel) return null;
  const status = call.isInterrupted ? "interrupted" : call.status;
  const trouble = callTrouble() ?? qualityTrouble();
  return h(
    "section",
    { class: "call-bar", "aria-label": t("call.yours") },
    h(
      "a",
      { class: "two-lines", href: addressOf(channel) },
      h("strong", { class: `call-status ${status}` }, t(`call.status.${status}`)),
      h("span", { class: "soft", dir: "auto" }, `${channel.name} / ${servers.get(channel.server_id)?.name ?? ""}`),
    ),
    qualityBars(),
    lockButton(),
    h("div", { class: "call-buttons" }, callControls()),
    trouble && h("p", { class: "call-trouble", role: "status" }, trouble),
  );
}
