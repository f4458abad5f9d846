// Synapse, of Matrix, on SQLite and on PostgreSQL. Whoever asks /sync again and again hears.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Connection } from "./http.mjs";
import { freePort, launch } from "./machine.mjs";

const root = path.join(import.meta.dirname, "../..");
const python = path.join(root, ".build/peers/synapse/bin/python");
const CLIENT = "/_matrix/client/v3";
const UNLIMITED = { per_second: 1_000_000, burst_count: 1_000_000 };
/** As clients ask; nothing is left out when much has come. */
const FILTER = encodeURIComponent(
  JSON.stringify({ room: { timeline: { limit: 10_000 }, state: { lazy_load_members: true } } }),
);

export const synapse = (storage) => ({
  name: "Synapse",
  storage,
  version: () =>
    execFileSync(python, ["-c", 'import importlib.metadata as m; print(m.version("matrix-synapse"))'], {
      encoding: "utf8",
    }).trim(),
  // Each of them is answered by a request of its own, so that more take it minutes.
  mostListeners: 50,
  start: (folder) => start(storage, folder),
});

const start = async (storage, folder) => {
  const port = await freePort();
  const postgresql = storage === "PostgreSQL" ? await startPostgreSQL() : undefined;
  const database = postgresql
    ? { name: "psycopg2", args: { ...postgresql.place, cp_min: 5, cp_max: 10 } }
    : { name: "sqlite3", args: { database: path.join(folder, "homeserver.db") } };
  const file = path.join(folder, "homeserver.yaml");
  // All of JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration(folder, port, database)));
  try {
    const options = ["-m", "synapse.app.homeserver", "--config-path", file];
    const server = await launch(python, options, { folder, port });
    return running(port, server, postgresql);
  } catch (error) {
    await postgresql?.stop();
    throw error;
  }
};

const configuration = (folder, port, database) => {
  const [key, log] = ["signing.key", "log.yaml"].map((name) => path.join(folder, name));
  writeFileSync(key, `ed25519 a_peers ${randomBytes(32).toString("base64").replaceAll("=", "")}\n`);
  writeFileSync(log, JSON.stringify({ version: 1, root: { level: "WARNING" } }));
  return {
    server_name: "localhost",
    listeners: [{ port, bind_addresses: ["127.0.0.1"], type: "http", resources: [{ names: ["client"] }] }],
    database,
    signing_key_path: key,
    log_config: log,
    media_store_path: path.join(folder, "media"),
    macaroon_secret_key: randomBytes(16).toString("hex"),
    form_secret: randomBytes(16).toString("hex"),
    report_stats: false,
    trusted_key_servers: [],
    enable_registration: true,
    enable_registration_without_verification: true,
    bcrypt_rounds: 4,
    filter_timeline_limit: -1,
    ...limits(),
  };
};

const limits = () => ({
  rc_message: UNLIMITED,
  rc_registration: UNLIMITED,
  rc_login: { address: UNLIMITED, account: UNLIMITED, failed_attempts: UNLIMITED },
  rc_joins: { local: UNLIMITED, remote: UNLIMITED },
  rc_joins_per_room: UNLIMITED,
  rc_room_creation: UNLIMITED,
  rc_presence: { per_user: UNLIMITED },
});

/** One of its own for each start, that syncs to disk. */
const startPostgreSQL = async () => {
  const script = path.join(root, "scripts/with-postgresql");
  const child = spawn(script, ["sh", "-c", 'echo "$AVIARY_TEST_POSTGRESQL"; exec sleep infinity'], {
    env: { ...process.env, AVIARY_TEST_POSTGRESQL_DURABLE: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = await once(child.stdout.setEncoding("utf8"), "data");
  const { hostname: host, port, username: user } = new URL(url);
  const folder = execFileSync("psql", [url.trim(), "-Atc", "show data_directory"], { encoding: "utf8" }).trim();
  const postmaster = Number(readFileSync(path.join(folder, "postmaster.pid"), "utf8").split("\n")[0]);
  const stop = async () => {
    child.kill();
    if (child.exitCode === null) await once(child, "exit");
  };
  return { place: { host, port: Number(port), user, database: "postgres" }, process: postmaster, stop };
};

const running = (port, server, postgresql) => ({
  processes: () => [server.process, ...(postgresql ? [postgresql.process] : [])],
  stop: async () => {
    await server.stop();
    await postgresql?.stop();
  },
  register: (name) => register(port, name),
  found: async (person) => (await person.call("POST", "/createRoom", { preset: "public_chat" })).room_id,
  enter: (person, room) => person.call("POST", `/join/${encodeURIComponent(room)}`, {}),
  send: (person, room, body) => {
    const address = `/rooms/${encodeURIComponent(room)}/send/m.room.message/${person.nextTransaction++}`;
    return person.call("PUT", address, { msgtype: "m.text", body });
  },
  listen: (person, room, hear) => listen(port, person, room, hear),
});

const register = async (port, username) => {
  const connection = new Connection(port);
  const body = { username, password: "Correct horse 1!", auth: { type: "m.login.dummy" } };
  const { access_token: token } = await connection.send("POST", `${CLIENT}/register`, { body });
  return {
    token,
    nextTransaction: 1,
    call: (method, address, body) => connection.send(method, CLIENT + address, { token, body }),
    rest: () => connection.close(),
    close() {
      connection.close();
      this.hangUp?.();
    },
  };
};

/** Comes back after the first answer, from which on nothing is missed. */
const listen = async (port, person, room, hear) => {
  const connection = new Connection(port);
  let isOver = false;
  const ask = (rest) => connection.send("GET", `${CLIENT}/sync?filter=${FILTER}${rest}`, { token: person.token });
  const goOn = async (since) => {
    while (!isOver) {
      const answer = await ask(`&timeout=30000&since=${since}`);
      for (const { type, content } of answer.rooms?.join?.[room]?.timeline?.events ?? []) {
        if (type === "m.room.message") hear(content.body);
      }
      since = answer.next_batch;
    }
  };
  person.hangUp = () => {
    isOver = true;
    connection.close();
  };
  const { next_batch } = await ask("&timeout=0");
  goOn(next_batch).catch((error) => isOver || console.error(`sync: ${error.message}`));
};
