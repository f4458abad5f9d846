// Moving channels: by dragging, and step by step from the menu.

import { api } from "../../server/api.js";
import { channelTree } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { attempt } from "../common/dialog.js";

let dragged = null;

/** What makes an entry of the list movable, for those who may. */
export function dragChannel(channel, rights) {
  if (!rights.has("channels.manage")) return {};
  return {
    draggable: "true",
    ondragstart: (event) => {
      event.stopPropagation();
      dragged = channel;
      event.dataTransfer.effectAllowed = "move";
    },
    ondragover: (event) => {
      if (dragged && dragged.id !== channel.id) event.preventDefault();
    },
    ondrop: (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (dragged && dragged.id !== channel.id) moveTo(dragged, channel);
      dragged = null;
    },
  };
}

/** Puts a channel before another one, or at the end of a category. */
function moveTo(channel, target) {
  const isIntoCategory = target.channel_type === "category" && channel.channel_type !== "category";
  const category = channel.channel_type === "category" ? null : isIntoCategory ? target.id : target.category_id;
  const order = siblings(channel, category).filter((item) => item.id !== channel.id);
  const place = isIntoCategory ? order.length : Math.max(0, order.findIndex((item) => item.id === target.id));
  order.splice(place, 0, channel);
  save(channel.server_id, order, category);
}

/** Moves a channel one place up or down among those beside it. */
export function moveStep(channel, step) {
  const order = siblings(channel, channel.category_id);
  const from = order.findIndex((item) => item.id === channel.id);
  const to = from + step;
  if (to < 0 || to >= order.length) return;
  [order[from], order[to]] = [order[to], order[from]];
  save(channel.server_id, order, channel.category_id);
}

function siblings(channel, category) {
  const tree = channelTree(store.state, channel.server_id);
  if (channel.channel_type === "category") return tree.map((group) => group.category).filter(Boolean);
  return [...(tree.find((group) => (group.category?.id ?? null) === category)?.channels ?? [])];
}

function save(serverID, order, category) {
  const moves = order.map((item, position) => ({
    id: item.id,
    position,
    ...(item.channel_type === "category" ? {} : { category_id: category }),
  })).filter(({ id, position, category_id }) => {
    // What stays where it is may be somebody else's business.
    const { position: before, category_id: place } = store.state.channels.get(id);
    return position !== before || (category_id !== undefined && category_id !== place);
  });
  if (moves.length === 0) return;
  return attempt(() => api.patch(`/servers/${serverID}/channels`, moves));
}
