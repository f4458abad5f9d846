// Aviary, on SQLite. Whoever is connected to its gateway hears.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { Connection } from "./http.mjs";
import { freePort, launch } from "./machine.mjs";
import { openSocket } from "./websocket.mjs";

const SETTINGS = {
  AVIARY_RATE_LIMITING_ENABLED: "false",
  AVIARY_GATEWAY_IDENTIFY_INTERVAL_SECONDS: "0",
  AVIARY_HTTP_CONNECTIONS_PER_ADDRESS: "1000000",
  // One address may have half of all connections at most, unless it is a proxy's.
  AVIARY_HTTP_TRUSTED_PROXIES: "127.0.0.1",
  // Nobody waits for the passwords of hundreds, and none is looked at while something is measured.
  AVIARY_PASSWORDS_ARGON2_MEMORY_KIB: "8",
  AVIARY_PASSWORDS_ARGON2_PASSES: "1",
  AVIARY_PASSWORDS_ARGON2_LANES: "1",
  AVIARY_METRICS_ENABLED: "false",
  AVIARY_LOG_LEVEL: "error",
};
/** Of the gateway's messages. */
const BEAT = 1, IDENTIFY = 2;

export const aviary = (program) => ({
  name: "Aviary",
  storage: "SQLite",
  version: () => /^aviary (\S+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))[1],
  start: (folder) => start(program, folder),
});

const start = async (program, folder) => {
  const port = await freePort();
  // What is set for another server does not count here.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("AVIARY_"));
  const options = ["serve", "--port", String(port), "--data", path.join(folder, "data")];
  const server = await launch(program, options, {
    folder,
    port,
    environment: { ...Object.fromEntries(others), ...SETTINGS },
  });
  return {
    processes: () => [server.process],
    stop: server.stop,
    register: (name) => register(port, name),
    found,
    enter: (person, room) => person.call("POST", `/channels/invites/${room.code}`),
    send: (person, room, content) => person.call("POST", `/channels/${room.channel}/messages`, { content }),
    listen: (person, _room, hear) => listen(port, person, hear),
  };
};

const register = async (port, username) => {
  const connection = new Connection(port);
  const body = { username, email: `${username}@example.org`, password: "Correct horse 1!" };
  const { token } = await connection.send("POST", "/api/v1/auth/register", { body });
  return {
    token,
    call: (method, address, body) => connection.send(method, `/api/v1${address}`, { token, body }),
    rest: () => connection.close(),
    close() {
      connection.close();
      this.hangUp?.();
    },
  };
};

const found = async (person) => {
  const { default_channel_id: channel } = await person.call("POST", "/servers", { name: "Peers" });
  const { code } = await person.call("POST", `/channels/${channel}/invites`, {});
  return { channel, code };
};

const listen = (port, person, hear) =>
  new Promise((resolve, reject) => {
    let isReady = false;
    const socket = openSocket(port, "/gateway", (payload) => {
      if (isReady) return hear(payload);
      isReady = payload.includes('"READY"');
      if (isReady) resolve();
    });
    socket.send({ op: IDENTIFY, d: { token: person.token } });
    const beating = setInterval(() => socket.send({ op: BEAT, d: null }), 20_000);
    person.hangUp = () => {
      clearInterval(beating);
      socket.close();
    };
    setTimeout(() => isReady || reject(new Error("the gateway does not say READY")), 60_000).unref();
  });
