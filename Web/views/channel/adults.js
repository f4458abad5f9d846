import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { isForAdults, isKeptBack, placeOf, showForAdults } from "../../store/adults.js";
import { channelTree } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, empty } from "../common/controls.js";

/** Asks before a channel for adults is shown. */
export const askAdult = (channel) =>
  h(
    "div",
    { key: `adults-${channel.id}`, class: "nothing" },
    empty(
      "lock",
      t("adults"),
      t("adults.text", { name: placeOf(store.state, channel).name }),
      button(t("adults.show"), () => showForAdults(channel), { kind: "primary", key: "show" }),
      button(t("back"), () => leave(channel), { key: "back" }),
    ),
  );

/** To the first channel that shows itself. */
function leave(channel) {
  const { state } = store;
  const other = channelTree(state, channel.server_id).flatMap((group) => group.channels)
    .find((item) => item.channel_type !== "voice" && !isKeptBack(state, item));
  navigate(other ? addressOf(other) : "/channels/@me");
}

/** The mark beside the name of such a channel. */
export const adultMark = (channel) =>
  isForAdults(store.state, channel) && h("span", { class: "tag", title: t("adults") }, t("adults.mark"));
