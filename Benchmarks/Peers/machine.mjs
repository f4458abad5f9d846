// What is asked of the machine: ports, processes, their memory and processor time, and their syncs to disk.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Whatever makes what has been written outlast a power cut. */
const SYNCS = "fsync,fdatasync,msync,sync_file_range,sync,syncfs";
/** Of `/proc/PID/stat`, in which times are counted in hundredths of a second on every Linux. */
const TICKS_A_SECOND = 100;

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Asks again and again until the answer is true. */
export const until = async (condition, what, seconds = 60) => {
  const end = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(20);
  }
};

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });

/** Starts a server in a group of its own, and waits until it takes connections. */
export const launch = async (command, options, { folder, port, environment = process.env }) => {
  const log = path.join(folder, "output");
  const output = openSync(log, "a");
  const child = spawn(command, options, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["pipe", output, output],
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    for (const signal of ["SIGTERM", "SIGKILL"]) {
      try {
        process.kill(-child.pid, signal);
      } catch { /* Nobody of the group is left. */ }
      await Promise.race([isOver() || once(child, "exit"), pause(5000, null, { ref: false })]);
    }
  };
  try {
    await until(() => {
      if (isOver()) throw new Error(`${command} has ended:\n${readFileSync(log, "utf8").slice(-2000)}`);
      return accepts(port);
    }, command);
  } catch (error) {
    await stop();
    throw error;
  }
  return { process: child.pid, stop };
};

/** These processes and all that they have started. */
export const family = (processes) => {
  const children = new Map();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = Number(fieldsOf(name)?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [...processes];
  for (const one of all) all.push(...(children.get(one) ?? []));
  return all;
};

/** What comes after the program's name, which may have spaces: the state, the parent, and so on. */
const fieldsOf = (one) => {
  try {
    const text = readFileSync(`/proc/${one}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
};

export const processorSeconds = (processes) =>
  family(processes).map(fieldsOf).reduce(
    (sum, fields) => sum + Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0),
    0,
  ) /
  TICKS_A_SECOND;

/** Until they have nothing left to do, as after many have come or gone. */
export const quiet = async (processes) => {
  let calm = 0;
  await until(
    async () => {
      const before = processorSeconds(processes);
      await pause(250);
      calm = processorSeconds(processes) - before <= 0.03 ? calm + 1 : 0;
      return calm >= 4;
    },
    "to become quiet",
    180,
  );
};

/** In MiB. What several processes share is counted once: each has its part of it. */
export const residentMemory = (processes) => {
  const kibibytes = family(processes).map((one) => {
    const text = readFileSync(`/proc/${one}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  });
  return kibibytes.reduce((sum, one) => sum + one, 0) / 1024;
};

/** How often they sync to disk while the work is done. */
export const syncs = async (processes, folder, work) => {
  const summary = path.join(folder, "syncs");
  const all = family(processes);
  const options = ["-f", "-c", "-U", "calls,name", "-e", `trace=${SYNCS}`, "-o", summary];
  const tracer = spawn("strace", [...options, ...all.flatMap((one) => ["-p", String(one)])], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  tracer.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  await until(() => (said.match(/attached/g) ?? []).length >= all.length, `strace of ${all.length} processes`, 20);
  await work();
  tracer.kill("SIGINT");
  await once(tracer, "exit");
  const lines = [...readFileSync(summary, "utf8").matchAll(/^\s*(\d+)\s+(\w+)$/gm)];
  return lines.filter(([, , name]) => name !== "total").reduce((sum, [, calls]) => sum + Number(calls), 0);
};

export const debianVersion = (name) =>
  execFileSync("dpkg-query", ["--show", "--showformat=${Version}", name], { encoding: "utf8" });
