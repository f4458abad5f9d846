// How good the connections of a call are: what was measured, how many bars that makes, and the cause in a word.

/** From so much on a call suffers, and from so much on it is hardly one. Loss in percent, times in milliseconds. */
const BOUNDS = {
  loss_down: [3, 10],
  loss_up: [3, 10],
  rtt_ms: [250, 600],
  jitter_ms: [40, 100],
};

const add = (sums, key, value) => (sums[key] = (sums[key] ?? 0) + (value ?? 0));

/** What the reports of the connections (`getStats`) say in sum: counters since the beginning, and what holds now. */
export function readReports(reports) {
  const sums = {};
  const now = { rtt_ms: 0, jitter_ms: 0, loss_up: 0, path: null };
  for (const report of reports) {
    if (report.type === "inbound-rtp") {
      add(sums, "received", report.packetsReceived);
      add(sums, "lost", report.packetsLost);
      if (report.kind === "audio") now.jitter_ms = Math.max(now.jitter_ms, 1000 * (report.jitter ?? 0));
    } else if (report.type === "remote-inbound-rtp") {
      now.loss_up = Math.max(now.loss_up, 100 * (report.fractionLost ?? 0));
      now.rtt_ms = Math.max(now.rtt_ms, 1000 * (report.roundTripTime ?? 0));
    } else if (report.type === "candidate-pair" && report.nominated && report.state === "succeeded") {
      now.rtt_ms = Math.max(now.rtt_ms, 1000 * (report.currentRoundTripTime ?? 0));
      now.path = worsePath(now.path, report.local);
    }
  }
  return { sums, now };
}

const PATHS = ["udp", "tcp", "relay"];

function worsePath(path, candidate) {
  if (!candidate) return path;
  const own = candidate.candidateType === "relay" ? "relay" : candidate.protocol === "tcp" ? "tcp" : "udp";
  return PATHS[Math.max(PATHS.indexOf(path), PATHS.indexOf(own))];
}

/** What has happened between two readings; null before there is a way. */
export function measure(before, after) {
  const { now, sums } = after;
  if (!now.path) return null;
  const received = Math.max(0, (sums.received ?? 0) - (before?.sums.received ?? 0));
  const lost = Math.max(0, (sums.lost ?? 0) - (before?.sums.lost ?? 0));
  const loss_down = received + lost > 0 ? (100 * lost) / (received + lost) : 0;
  return { ...now, loss_down };
}

/**
 * What that means: `level` (`good`, `fair` or `poor`), `bars` (3 to 1), `cause`: what is worst, null where nothing is, and its
 * value.
 */
export function rate(measured) {
  const found = Object.entries(BOUNDS)
    .map(([cause, [fair, poor]]) => ({ cause, value: measured[cause], ratio: measured[cause] / poor, fair, poor }))
    .filter(({ value, fair }) => value >= fair)
    .sort((one, other) => other.ratio - one.ratio)[0];
  if (!found) return { level: "good", bars: 3, cause: null, value: 0 };
  const isPoor = found.value >= found.poor;
  return { level: isPoor ? "poor" : "fair", bars: isPoor ? 1 : 2, cause: found.cause, value: Math.round(found.value) };
}

/** All that the connections report now. */
export async function report(connections) {
  const all = await Promise.all(connections.map((connection) => connection.getStats()));
  return readReports(
    all.flatMap((stats) =>
      [...stats.values()].map((one) =>
        one.type === "candidate-pair" ? { ...one, local: stats.get(one.localCandidateId) } : one
      )
    ),
  );
}
