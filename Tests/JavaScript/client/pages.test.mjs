import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGES, parse } from "../../../Web/kernel/pages.js";

test("every address of the page leads to what it is listed under", () => {
  const values = { server: "1", channel: "2", message: "3", code: "a%20b", section: "users" };
  const read = { ...values, code: "a b" };
  for (const [name, addresses] of Object.entries(PAGES)) {
    for (const address of addresses) {
      const route = parse(address.replace(/\{(\w+)\}/g, (_, key) => values[key]));
      assert.equal(route.name, name);
      const given = [...address.matchAll(/\{(\w+)\}/g)].map(([, key]) => key);
      for (const [key, value] of Object.entries(route)) {
        if (key !== "name") assert.equal(value, given.includes(key) ? read[key] : null, `${address}: ${key}`);
      }
    }
  }
});

test("what is missing in an address is null", () => {
  assert.deepEqual(parse("/channels/@me"), { name: "channel", server: "@me", channel: null, message: null });
  assert.deepEqual(parse("/admin"), { name: "admin", section: null });
});

test("another address leads nowhere", () => {
  for (
    const path of [
      "/nowhere",
      "/channels",
      "/channels/x",
      "/channels/1/x",
      "/channels/1/2/3/4",
      "/invite/",
      "/admin/a/b",
    ]
  ) {
    assert.equal(parse(path).name, "unknown", path);
  }
});

test("an address that can't be decoded is taken as it is", () => {
  assert.equal(parse("/invite/%ff").code, "%ff");
});
