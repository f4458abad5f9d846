// What lies above a place: windows, menus, on a phone also panels. Each has an entry of its own in the browser's history,
// so that Back closes the uppermost layer before it leaves the place.
//
// An entry's state says how many layers were open there (`layers`), and how many entries back the place itself was entered
// (`steps`).

const NOWHERE = { layers: 0, steps: 0 };

/** From the lowest to the uppermost. */
const layers = [];
let isSettling = false;
let isTakingBack = false;
let waiting = [];

const current = () => ({ ...NOWHERE, ...history.state });

/**
 * Puts a layer above what is there.
 * @param {() => void} close what Back does. A layer that does not close, because something in it is not saved, stays.
 * @returns {() => void} what to call once it was closed by other means.
 */
export function addLayer(close) {
  const layer = { close };
  layers.push(layer);
  settleSoon();
  return () => {
    const index = layers.indexOf(layer);
    if (index < 0) return;
    layers.splice(index, 1);
    settleSoon();
  };
}

/** Enters a place: at once, or when the entries of the layers that were just closed are gone. */
export function enter(path, { replace = false } = {}, entered = () => {}) {
  if (!replace && takePlaceOfLayer(path)) return entered();
  whenSettled(() => {
    const here = current();
    const isSame = path === location.pathname + location.hash;
    if (!isSame && replace) history.replaceState({ ...here, layers: layers.length }, "", path);
    else if (!isSame) history.pushState({ layers: layers.length, steps: 0 }, "", path);
    entered();
  });
}

/**
 * A place that is entered from a window takes the entry that the window leaves: at once, while going back to it and on would
 * take some frames, in which letters that are typed already would go to the place that one leaves.
 */
function takePlaceOfLayer(path) {
  const here = current();
  const isFree = !isTakingBack && here.layers === layers.length + 1 && here.steps > 0;
  if (!isFree || path === location.pathname + location.hash) return false;
  history.replaceState({ layers: layers.length, steps: 0 }, "", path);
  return true;
}

/** Listens to Back and Forward; `moved` is called at the new place. */
export function startLayers(moved) {
  addEventListener("popstate", () => {
    if (isTakingBack) isTakingBack = false;
    else closeAbove(current().layers);
    settle();
    if (!isTakingBack) moved();
  });
  // After a reload no layer is open; the entries of those that were are passed.
  settle();
}

function closeAbove(depth) {
  while (layers.length > depth) {
    const uppermost = layers.at(-1);
    uppermost.close();
    if (layers.at(-1) === uppermost) return;
  }
}

/** One layer often takes the place of another within the same moment. */
function settleSoon() {
  if (isSettling) return;
  isSettling = true;
  setTimeout(settle);
}

/** Makes the history what the open layers ask for. */
function settle() {
  isSettling = false;
  if (isTakingBack) return;
  const here = current();
  for (let depth = here.layers + 1; depth <= layers.length; depth += 1) {
    history.pushState({ layers: depth, steps: current().steps + 1 }, "");
  }
  const steps = Math.min(here.layers - layers.length, here.steps);
  if (steps > 0) {
    isTakingBack = true;
    return history.go(-steps);
  }
  if (here.layers > layers.length) history.replaceState({ ...here, layers: layers.length }, "");
  const due = waiting;
  waiting = [];
  due.forEach((work) => work());
}

function whenSettled(work) {
  if (isSettling) settle();
  if (isTakingBack) waiting.push(work);
  else work();
}
