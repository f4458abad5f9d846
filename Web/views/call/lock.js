// Whether what is said in a call is encrypted from device to device.

import { canEncrypt } from "../../call/encryption/support.js";
import { h } from "../../dom/element.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { voicesIn } from "../../store/voices.js";
import { formatList, t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";

const serverOf = (channelID) => store.state.channels.get(channelID)?.server_id;

/** Who can't encrypt, in words. */
function plainText(channelID, userIDs) {
  if (userIDs.includes(store.state.me.id)) return t("call.not-encrypted-own");
  const names = userIDs.map((userID) => nameOf(store.state, userID, serverOf(channelID)));
  return t("call.not-encrypted", { names: formatList(names) });
}

/** How the call is, in a sentence; null while that is not known. */
export function encryptionText() {
  const { channelID, encryption } = store.state.call ?? {};
  if (!encryption) return null;
  if (encryption.status === "plain") return plainText(channelID, encryption.plain);
  return t(encryption.status === "on" ? "call.encrypted" : "call.encryption-off");
}

/** A lock, open or closed, that leads to more. */
export function lockButton() {
  const { status, encryption } = store.state.call;
  const text = encryptionText();
  if (status !== "connected" || !text) return null;
  const isOn = encryption.status === "on";
  return iconButton(isOn ? "lock" : "lock-open", text, () => onDemand.showEncryption(), {
    className: `encryption-lock${isOn ? " on" : ""}`,
  });
}

/** Says in the call itself when it is not encrypted. */
export const openTrouble = () => store.state.call?.encryption?.status === "plain" ? encryptionText() : null;

/** Whether one may not join with this browser. */
export const isTooPlain = (channel) => channel.e2ee === "required" && !canEncrypt();

/** What somebody should know before they join. */
export function prospect(channel) {
  const plain = voicesIn(store.state, channel.id).filter((voice) => voice.plain).map(({ user_id }) => user_id);
  const text = isTooPlain(channel)
    ? t("call.encryption-required")
    : channel.e2ee === "off"
    ? t("call.encryption-off")
    : !canEncrypt()
    ? t("call.not-encrypted-own")
    : plain.length > 0
    ? plainText(channel.id, plain)
    : null;
  return h(
    "p",
    { key: "prospect", class: "call-prospect soft" },
    icon(text ? "lock-open" : "lock", { size: 16 }),
    h("span", null, text ?? t("call.encrypted")),
  );
}
