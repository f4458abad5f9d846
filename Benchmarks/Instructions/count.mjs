// Counts the instructions that a request takes, and holds them against Benchmarks/Instructions/budget.json.
// They are nearly the same on each run and on each machine, where times are not. Started by scripts/instructions.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const [program, shim, ...options] = process.argv.slice(2);
const BUDGET = path.join(import.meta.dirname, "budget.json");
/** The least of so many rounds counts: what else happens meanwhile only adds. */
const ROUNDS = 8;
const REQUESTS = 100;
/** So much more or less than the budget is a change. A write waits for the disk, and what is done by the clock meanwhile counts. */
const tolerance = (name) => (name.startsWith("GET ") ? 0.05 : 0.15);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const folder = mkdtempSync(path.join(tmpdir(), "aviary-instructions-"));
const port = await freePort();
const output = path.join(folder, "callgrind");
const server = spawn("valgrind", [
  "--quiet",
  "--tool=callgrind",
  "--instr-atstart=no",
  `--callgrind-out-file=${output}`,
  program,
  "serve",
  "--port",
  String(port),
  "--data",
  path.join(folder, "data"),
], {
  stdio: ["ignore", "ignore", "inherit"],
  env: {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AVIARY_"))),
    LD_PRELOAD: shim,
    AVIARY_HTTP_HOST: "127.0.0.1",
    AVIARY_RATE_LIMITING_ENABLED: "false",
    AVIARY_METRICS_ENABLED: "false",
    AVIARY_LOG_LEVEL: "error",
    AVIARY_PROCESS_RESTART: "false",
    AVIARY_PASSWORDS_ARGON2_MEMORY_KIB: "8",
    AVIARY_PASSWORDS_ARGON2_PASSES: "1",
    AVIARY_PASSWORDS_ARGON2_LANES: "1",
  },
});
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let token;

const call = (method, address, body) =>
  new Promise((resolve, reject) => {
    const bytes = body && JSON.stringify(body);
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(bytes && { "content-type": "application/json", "content-length": Buffer.byteLength(bytes) }),
    };
    const sent = request({ host: "127.0.0.1", port, method, path: address, headers, agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () =>
        answer.statusCode < 300
          ? resolve(text && JSON.parse(text))
          : reject(new Error(`${method} ${address}: ${text}`)));
    });
    sent.on("error", reject).end(bytes);
  });

const started = async () => {
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) break;
    try {
      return await call("GET", "/health");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("the server does not start under valgrind");
};

const control = (...words) => execFileSync("callgrind_control", [...words, String(server.pid)], { stdio: "pipe" });

/** All that was counted since the last time, and nothing of it is left. */
const counted = () => {
  const files = readdirSync(folder).filter((name) => name.startsWith("callgrind"));
  const sum = files.reduce((total, name) => {
    const file = path.join(folder, name);
    const found = /^totals: (\d+)/m.exec(readFileSync(file, "latin1"));
    rmSync(file);
    return total + Number(found?.[1] ?? 0);
  }, 0);
  if (sum === 0) throw new Error("nothing was counted");
  return sum;
};

const measure = async (act) => {
  for (let turn = 0; turn < 30; turn++) await act();
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    control("-i", "on");
    for (let turn = 0; turn < REQUESTS; turn++) await act();
    control("-i", "off");
    control("-d");
    least = Math.min(least, counted() / REQUESTS);
  }
  return Math.round(least);
};

const measureAll = async () => {
  await started();
  const account = { username: "owner", email: "owner@example.org", password: "Correct horse 1!" };
  token = (await call("POST", "/api/v1/auth/register", account)).token;
  const channel = (await call("POST", "/api/v1/servers", { name: "Nest" })).default_channel_id;
  const messages = `/api/v1/channels/${channel}/messages`;
  const say = () => call("POST", messages, { content: "A message of usual length, as people write them." });
  for (let turn = 0; turn < 60; turn++) await say();
  return {
    "GET /users/@me": await measure(() => call("GET", "/api/v1/users/@me")),
    "GET /channels/{channel_id}/messages (50)": await measure(() => call("GET", `${messages}?limit=50`)),
    "POST /channels/{channel_id}/messages": await measure(say),
  };
};

let found;
try {
  found = await measureAll();
} finally {
  server.kill("SIGTERM");
  agent.destroy();
  await new Promise((resolve) => server.exitCode === null ? server.on("exit", resolve) : resolve());
  rmSync(folder, { recursive: true, force: true });
}

if (options.includes("--write")) {
  writeFileSync(BUDGET, JSON.stringify(found, null, 2) + "\n");
  console.log(`written: ${JSON.stringify(found)}`);
} else {
  const budget = JSON.parse(readFileSync(BUDGET, "utf8"));
  for (const name of new Set([...Object.keys(budget), ...Object.keys(found)])) {
    const [have, may] = [found[name], budget[name]];
    const change = have / may - 1;
    const isWithin = Math.abs(change) <= tolerance(name);
    console.log(`${name}: ${have} instructions, budget ${may} (${(100 * change).toFixed(1)} %)`);
    if (isWithin) continue;
    // Less is told, too: else the next one could take it back unseen.
    console.error(`error: ${name} takes ${change > 0 ? "more" : "less"} than it did; if so it is to be, say --write`);
    process.exitCode = 1;
  }
}
