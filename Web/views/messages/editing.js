// Changing one's own messages in their places: which one of a list is being changed, changes that were begun at an earlier visit,
// and what has the focus again afterwards.

import { cameByKeys, takesText } from "../../dom/focus.js";
import { compareIDs } from "../../kernel/snowflake.js";
import { editedIn } from "../../server/drafts.js";
import { whenLatest } from "../../server/messages.js";
import { store } from "../../store/store.js";
import { mayEdit } from "./actions.js";
import { keepLostEdits } from "./lost-edits.js";
import { takeBackLast } from "./pending.js";

export class Editing {
  /** What has the focus when a change ends; null where nothing has. */
  wayBack = () => null;
  /** The message that is being changed. */
  id = null;
  /** A change that was begun before takes no focus. */
  #takesFocus = false;
  #wasLoading = false;
  #list;
  /** Of those that were begun at an earlier visit the last one that is here is shown. */
  #begunIDs;

  constructor(list) {
    this.#list = list;
    this.#begunIDs = editedIn(list.channelID);
  }

  /** How a message is being changed: as one `wanted` it, or as it was `begun` before; else false. */
  stateOf(message) {
    return this.id === message.id && (this.#takesFocus ? "wanted" : "begun");
  }

  begin(message) {
    this.wayBack = this.#from(message);
    this.#change(message.id);
    this.#list.place.row(message.id)?.scrollIntoView({ block: "nearest" });
  }

  end() {
    this.#change(null);
  }

  #change(id) {
    this.id = id;
    this.#begunIDs = [];
    this.#takesFocus = true;
    this.#list.render();
  }

  /** The field that one comes from, or the message that one has walked to. */
  #from(message) {
    const focused = document.activeElement;
    if (focused.closest(".editor")) return this.wayBack;
    if (takesText(focused)) return () => focused;
    // Where one has pointed at a message, letters are no commands.
    const { rows, place } = this.#list;
    return cameByKeys() && rows.contains(focused) ? () => place.row(message.id) : () => null;
  }

  /** Before each drawing: shows a change that was begun as soon as its message is here, and ends those of messages that are gone. */
  follow(window) {
    this.#miss(window ?? {});
    if (this.id !== null || this.#begunIDs.length === 0) return;
    this.#takesFocus = false;
    this.id = this.#begunIDs.findLast((id) => window?.items.some((item) => item.id === id)) ?? null;
  }

  /** After an answer: messages that one changes may be gone by now, and no event said so. */
  #miss({ items, hasOlder, hasNewer, isLoading, isLoaded }) {
    const hasAnswer = this.#wasLoading && !isLoading && isLoaded;
    this.#wasLoading = isLoading;
    if (!hasAnswer) return;
    const known = new Set(items.map((item) => item.id));
    const isCovered = (id) =>
      (!hasOlder || (items.length > 0 && compareIDs(id, items[0].id) >= 0)) &&
      (!hasNewer || compareIDs(id, items.at(-1).id) <= 0);
    const gone = editedIn(this.#list.channelID).filter((id) => !known.has(id) && isCovered(id));
    if (gone.length === 0) return;
    keepLostEdits("MESSAGE_DELETE_BULK", { ids: gone });
    this.forget(gone);
  }

  /** The change of a message ends with it, and the one that was begun before is there again. */
  forget(messageIDs) {
    if (!messageIDs.includes(this.id)) return;
    this.id = null;
    this.#begunIDs = editedIn(this.#list.channelID).filter((id) => !messageIDs.includes(id));
    // What was written is there by then (lost-edits.js).
    this.wayBack = () => document.querySelector("#composer-text");
  }

  /**
   * One's last message in the channel, also where it is not loaded or on its way still, as long as one does not go on
   * writing. One that is held up is taken back.
   */
  async beginLast() {
    const list = this.#list;
    const field = document.activeElement;
    const isWanted = () => !list.isOver && document.activeElement === field && field.value === "";
    if (!isWanted() || await takeBackLast(list.channelID)) return;
    await this.#departure();
    if (list.isOnline) await whenLatest(list.channelID);
    if (isWanted() && list.window?.hasNewer) await list.showPresent();
    if (!isWanted() || !list.window?.isLoaded || list.window.hasNewer || list.pending.length > 0) return;
    const last = list.window.items.findLast((item) => item.author_id === store.state.me.id && !item.webhook_id);
    if (last && mayEdit(last)) this.begin(last);
  }

  /** Resolves when nothing is on its way from here: it has arrived, or has failed. */
  #departure() {
    const isOver = () => this.#list.pending.every((item) => item.state !== "waiting");
    return new Promise((resolve) => {
      if (isOver()) return resolve();
      const stop = this.#list.watch(["outbox"], () => {
        if (!isOver()) return;
        stop();
        resolve();
      });
    });
  }
}
