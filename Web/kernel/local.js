// The browser's two small stores. Where it refuses them (blocked cookies) or they are full, what is kept lasts as long as
// the page.

/** @param {() => Storage} find asking for the store throws where the browser refuses it. */
function careful(find) {
  const page = new Map();
  let isSealed = false;
  return {
    /** Nothing more is put into it by this page, which is about to be left. */
    seal() {
      isSealed = true;
    },
    /** The text under a key, or null. */
    get(key) {
      if (page.has(key)) return page.get(key);
      try {
        return find().getItem(key);
      } catch {
        return null;
      }
    },
    set(key, text) {
      if (isSealed) return;
      try {
        find().setItem(key, text);
        page.delete(key);
      } catch {
        page.set(key, text);
      }
    },
    remove(key) {
      page.delete(key);
      try {
        find().removeItem(key);
      } catch {
        // Nothing was kept.
      }
    },
  };
}

/** What all tabs share. */
export const local = careful(() => localStorage);

/** What one tab has to itself. */
export const perTab = careful(() => sessionStorage);
