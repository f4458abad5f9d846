// The order of servers and their folders. Pure: from the setting `{order, folders}` and the servers that there are.
//
// `order` lists servers and folders (`folder:ID`); what is not in it comes first, the newest first. A folder is
// `{id, name, servers, isOpen}`.

/** What stands in the rail: ids of servers, and folders with theirs. */
export function arrange(serverIDs, { order, folders }) {
  const there = new Set(serverIDs);
  const shown = folders.map((folder) => ({ ...folder, servers: folder.servers.filter((id) => there.has(id)) })).filter((
    folder,
  ) => folder.servers.length > 0);
  const inside = new Set(shown.flatMap((folder) => folder.servers));
  const byKey = new Map(shown.map((folder) => [`folder:${folder.id}`, folder]));
  const free = (id) => there.has(id) && !inside.has(id);
  const ordered = order.map((key) => byKey.get(key) ?? (free(key) ? key : null)).filter(Boolean);
  const known = new Set(order);
  return [
    ...serverIDs.filter((id) => free(id) && !known.has(id)).reverse(),
    ...shown.filter((folder) => !known.has(`folder:${folder.id}`)),
    ...ordered,
  ];
}

const keyOf = (entry) => (typeof entry === "string" ? entry : `folder:${entry.id}`);
const without = (folders, id) =>
  folders.map((folder) => ({ ...folder, servers: folder.servers.filter((other) => other !== id) }));

/** Puts a server before another, also into the folder where that one is. */
export function moveBefore(serverIDs, setting, id, target) {
  const order = arrange(serverIDs, setting).map(keyOf).filter((key) => key !== id);
  const folders = without(setting.folders, id);
  const folder = folders.find((item) => item.servers.includes(target));
  if (folder) folder.servers.splice(folder.servers.indexOf(target), 0, id);
  else order.splice(order.indexOf(target), 0, id);
  return { order, folders: folders.filter((item) => item.servers.length > 0) };
}

/** Moves a server one place up or down. */
export function moveStep(serverIDs, setting, id, step) {
  const folder = setting.folders.find((item) => item.servers.includes(id));
  const swap = (list) => {
    const [from, to] = [list.indexOf(id), list.indexOf(id) + step];
    if (to < 0 || to >= list.length) return list;
    const moved = [...list];
    [moved[from], moved[to]] = [moved[to], moved[from]];
    return moved;
  };
  const order = arrange(serverIDs, setting).map(keyOf);
  if (!folder) return { order: swap(order), folders: setting.folders };
  return {
    order,
    folders: setting.folders.map((item) => (item === folder ? { ...item, servers: swap(item.servers) } : item)),
  };
}

/** Puts a server into a folder: an existing one, a new one (`folderID` null, with a name), or out of any (undefined). */
export function moveInto(serverIDs, setting, id, folderID, name = "") {
  const order = arrange(serverIDs, setting).map(keyOf);
  let folders = without(setting.folders, id);
  if (folderID === undefined) {
    return {
      order: order.includes(id) ? order : [id, ...order],
      folders: folders.filter((item) => item.servers.length > 0),
    };
  }
  if (folderID === null) {
    const made = { id: `${Date.now()}`, name, servers: [id], isOpen: true };
    const place = Math.max(0, order.indexOf(id));
    return {
      order: [...order.slice(0, place), `folder:${made.id}`, ...order.slice(place).filter((key) => key !== id)],
      folders: [...folders, made].filter((item) => item.servers.length > 0),
    };
  }
  folders = folders.map((item) => (item.id === folderID ? { ...item, servers: [...item.servers, id] } : item));
  return { order: order.filter((key) => key !== id), folders: folders.filter((item) => item.servers.length > 0) };
}
