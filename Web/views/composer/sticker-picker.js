import { h } from "../../dom/element.js";
import { alongLine } from "../../dom/keys.js";
import { folded } from "../../kernel/folded.js";
import { api } from "../../server/api.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { empty } from "../common/controls.js";
import { showPopup } from "../common/dialog.js";

/**
 * Opens the stickers that one may send in a channel: those that fit what is written first, then this server's, then others'.
 * @param {(sticker: object) => void} options.onpick
 */
export function pickSticker(anchor, { channel, words, onpick }) {
  const shown = { query: "", packs: packsOf(channel), suggested: [] };
  const pick = (sticker) => {
    popup.close();
    onpick(sticker);
  };
  const popup = showPopup(anchor, (control) => render(shown, control, pick), {
    label: t("sticker.pick"),
    className: "sticker-picker",
  });
  const show = (changes) => {
    Object.assign(shown, changes);
    if (popup.element.isConnected) popup.render();
  };
  const place = channel.server_id ?? [...store.state.servers.keys()][0];
  if (place) {
    api.get(`/servers/${place}/stickers`).then(
      (packs) => show({ instance: packs.find((pack) => pack.pack_type === "default") }),
      () => {},
    );
  }
  if (words.trim()) {
    const query = { content: words.trim().slice(-200), ...(channel.server_id ? { server_id: channel.server_id } : {}) };
    api.get("/stickers/suggestions", query).then((suggested) => show({ suggested }), () => {});
  }
}

function packsOf(channel) {
  const { state } = store;
  const mayUseOthers = !channel.server_id || inChannel(state, channel).has("messages.use_external_stickers");
  return [...state.servers.values()].filter((server) => server.id === channel.server_id || mayUseOthers)
    .sort((a, b) => Number(b.id === channel.server_id) - Number(a.id === channel.server_id))
    .map((server) => ({ id: server.id, name: server.name, stickers: server.stickers ?? [] }));
}

function render(shown, control, pick) {
  const found = (sticker) =>
    sticker.available && [sticker.name, ...sticker.tags].some((name) => folded(name).includes(folded(shown.query)));
  const packs = [
    ...(shown.query ? [] : [{ id: "suggested", name: t("sticker.suggested"), stickers: shown.suggested }]),
    ...shown.packs,
    ...(shown.instance ? [{ ...shown.instance, name: t("sticker.of-all") }] : []),
  ].map((pack) => ({ ...pack, stickers: pack.stickers.filter(found) })).filter((pack) => pack.stickers.length > 0);
  return [
    h("input", {
      key: "search",
      type: "search",
      autofocus: true,
      placeholder: t("sticker.search"),
      "aria-label": t("sticker.search"),
      value: shown.query,
      oninput: (event) => {
        shown.query = event.target.value.trim();
        control.render();
      },
    }),
    h(
      "div",
      { key: "body", class: "sticker-body", onkeydown: arrows },
      packs.map((pack) =>
        h(
          "section",
          { key: pack.id },
          h("h3", { dir: "auto" }, pack.name),
          h("div", { class: "sticker-grid" }, pack.stickers.map((sticker) => choice(sticker, pick))),
        )
      ),
      packs.length === 0 && empty("sticker", t("sticker.none"), t("sticker.none-text")),
    ),
  ];
}

const choice = (sticker, pick) =>
  h("button", {
    key: sticker.id,
    type: "button",
    class: "plain sticker-choice",
    "aria-label": sticker.description ? `${sticker.name}: ${sticker.description}` : sticker.name,
    title: sticker.name,
    onclick: () => pick(sticker),
  }, h("img", { src: sticker.url, alt: "", loading: "lazy", decoding: "async", width: 80, height: 80 }));

function arrows(event) {
  const step = alongLine(event, event.currentTarget);
  const all = [...event.currentTarget.querySelectorAll(".sticker-choice")];
  const at = all.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  all[at + step]?.focus();
}
