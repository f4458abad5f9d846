// A channel that is read and written in: the messages, who is writing, and the field below.

import { h } from "../../dom/element.js";
import { cameByKeys, isElsewhere, isTouching, takesText } from "../../dom/focus.js";
import { keyOf } from "../../dom/keys.js";
import { button } from "../common/controls.js";
import { Island } from "../common/island.js";
import { onDemand } from "../common/on-demand.js";
import { View } from "../common/view.js";
import { reasonOfTimeout } from "../../store/measures.js";
import { inChannel, isSilenced, timeoutOf } from "../../store/permissions.js";
import { nameOf, othersIn } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { rich, t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";
import { Composer } from "../composer/composer.js";
import { MessageList } from "../messages/list.js";

/** A finger on the field would bring up the keys of the screen. */
const HAS_KEYS = matchMedia("(hover: hover)");

export class ChannelView extends Island {
  constructor({ channelID, route }) {
    super("div", "channel-view");
    this.channelID = channelID;
    this.route = route;
    const part = (className) => {
      const element = document.createElement("div");
      element.className = className;
      this.element.append(element);
      return element;
    };
    const listPart = part("message-part");
    const typing = part("typing");
    const composerPart = part("composer-part");
    this.list = this.own(
      new MessageList({
        channelID,
        messageID: route.message,
        onreply: (message) => this.composer?.replyTo(message),
      }),
    );
    listPart.append(this.list.element);
    this.own(new View(typing, () => [`typing:${channelID}`, "users"], () => renderTyping(channelID)));
    const topics =
      () => [`channel:${channelID}`, `server:${this.channel?.server_id}`, "relationships", "notifications"];
    this.own(new View(composerPart, topics, () => this.#composer()));
    this.#acceptFiles();
    this.listen(globalThis, "keydown", (event) => this.#keyDown(event));
    // By then it stands on the page, and the browser lays that out only once.
    const beginning = requestAnimationFrame(() => this.#beginWriting());
    this.atEnd(() => cancelAnimationFrame(beginning));
  }

  get channel() {
    return store.state.channels.get(this.channelID);
  }

  /** Whoever goes to a message's address once more wants to see it once more. */
  update({ route }) {
    if (route === this.route) return;
    this.route = route;
    this.list.show(route.message);
  }

  /** Whoever came by a pointer goes on by writing; who walks through the channels by keys stays where they are. */
  #beginWriting() {
    const focused = document.activeElement;
    if (!HAS_KEYS.matches || isTouching() || takesText(focused)) return;
    if (focused === document.body || !cameByKeys()) this.composer?.focus();
  }

  /** Where no text is, the keys that lead through a text lead through the channel. */
  #keyDown(event) {
    const { target } = event;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!this.element.contains(target) && !target.contains?.(this.element)) return;
    if (isElsewhere(target) && !this.composer?.isEmptyField(target)) return;
    const isInList = this.list.element.contains(target);
    const act = {
      Home: () => this.list.showBeginning(),
      End: () => this.list.showPresent(),
      PageUp: !isInList && (() => this.list.page(-1)),
      PageDown: !isInList && (() => this.list.page(1)),
    }[keyOf(event)];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #composer() {
    const reason = whyNot(this.channel);
    if (reason) return h("p", { class: "no-composer" }, reason);
    return h(Composer, {
      key: "composer",
      channelID: this.channelID,
      own: (composer) => (this.composer = composer),
      oneditlast: () => this.list.editing.beginLast(),
      onsent: () => this.list.showPresent(),
    });
  }

  /** Files can be dropped anywhere on the channel. A picture of the page itself is dragged like a file, and is none. */
  #acceptFiles() {
    let isOwn = false;
    this.listen(document, "dragstart", () => {
      isOwn = true;
      // Where what was dragged has left the page, only the pointer tells of the end.
      for (const end of ["dragend", "pointermove"]) addEventListener(end, () => (isOwn = false), { once: true });
    });
    const hasFiles = (event) => !isOwn && event.dataTransfer?.types.includes("Files");
    this.element.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.element.classList.add("dropping");
    });
    this.element.addEventListener("dragleave", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.element.classList.remove("dropping");
    });
    this.element.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.element.classList.remove("dropping");
      this.composer?.addFiles([...event.dataTransfer.files]);
    });
  }
}

/** Why one can't write here; null when one can. */
function whyNot(channel) {
  if (!channel) return null;
  const { state } = store;
  if (channel.channel_type === "dm") {
    const [other] = othersIn(state, channel);
    return other && state.relationships.get(other.id)?.status === "blocked" ? t("composer.blocked") : null;
  }
  const rights = inChannel(state, channel);
  if (isSilenced(state, channel.server_id)) {
    const until = timeoutOf(state.servers.get(channel.server_id).member);
    if (until === null) {
      return [
        t("composer.pending"),
        " ",
        button(t("composer.pending-do"), () => onDemand.enterServer(channel.server_id), { kind: "link" }),
      ];
    }
    const reason = reasonOfTimeout(state, channel.server_id);
    return [t("composer.timed-out", { time: shortMoment(until) }), reason && t("measure.reason", { reason })]
      .filter(Boolean).join(" ");
  }
  if (channel.thread?.locked && !rights.has("messages.manage")) return t("composer.locked");
  if (channel.channel_type === "announcement" && !rights.has("messages.manage")) return t("composer.announcement");
  return rights.has("messages.send") ? null : t("composer.no-right");
}

function renderTyping(channelID) {
  const { state } = store;
  const people = [...(state.typing.get(channelID)?.keys() ?? [])].filter((id) =>
    state.relationships.get(id)?.status !== "blocked"
  );
  if (people.length === 0) return null;
  const serverID = state.channels.get(channelID)?.server_id;
  const name = (id) => h("strong", { dir: "auto" }, nameOf(state, id, serverID, t("someone")));
  const text = people.length === 1
    ? rich("typing.one", { name: name(people[0]) })
    : people.length === 2
    ? rich("typing.two", { first: name(people[0]), second: name(people[1]) })
    : t("typing.many");
  return [
    h("span", { class: "dots", "aria-hidden": "true" }, h("i", null), h("i", null), h("i", null)),
    h("span", { role: "status" }, text),
  ];
}
