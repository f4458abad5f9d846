// One word for one thing, in each language. The words are chosen in docs/translating.md.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const web = path.join(import.meta.dirname, "../../../Web");
const PARTS = ["main", "settings", "administration"];

/** What was decided against, what stands in its place, and the keys where it is the word for something else. */
const REFUSED = {
  en: [
    [/private message/i, "direct message"],
    [/recovery code/i, "backup code"],
    [/two-step|second factor login|2FA/i, "two-factor login"],
    [/transcript/i, "export"],
  ],
  de: [
    [/\bIhnen\b|\bIhre[mnrs]?\b|[a-zäöü]en Sie\b/, "du"],
    [/zwei Schritten|zweistufig|Zwei-Schritt/i, "Zwei-Faktor-Anmeldung"],
    [/hinzugeholt|hinzuholen/i, "dazuholen"],
    [/stumm/i, "Auszeit", /^mute|^keywords\./],
    [/Termin/, "Veranstaltung", /^event\.|^error\.occurrence/],
    [/\bBanne\b|Verbann/, "Bann, Bannliste"],
    [/Lesezeichen/, "Gemerktes"],
    [/Besitzer|Eigentümer/, "Inhaber"],
    [/Berechtigung/, "Recht"],
    [/privaten? Nachricht/i, "Direktnachricht"],
    [/(?<!E-)\bMails?\b/, "E-Mail"],
    [/Feedback/, "Rückmeldung"],
    [/Backup-?Code|Wiederherstellungscode/i, "Ersatzcode"],
    [/Smartphone|Handy/, "Telefon"],
    [/Transkript|Mitschrift/, "Export"],
    [/Community/, "Gemeinschaft"],
    [/\bVersion/, "Fassung"],
    [/\bFilme?\b/, "Video"],
    [/Button|Schaltfläche/, "Knopf"],
    [/verwend/i, "benutzen"],
    [/\berstell/i, "anlegen"],
    [/eröffne/i, "beginnen"],
    [/\S…/, "a space before the ellipsis"],
  ],
  ja: [
    [/デバイス/, "端末"],
    [/(?:2|２|二)要素|(?:二|２)段階|2段階ログイン/, "2段階認証"],
    [/投票を作成|投票の作成/, "アンケート"],
    [/回答\{number\}|回答を(?:追加|選)/, "選択肢"],
    [/ステッカー/, "スタンプ"],
    [/友達|友だち/, "フレンド"],
    [/利用者/, "ユーザー"],
    [/(?:プライベート|個人)メッセージ/, "ダイレクトメッセージ"],
    [/リマインド/, "リマインダー"],
    [/エクスポート/, "書き出し"],
    [/大人向け/, "成人向け"],
    [/ひな形|雛形/, "テンプレート"],
    [/新しい版|旧版/, "バージョン"],
    [/抜け/, "退出"],
    [/招(?:く|き|け|か)/, "追加、招待"],
    [/を作(?:る|り|れ|っ)/, "作成"],
    [/カテゴリ(?!ー)/, "カテゴリー"],
    [/ブラウザ(?!ー)/, "ブラウザー"],
    [/サーバ(?!ー)/, "サーバー"],
    [/ユーザ(?!ー)/, "ユーザー"],
    [/フォルダ(?!ー)/, "フォルダー"],
    [/ほか(?:の|に)/, "他"],
    [/すでに/, "既に"],
    [/～/, "〜"],
    [/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}][:?!()]/u, "full-width signs"],
    [/\} [\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u, "no space after a value"],
  ],
};

/** All texts of a language by key, with those of the service worker. */
async function textsOf(language) {
  const parts = await Promise.all(PARTS.map((part) => import(path.join(web, "texts", language, `${part}.js`))));
  const worker = fs.readFileSync(path.join(web, "service-worker.js"), "utf8");
  const words = worker.match(new RegExp(`^  ${language}: \\{\\n([^}]*)`, "m"))[1];
  return [
    ...parts.flatMap((part) => Object.entries(part.default)),
    ...[...words.matchAll(/^ +(\w+): "(.*)"/gm)].map(([, key, text]) => [`service-worker.${key}`, text]),
  ].flatMap(([key, text]) => Object.values(typeof text === "string" ? [text] : text).map((form) => [key, form]));
}

for (const [language, refused] of Object.entries(REFUSED)) {
  test(`one word for one thing: ${language}`, async () => {
    const texts = await textsOf(language);
    assert.ok(texts.some(([key]) => key === "service-worker.mention"));
    const found = texts.flatMap(([key, text]) =>
      refused.filter(([word, , elsewhere]) => word.test(text) && !elsewhere?.test(key))
        .map(([, instead]) => `${key}: ${text} (use: ${instead})`)
    );
    assert.deepEqual(found, []);
  });
}
