// Builds and changes the page. A view is a function that describes what should be there; `patch` makes it so and leaves
// everything alone that is there already: focus, selection, scrolling. Nothing here takes HTML as text.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect", "line", "polyline", "g", "text", "title"]);
/** What has to be set as a property, because the attribute is only its first value. */
const PROPERTIES = new Set(["value", "checked", "indeterminate", "selected", "muted", "srcObject", "scrollTop"]);

/**
 * Describes an element.
 * @param {string|Function} tag an element's name, or a class with `element`, `update(properties)` and perhaps `destroy()`
 *   for what keeps state of its own.
 * @param {object|null} properties attributes; `onclick` and the like; `style` (an object), `dataset`, `class`, `key` and
 *   `ref` (called with the node once it is made). Null, undefined and false leave an attribute out.
 * @param {...any} children descriptions, texts, numbers, arrays of them; null, false and true show nothing.
 */
export function h(tag, properties, ...children) {
  return { tag, key: properties?.key ?? null, properties: properties ?? {}, children: flatten(children), node: null };
}

/** Describes something that changes only when one of `dependencies` does; `render` is not called otherwise. */
export function memo(key, dependencies, render) {
  return { tag: memo, key, dependencies, render, properties: {}, children: [], node: null, rendered: null };
}

/** Makes the children of `container` what `children` describes. */
export function patch(container, children) {
  const next = flatten([children]);
  patchChildren(container, container.described ?? [], next);
  container.described = next;
}

/**
 * The same for a container whose content came with the page: what fits is taken over as it is, with what was written into
 * it, and the rest goes.
 */
export function adopt(container, children) {
  const next = flatten([children]);
  adoptChildren(container, next);
  container.described = next;
}

/** Makes a node from a description, for those who put it somewhere by themselves. */
export function make(description) {
  const [one] = flatten([description]);
  return create(one);
}

function flatten(children, into = []) {
  for (const child of children) {
    // What shows nothing keeps its place, so that its neighbours are still known when it comes.
    if (child === null || child === undefined || child === false || child === true) into.push(textOf(""));
    else if (Array.isArray(child)) flatten(child, into);
    else if (typeof child === "object") into.push(child);
    else into.push(textOf(String(child)));
  }
  return into;
}

const textOf = (text) => ({ tag: null, key: null, text, node: null });

const isIsland = (tag) => typeof tag === "function" && tag !== memo;

function create(item) {
  if (item.tag === null) return (item.node = document.createTextNode(item.text));
  if (item.tag === memo) {
    [item.rendered] = flatten([item.render()]);
    return (item.node = create(item.rendered));
  }
  if (isIsland(item.tag)) {
    item.island = new item.tag(item.properties);
    return (item.node = item.island.element);
  }
  const node = SVG_TAGS.has(item.tag) ? document.createElementNS(SVG, item.tag) : document.createElement(item.tag);
  item.node = node;
  patchChildren(node, [], item.children);
  for (const name in item.properties) set(node, name, undefined, item.properties[name]);
  return node;
}

function update(old, item) {
  item.node = old.node;
  if (item.tag === null) {
    if (old.text !== item.text) item.node.data = item.text;
  } else if (item.tag === memo) {
    updateMemo(old, item);
  } else if (isIsland(item.tag)) {
    item.island = old.island;
    item.island.update(item.properties);
  } else {
    patchChildren(item.node, old.children, item.children);
    for (const name in old.properties) {
      if (!(name in item.properties)) set(item.node, name, old.properties[name], undefined);
    }
    for (const name in item.properties) set(item.node, name, old.properties[name], item.properties[name]);
  }
  return item.node;
}

function updateMemo(old, item) {
  const isSame = old.dependencies.length === item.dependencies.length &&
    old.dependencies.every((value, index) => value === item.dependencies[index]);
  if (isSame) {
    item.rendered = old.rendered;
    return;
  }
  [item.rendered] = flatten([item.render()]);
  if (fits(old.rendered, item.rendered)) {
    item.node = update(old.rendered, item.rendered);
  } else {
    item.node = create(item.rendered);
    old.node.replaceWith(item.node);
    discard(old.rendered);
  }
}

const fits = (old, item) => old.tag === item.tag && old.key === item.key;

function patchChildren(parent, old, next) {
  removeTranslations(parent, old);
  const matches = match(old, next);
  const kept = new Set(matches);
  for (const item of old) {
    if (kept.has(item)) continue;
    discard(item);
    item.node.remove();
  }
  let cursor = parent.firstChild;
  next.forEach((item, index) => {
    const before = matches[index];
    const isInPlace = before !== null && before.node === cursor;
    const node = before ? update(before, item) : create(item);
    // A node that is put where it is already would lose the focus.
    if (isInPlace || node === cursor) cursor = node.nextSibling;
    else parent.insertBefore(node, cursor);
  });
}

/** A translator puts its words, in `font` elements, into the place of a text. What is drawn anew it translates again. */
function removeTranslations(parent, items) {
  if (items.every((item) => item.tag !== null || item.node.parentNode === parent)) return;
  for (const child of [...parent.children]) if (child.localName === "font") child.remove();
}

function adoptChildren(parent, items) {
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const isFitting = cursor !== null && item.tag === cursor.localName;
    const node = isFitting ? takeOver(cursor, item) : create(item);
    if (node === cursor) cursor = node.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
  const known = new Set(items.map((item) => item.node));
  for (const node of [...parent.childNodes]) if (!known.has(node)) node.remove();
}

function takeOver(node, item) {
  item.node = node;
  adoptChildren(node, item.children);
  for (const name in item.properties) set(node, name, undefined, item.properties[name]);
  return node;
}

/** For each new item the old one that it continues: the one with its key, or without keys the one at its place. */
function match(old, next) {
  const keyed = new Map();
  const unkeyed = [];
  for (const item of old) {
    if (item.key === null) unkeyed.push(item);
    else keyed.set(item.key, item);
  }
  let position = 0;
  return next.map((item) => {
    let candidate;
    if (item.key === null) {
      candidate = unkeyed[position];
      position += 1;
    } else {
      candidate = keyed.get(item.key);
      keyed.delete(item.key);
    }
    return candidate && candidate.tag === item.tag ? candidate : null;
  });
}

/** Tells what kept state that it is gone. */
function discard(item) {
  if (item.tag === null) return;
  if (item.tag === memo) discard(item.rendered);
  else if (isIsland(item.tag)) item.island.destroy?.();
  else item.children.forEach(discard);
}

/** Takes everything out of `container` again. */
export function clear(container) {
  patch(container, []);
}

function set(node, name, old, value) {
  if (name === "key") return;
  if (name === "ref") {
    if (!old) value?.(node);
  } else if (name === "style") {
    for (const key in old ?? {}) if (!(key in (value ?? {}))) node.style.removeProperty(key);
    for (const key in value ?? {}) if (old?.[key] !== value[key]) node.style.setProperty(key, value[key]);
  } else if (name === "dataset") {
    for (const key in old ?? {}) if (!(key in (value ?? {}))) delete node.dataset[key];
    for (const key in value ?? {}) node.dataset[key] = value[key];
  } else if (name.startsWith("on")) {
    if (old !== value) node[name] = value ?? null;
  } else if (PROPERTIES.has(name)) {
    // A field keeps what was written into it, unless the description itself changes.
    if (old !== value && node[name] !== value) node[name] = value ?? "";
  } else if (old !== value) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
}
