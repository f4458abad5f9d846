import assert from "node:assert/strict";
import { test } from "node:test";
import { plainAddress, shownAs } from "../../../Web/markdown/masked.js";
import { parseInline } from "../../../Web/markdown/parse.js";

globalThis.location = { hostname: "localhost" };

const SHOWN = [
  ["[the door](https://evil.example/)", "words"],
  ["[https://localhost:18101/login](https://evil.example/login)", "both"],
  ["[https://bank.example](https://bank.example/login)", "words"],
  ["[http://www.bank.example/a](https://bank.example/b)", "words"],
  ["[https://bank.example:8443](https://bank.example)", "both"],
  ["[HTTPS://**BANK**.example](https://evil.example)", "both"],
  ["[log in at https://bank.example/ now](https://evil.example)", "both"],
  ["[ｈttps://bank.example](https://evil.example)", "both"],
  ["[htt\u200bps://bank.example](https://evil.example)", "both"],
  ["[bank.example/login](https://evil.example)", "both"],
  ["[bank.com](https://evil.example)", "both"],
  ["[www.bank](https://evil.example)", "both"],
  ["[README.md](https://code.example/README.md)", "words"],
  ["[version 1.2](https://code.example/)", "words"],
  ["[Node.js and socket.mjs](https://code.example/)", "words"],
  ["[a.b, e.g. this](https://code.example/)", "words"],
  ["[10.0.0.1](https://evil.example)", "both"],
  ["[bank.example.](https://evil.example)", "both"],
  ["[(bank.example)](https://evil.example)", "both"],
  ["[→ bank.example 🎉](https://evil.example)", "both"],
  ["[Log in at bank.example](https://evil.example)", "both"],
  ["[bank.example?x=1](https://evil.example)", "both"],
  ["[bank.rs#x](https://evil.example)", "both"],
  ["[bank。example](https://evil.example)", "both"],
  ["[https:⁄⁄bank⁄login](https://evil.example)", "both"],
  ["[https:∕∕bank.example∕login](https://evil.example)", "both"],
  ["[ftp://bank](https://evil.example)", "both"],
  ["[admin@bank.example](https://evil.example)", "both"],
  ["[localhost:18101/login](https://evil.example)", "both"],
  ["[localhost/login](https://evil.example)", "both"],
  ["[localhost/login](http://localhost/login)", "words"],
  ["[on localhost](https://code.example)", "words"],
  ["[https://bank.example@evil.example/](https://evil.example/login)", "both"],
  ["https://bank.example@evil.example/", "address"],
  ["https://bank.example:pw@evil.example/x", "address"],
  ["[\u0301](https://evil.example)", "address"],
  ["[\u1cbc\ufffc](https://evil.example)", "address"],
  ["https://a.example:99999999/", "words"],
  ["[\u3164](https://evil.example)", "address"],
  ["[\u2800\u200b](https://evil.example)", "address"],
  ["[`\u2800`](https://evil.example)", "address"],
  ["[<:party:31>](https://evil.example)", "words"],
];

for (const [text, shown] of SHOWN) {
  test(`a link is shown by its ${shown}: ${JSON.stringify(text)}`, () => {
    const link = parseInline(text).find((node) => node.type === "link");
    assert.equal(shownAs(link), shown);
  });
}

test("an address is shown without a name that looks like a host", () => {
  assert.equal(plainAddress("https://bank.example:pw@evil.example/x"), "https://evil.example/x");
  assert.equal(plainAddress("https://evil.example/a@b?c=d@e"), "https://evil.example/a@b?c=d@e");
});
