import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, select, toggle } from "../common/controls.js";
import { FormSection } from "../settings/form.js";

const ARCHIVE_MIN = [60, 1440, 4320, 10_080];
const WITH_THREADS = new Set(["text", "announcement", "forum"]);
const ENCRYPTION = ["required", "preferred", "off"];
const SLOW_S = [0, 5, 10, 30, 60, 300, 900, 3600, 21_600];

export class OverviewSection extends FormSection {
  topics() {
    return [`channel:${this.properties.channelID}`];
  }

  get channel() {
    return store.state.channels.get(this.properties.channelID);
  }

  values() {
    const { name, topic, slowmode_seconds, nsfw, forwarding, default_auto_archive_minutes, read_receipts, e2ee } =
      this.channel ?? {};
    return { name, topic, slowmode_seconds, nsfw, forwarding, default_auto_archive_minutes, read_receipts, e2ee };
  }

  fields(draft) {
    const { channel } = this;
    if (!channel) return null;
    const name = field(t("name"), { id: "channel-name", ...this.text("name"), maxlength: 100, required: true });
    if (channel.channel_type === "category") return name;
    return [
      name,
      field(t("channel.topic"), { id: "channel-topic", type: "textarea", ...this.text("topic"), maxlength: 1024 }),
      select(t("channel.slow"), {
        id: "channel-slow",
        value: String(draft.slowmode_seconds),
        options: SLOW_S.map((seconds) => [String(seconds), duration(seconds)]),
        hint: t("channel.slow-text"),
        onchange: (value) => this.change({ slowmode_seconds: Number(value) }),
      }),
      toggle(t("channel.nsfw"), {
        id: "channel-nsfw",
        checked: draft.nsfw,
        onchange: (nsfw) => this.change({ nsfw }),
      }),
      store.state.capabilities?.forwarding !== false && toggle(t("channel.forwarding"), {
        id: "channel-forwarding",
        checked: draft.forwarding,
        hint: t("channel.forwarding-text"),
        onchange: (forwarding) => this.change({ forwarding }),
      }),
      WITH_THREADS.has(channel.channel_type) && select(t("channel.auto-archive"), {
        id: "channel-auto-archive",
        value: String(draft.default_auto_archive_minutes ?? ARCHIVE_MIN[1]),
        options: ARCHIVE_MIN.map((minutes) => [String(minutes), duration(minutes * 60)]),
        hint: t("channel.auto-archive-text"),
        onchange: (value) => this.change({ default_auto_archive_minutes: Number(value) }),
      }),
      store.state.capabilities?.read_receipts !== false && toggle(t("receipts"), {
        id: "channel-receipts",
        checked: draft.read_receipts,
        hint: t("channel.receipts-text"),
        onchange: (read_receipts) => this.change({ read_receipts }),
      }),
      channel.channel_type === "voice" && select(t("channel.encryption"), {
        id: "channel-encryption",
        value: draft.e2ee,
        options: ENCRYPTION.map((value) => [value, t(`channel.encryption.${value}`)]),
        hint: t("channel.encryption-text"),
        onchange: (e2ee) => this.change({ e2ee }),
      }),
    ];
  }

  async save({ name, ...draft }) {
    const { id, channel_type } = this.channel;
    const { topic, slowmode_seconds, nsfw, forwarding, default_auto_archive_minutes, read_receipts, e2ee } = draft;
    const more = channel_type === "category" ? {} : {
      topic: topic?.trim() || null,
      slowmode_seconds,
      nsfw,
      forwarding,
      default_auto_archive_minutes,
      ...(read_receipts !== this.channel.read_receipts ? { read_receipts } : {}),
      ...(channel_type === "voice" && { e2ee }),
    };
    store.apply("CHANNEL_UPDATE", await api.patch(`/channels/${id}`, { name: name.trim(), ...more }));
  }
}

function duration(seconds) {
  if (seconds === 0) return t("off");
  if (seconds < 60) return t("seconds", { count: seconds });
  return seconds < 3600 ? t("minutes", { count: seconds / 60 }) : t("hours", { count: seconds / 3600 });
}
