// The versions of a build are those that the manifest names.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { read, root } from "./sources.mjs";

const identity = (address) => address.split("/").at(-1).replace(/\.git$/, "").toLowerCase();

const named = new Map(
  [...read("Package.swift").matchAll(/url: "([^"]+)", exact: "([^"]+)"/g)].map((
    [, address, version],
  ) => [identity(address), version]),
);

test("every package has one exact version", () => {
  const manifest = read("Package.swift");
  assert.equal((manifest.match(/\.package\(/g) ?? []).length, named.size);
});

test("what was resolved is what is named, with what comes along", () => {
  assert.ok(existsSync(path.join(root, "Package.resolved")), "`swift package resolve` writes it");
  const { pins } = JSON.parse(read("Package.resolved"));
  const resolved = pins.map((pin) => [identity(pin.location), pin.state.version]).sort();
  assert.deepEqual(resolved, [...named].sort());
});
