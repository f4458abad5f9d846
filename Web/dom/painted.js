/** A page in the background paints nothing. */
const LONGEST_WAIT_MS = 200;

/** Resolves once what stands in the page by now has been painted: what nobody waits for to see begins after it. */
export const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LONGEST_WAIT_MS);
  });
