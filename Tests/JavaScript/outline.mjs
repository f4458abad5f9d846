// The tree of a message as Tests/Grammar writes it down: a text is a string, everything else `[type, …]`.

export const outline = (nodes) => nodes.map(outlineOf);

function outlineOf(node) {
  switch (node.type) {
    case "text":
      return node.text;
    case "code-span":
      return ["code-span", node.text];
    case "code":
      return ["code", node.language, node.text];
    case "user":
    case "role":
    case "channel":
      return [node.type, node.id];
    case "emoji":
      return [node.animated ? "animated-emoji" : "emoji", node.name, node.id];
    case "time":
      return ["time", node.seconds, node.style];
    case "everyone":
      return ["everyone", node.name];
    case "link":
      return [node.isQuiet ? "quiet-link" : "link", node.url, ...outline(node.children)];
    case "heading":
      return ["heading", node.level, ...outline(node.children)];
    case "list":
      return ["list", node.start, ...node.items.map(outline)];
    default:
      return [node.type, ...outline(node.children)];
  }
}

/** Whom a tree is seen to speak to: `{users, roles, everyone}`, each once and in order. */
export function mentions(nodes) {
  const found = { users: new Set(), roles: new Set(), everyone: false };
  const visit = (node) => {
    if (node.type === "user") found.users.add(node.id);
    if (node.type === "role") found.roles.add(node.id);
    if (node.type === "everyone") found.everyone = true;
    node.children?.forEach(visit);
    node.items?.forEach((item) => item.forEach(visit));
  };
  nodes.forEach(visit);
  const sorted = (ids) => [...ids].sort();
  return { users: sorted(found.users), roles: sorted(found.roles), everyone: found.everyone };
}
