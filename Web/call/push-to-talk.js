// The key that is held to talk.

import { takesText } from "../dom/focus.js";
import { callSettings } from "./call-settings.js";

/** Whether a key that is pressed there is meant for talking: a letter belongs to the field that takes it. */
export function isForTalking(event, code) {
  if (event.code !== code) return false;
  const isLetter = [...(event.key ?? "")].length === 1;
  return !isLetter || !takesText(event.target);
}

/**
 * Follows the key.
 * @param {(isHeld: boolean) => void} tell
 * @returns {() => void} what ends it.
 */
export function followTalkKey(tell) {
  let isHeld = false;
  const set = (now) => {
    if (now !== isHeld) tell(isHeld = now);
  };
  const down = (event) => {
    if (!isForTalking(event, callSettings().key.code)) return;
    // What else the key does is not meant.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.preventDefault();
    if (!event.repeat) set(true);
  };
  const up = ({ code }) => code === callSettings().key.code && set(false);
  // Where the window has lost the keyboard, nobody says that the key was let go.
  const lost = () => set(false);
  const listeners = { keydown: down, keyup: up, blur: lost };
  for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener, true);
    set(false);
  };
}
