// What moderators have done about one: the server tells it as notifications.

const isMeasure = (serverID, ...actions) => (item) =>
  item.type === "moderation" && item.server_id === serverID && actions.includes(item.action);

/** How one was put out of a server last: a notification, or undefined. */
export const exclusionFrom = (state, serverID) => state.notifications.items.find(isMeasure(serverID, "kick", "ban"));

/** What the moderators say of why one is silenced; null when they say nothing. */
export function reasonOfTimeout(state, serverID) {
  const until = state.servers.get(serverID)?.member.timeout_until;
  const measure = state.notifications.items.find(isMeasure(serverID, "timeout"));
  return measure && measure.ends_at === until ? measure.reason : null;
}
