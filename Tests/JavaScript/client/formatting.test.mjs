import assert from "node:assert/strict";
import { test } from "node:test";

const { toggleFormat } = await import("../../../Web/views/composer/formatting.js");

/** Presses a key on a text in which `[` and `]` stand at the ends of the selection, and shows it as it is then. */
function press(shown, sign) {
  const [start, end] = [shown.indexOf("["), shown.indexOf("]") - 1];
  const text = shown.replace("[", "").replace("]", "");
  const made = toggleFormat(text, start, end, sign);
  const after = text.slice(0, made.from) + made.text + text.slice(made.to);
  return `${after.slice(0, made.start)}[${after.slice(made.start, made.end)}]${after.slice(made.end)}`;
}

test("a format comes, and goes with the same keys", () => {
  for (const sign of ["**", "*", "__"]) {
    const bare = "one [two] three";
    const formatted = `one ${sign}[two]${sign} three`;
    assert.equal(press(bare, sign), formatted);
    assert.equal(press(formatted, sign), bare);
    assert.equal(press(`one [${sign}two${sign}] three`, sign), bare);
  }
});

test("bold and italic do not take each other's signs", () => {
  assert.equal(press("**[two]**", "*"), "***[two]***");
  assert.equal(press("***[two]***", "*"), "**[two]**");
  assert.equal(press("***[two]***", "**"), "*[two]*");
  assert.equal(press("*[two]*", "**"), "***[two]***");
});

test("who writes steps out at the closing sign", () => {
  assert.equal(press("a []", "**"), "a **[]**");
  assert.equal(press("a **bold[]**", "**"), "a **bold**[]");
  assert.equal(press("a *slanted[]*", "*"), "a *slanted*[]");
  // Nothing was written between them.
  assert.equal(press("a **[]**", "**"), "a []");
  assert.equal(press("a **bold[]**", "*"), "a **bold*[]***");
});

test("blanks at the ends of a selection stay outside", () => {
  assert.equal(press("one [two ]three", "**"), "one **[two]** three");
  assert.equal(press("one[ ]two", "**"), "one**[ ]**two");
});
