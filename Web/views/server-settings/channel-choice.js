import { store } from "../../store/store.js";

/** The channels of a server that one sees and that are none to put others into: `[id, #name]`, for a choice. */
export const channelOptions = (serverID) =>
  [...(store.state.servers.get(serverID)?.channelIDs ?? [])].map((id) => store.state.channels.get(id))
    .filter((channel) => channel && channel.channel_type !== "category")
    .sort((a, b) => a.position - b.position)
    .map((channel) => [channel.id, `#${channel.name}`]);

/** A list with one of its entries changed, or without it where `change` is null. */
export const withEntry = (list, index, change) =>
  change === null
    ? list.filter((_, at) => at !== index)
    : list.map((entry, at) => (at === index ? { ...entry, ...change } : entry));
