import { readSetting } from "../store/settings.js";
import { store } from "../store/store.js";
import { change } from "./unsent.js";

const SAVE_AFTER_MS = 400;

/** Changes a setting here at once and on the server soon: several changes in a row become one request. */
export function changeSetting(key, values) {
  const value = JSON.stringify({ ...readSetting(store.state, key), ...values });
  const event = ["USER_SETTINGS_UPDATE", { settings: { [key]: value } }];
  change(
    `setting:${key}`,
    { method: "PUT", path: `/users/@me/settings/${key}`, body: { value }, event },
    SAVE_AFTER_MS,
  );
}
