import { h } from "../../dom/element.js";
import { avatarOf, channelName, othersIn } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button } from "../common/controls.js";
import { channelIcon, icon } from "../common/icons.js";
import { inChannel } from "../../store/permissions.js";
import { onDemand } from "../common/on-demand.js";

/** What stands above the first message of a channel. */
export function beginning(channel) {
  if (!channel) return null;
  const name = channelName(store.state, channel, t);
  const [other] = othersIn(store.state, channel);
  const server = store.state.servers.get(channel.server_id);
  const isAlone = server && server.member_count < 2;
  return h(
    "div",
    { class: "beginning" },
    channel.channel_type === "dm" && other ? avatar(avatarOf(store.state, other.id), { size: 80 }) : h(
      "span",
      { class: "beginning-picture" },
      icon(channel.server_id ? channelIcon(channel) : channel.channel_type === "notes" ? "note" : "friends", {
        size: 40,
      }),
    ),
    h("h2", { dir: "auto" }, channel.server_id && !channel.thread ? t("beginning.channel", { name }) : name),
    h(
      "p",
      null,
      t(
        channel.channel_type === "notes"
          ? "beginning.notes"
          : channel.channel_type === "dm"
          ? "beginning.dm"
          : channel.channel_type === "group"
          ? "beginning.group"
          : "beginning.text",
        { name },
      ),
    ),
    isAlone && inChannel(store.state, channel).has("invites.create") &&
      button([icon("invite"), t("invite.people")], () => onDemand.invitePeople(channel.server_id, channel.id), {
        kind: "primary",
      }),
  );
}
