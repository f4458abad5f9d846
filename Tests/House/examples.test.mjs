// What the documents give to be copied is taken by the program that it is for.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { read, root } from "./sources.mjs";

const FOLDER = "examples/cluster";
const VARIABLES = { AVIARY_IMAGE: "aviary", DATABASE_PASSWORD: "one", BUS_PASSWORD: "two" };

/** The examples of the page that are for a program. */
const shown = (program) =>
  [...read("docs/cluster.md").matchAll(/<!-- example: (\w+) -->\n\n```\w*\n([\s\S]*?)\n```/g)]
    .filter(([, name]) => name === program).map(([, , text]) => `${text}\n`);

/** Runs something in a folder of its own with that file, and wants it to be content. */
function accepted(name, text, command, ...args) {
  const folder = mkdtempSync(path.join(tmpdir(), "aviary-example-"));
  const file = path.join(folder, name);
  try {
    writeFileSync(file, text);
    const { status, stdout, stderr, error } = spawnSync(command, args.map((one) => one === "FILE" ? file : one), {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, ...VARIABLES, FILE: file },
    });
    assert.equal(error, undefined, `${command}: scripts/install test`);
    assert.equal(status, 0, `${stdout}${stderr}`);
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("HAProxy takes its examples", () => {
  const examples = [...shown("haproxy"), read(`${FOLDER}/haproxy.cfg`)];
  assert.equal(examples.length, 3);
  for (const example of examples) accepted("haproxy.cfg", example, "haproxy", "-c", "-f", "FILE");
});

test("the balancer that is to be copied is the one that is shown, but for the names of the nodes", () => {
  const rules = (text) =>
    text.split("\n").filter((line) => line && !/^#|^ +server |^resolvers|^ +nameserver/.test(line))
      .map((line) => line.replace(/ resolvers .*/, ""));
  assert.deepEqual(rules(read(`${FOLDER}/haproxy.cfg`)), rules(shown("haproxy")[0]));
});

test("nginx takes its example", () => {
  const [example, ...more] = shown("nginx");
  assert.equal(more.length, 0);
  const whole = `pid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n${example}}\n`;
  accepted("nginx.conf", whole, "nginx", "-t", "-q", "-e", "stderr", "-p", ".", "-c", "FILE");
});

test("nats-server takes its example", () => {
  const [, quoted] = /BUS_PASSWORD: '(.*)'/.exec(read(`${FOLDER}/compose.yaml`));
  // What looks like a number, and what like one with a unit.
  for (const password of ["two", "12345", "12k", "1e5", "true"]) {
    VARIABLES.BUS_PASSWORD = quoted.replace("${BUS_PASSWORD:?}", password);
    accepted("nats.conf", read(`${FOLDER}/nats.conf`), "nats-server", "--config", "FILE", "-t");
  }
});

/** It looks for the addresses of the example, and asks etcd whether it is there. */
const BESIDE_ETCD = `
  ip link set lo up
  for address in 11 21 22 23; do ip address add "10.0.0.$address/32" dev lo; done
  node --eval '
    const listening = [21, 22, 23].map((address) => new Promise((resolve) =>
      require("node:net").createServer().listen(2379, "10.0.0." + address, resolve)));
    Promise.all(listening).then(() =>
      require("node:child_process").spawn("patroni", ["--validate-config", process.env.FILE], { stdio: "inherit" })
        .on("exit", (status) => process.exit(status ?? 1)));'
`;

test("Patroni takes its example", (context) => {
  const [example, ...more] = shown("patroni");
  assert.equal(more.length, 0);
  const apart = process.getuid() === 0 ? ["--net"] : ["--user", "--map-root-user", "--net"];
  if (spawnSync("unshare", [...apart, "true"]).status !== 0) return context.skip("no network namespaces here");
  accepted("patroni.yml", example, "unshare", ...apart, "bash", "-euc", BESIDE_ETCD);
});

test("Compose takes its example, and what it mounts is there", () => {
  const text = read(`${FOLDER}/compose.yaml`);
  accepted("compose.yaml", text, "docker-compose", "--file", "FILE", "config", "--quiet");
  for (const [, file] of text.matchAll(/"\.\/([\w.]+):/g)) read(`${FOLDER}/${file}`);
});

test("systemd takes its example", () => {
  // The program is not installed where tests run.
  const unit = read(`${FOLDER}/aviary@.service`).replace("/usr/local/bin/aviary", "/bin/true");
  assert.equal(accepted("aviary@one.service", unit, "systemd-analyze", "verify", "FILE"), "");
});

test("the examples set what can be set", () => {
  const known = new Set([...read("docs/configuration.md").matchAll(/`(AVIARY_\w+)`/g)].map(([, name]) => name));
  const used = ["compose.yaml", "aviary@.service", "node.env"]
    .flatMap((name) => [...read(`${FOLDER}/${name}`).matchAll(/\b(AVIARY_\w+)\s*[:=]/g)].map(([, name]) => name))
    .filter((name) => !(name in VARIABLES));
  assert.ok(used.length > 10);
  assert.deepEqual(used.filter((name) => !known.has(name)), [], path.join(root, "docs/configuration.md"));
});

test("what the benchmarks have in C compiles", () => {
  for (const name of ["listen", "send"]) {
    const { status, stderr } = spawnSync(
      "gcc",
      ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-ISources/Receiver/include", `Benchmarks/Baseline/${name}.c`],
      { cwd: root, encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
  }
});
