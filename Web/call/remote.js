// What comes from the others, by user and kind: sounds are played here, pictures are for the views.

import { store } from "../store/store.js";
import { callSettings, volumeOf } from "./call-settings.js";
import { isSound } from "./rules.js";
import { Sound } from "./sound.js";

export class Remote {
  /** user id → Map(kind → {track, stream, sound}). */
  #users = new Map();
  #isPlayed = () => false;

  /** Somebody sends something. */
  set(userID, kind, track) {
    if (this.has(userID, kind, track)) return;
    this.#remove(userID, kind);
    if (!this.#users.has(userID)) this.#users.set(userID, new Map());
    const stream = new MediaStream([track]);
    const sound = isSound(kind) ? new Sound(stream, callSettings().loudspeaker) : null;
    this.#users.get(userID).set(kind, { track, stream, sound });
    if (sound) this.#play(userID, kind, sound);
    store.touch("streams");
  }

  has(userID, kind, track) {
    return this.#users.get(userID)?.get(kind)?.track === track;
  }

  /** Of somebody only these kinds are left. */
  keep(userID, kinds) {
    for (const kind of [...(this.#users.get(userID)?.keys() ?? [])]) if (!kinds.has(kind)) this.#remove(userID, kind);
  }

  /** Of everybody. @param {(userID: string, kind: string) => boolean} isLeft */
  keepWhere(isLeft) {
    for (const [userID, kinds] of [...this.#users]) {
      this.keep(userID, new Set([...kinds.keys()].filter((kind) => isLeft(userID, kind))));
    }
  }

  #remove(userID, kind) {
    const kinds = this.#users.get(userID);
    kinds?.get(kind)?.sound?.end();
    if (!kinds?.delete(kind)) return;
    if (kinds.size === 0) this.#users.delete(userID);
    store.touch("streams");
  }

  /** What of it is played. @param {(kind: string, userID: string) => boolean} isPlayed */
  apply(isPlayed) {
    this.#isPlayed = isPlayed;
    this.#everySound((userID, kind, sound) => this.#play(userID, kind, sound));
    store.touch("streams");
  }

  #play(userID, kind, sound) {
    sound.setVolume(this.#isPlayed(kind, userID) ? volumeOf(userID, kind) / 100 : 0);
  }

  /** The picture of somebody; null where there is none, or none to be seen. */
  picture(userID, kind) {
    const stream = this.#users.get(userID)?.get(kind)?.stream ?? null;
    return stream && this.#isPlayed(kind, userID) ? stream : null;
  }

  useLoudspeaker(id) {
    this.#everySound((_, __, sound) => sound.useLoudspeaker(id));
  }

  /** Plays what the browser has held back. */
  resume() {
    this.#everySound((_, __, sound) => sound.play());
  }

  #everySound(work) {
    for (const [userID, kinds] of this.#users) {
      for (const [kind, { sound }] of kinds) if (sound) work(userID, kind, sound);
    }
  }

  end() {
    this.keepWhere(() => false);
  }
}
