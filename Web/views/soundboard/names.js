import { t } from "../../texts/text.js";

const OURS = { 1: "bell", 2: "fanfare", 3: "drums", 4: "trombone", 5: "buzzer", 6: "crickets" };

/** What a sound is called: those that every soundboard has are called in the language of the page. */
export const soundName = ({ id, name, server_id }) => (!server_id && OURS[id] ? t(`sound.ours.${OURS[id]}`) : name);
