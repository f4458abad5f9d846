// A maintenance that is announced or has begun. `GET /status` says what there is and when it is over, which may be sooner
// or later than anybody thought.

import { serverNow } from "../kernel/clock.js";
import { store } from "../store/store.js";
import { api } from "./api.js";

/** Twice this at most; those who wait do not all come back in the same moment. */
const WHETHER_OVER_MS = 5000;
/** What was announced may be called off; the gateway says when it begins. */
const WHETHER_CALLED_OFF_MS = 60_000;
/** What the server says where nobody wrote anything; the client says it in the person's language. */
const NO_MESSAGE = "The server is being maintained";

let timer = null;

/** Asks until there is no maintenance any more; `onopen` is called whenever the server is found to be open. */
export async function followMaintenance(onopen = () => {}) {
  clearTimeout(timer);
  let isOver = false;
  try {
    const status = await api.send("GET", "/status", { withoutLogin: true, tries: 1 });
    learnStatus(status);
    if (status.state === "running") onopen();
    isOver = status.state === "running" && !store.state.maintenance;
  } catch {
    // Whoever gets no answer asks again.
  }
  clearTimeout(timer);
  if (isOver) return;
  const wait_ms = store.state.maintenance?.isRunning === false ? WHETHER_CALLED_OFF_MS : WHETHER_OVER_MS;
  timer = setTimeout(() => followMaintenance(onopen), wait_ms * (1 + Math.random()));
}

function learnStatus({ state, maintenance_message: message, estimated_downtime_seconds: length_s, restart_at }) {
  if (!message) return store.apply("MAINTENANCE", null);
  const known = store.state.maintenance;
  const begin_s = restart_at && length_s ? restart_at - length_s : null;
  keep({
    message,
    isRunning: state === "maintenance",
    beginsAt: begin_s ? begin_s * 1000 : known?.beginsAt,
    restart_at,
  });
}

/** SERVER_STATUS of the gateway: it is announced, or it has begun. */
export function learnNotice({ state, message, closing_in_seconds, restart_at }) {
  if (state !== "maintenance") return;
  const beginsAt = serverNow() + closing_in_seconds * 1000;
  keep({ message, isRunning: closing_in_seconds === 0, beginsAt, restart_at });
}

function keep({ message, isRunning, beginsAt, restart_at }) {
  store.apply("MAINTENANCE", {
    message: message === NO_MESSAGE ? null : message,
    isRunning,
    beginsAt: beginsAt ?? null,
    endsAt: restart_at ? restart_at * 1000 : null,
  });
}
