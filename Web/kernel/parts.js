// The parts of the client that are loaded when they are needed.

/** A part that can't be had: without a connection, or because the server has a newer client than this page. */
export class PartError extends Error {
  constructor(isOutdated, cause) {
    super("A part of the page could not be loaded", { cause });
    this.isOutdated = isOutdated;
    // Without an answer, as a request has it (`APIError`).
    this.status = isOutdated ? null : 0;
    // It comes with the connection, or with the page that is loaded anew.
    this.isTemporary = true;
  }
}

/**
 * Loads a part: `load(() => import("./part.js"))`. After an update of the server the files of an old page are gone.
 * @throws {PartError}
 */
export async function load(part) {
  try {
    return await part();
  } catch (error) {
    throw new PartError(await isServerThere(), error);
  }
}

const isServerThere = () => fetch("/health", { cache: "no-store" }).then(() => true, () => false);
