import assert from "node:assert/strict";
import { test } from "node:test";
import { alongLine, letterOf } from "../../../Web/dom/keys.js";

const key = (key, code = "", more = {}) => ({ key, code, getModifierState: () => false, ...more });

test("commands are found on keyboards of other scripts, and where Latin letters stand elsewhere", () => {
  assert.equal(letterOf(key("K", "KeyK")), "k");
  assert.equal(letterOf(key("л", "KeyK")), "k");
  assert.equal(letterOf(key("κ", "KeyK")), "k");
  assert.equal(letterOf(key("ל", "KeyK")), "k");
  assert.equal(letterOf(key("a", "KeyQ")), "a", "a French keyboard says what it means");
  assert.equal(letterOf(key("ö", "Semicolon")), "ö");
  assert.equal(letterOf(key("ArrowUp", "ArrowUp")), "arrowup");
  assert.equal(letterOf(key("л", "KeyK", { getModifierState: () => true })), "л", "what AltGr writes is no command");
  assert.equal(letterOf(key("л", "KeyK", { isComposing: true })), "");
});

test("the arrows go along the line as one reads", () => {
  for (const [direction, on, back] of [["ltr", "ArrowRight", "ArrowLeft"], ["rtl", "ArrowLeft", "ArrowRight"]]) {
    globalThis.getComputedStyle = () => ({ direction });
    assert.equal(alongLine(key(on), {}), 1);
    assert.equal(alongLine(key(back), {}), -1);
    assert.equal(alongLine(key("ArrowUp"), {}), 0);
  }
});
