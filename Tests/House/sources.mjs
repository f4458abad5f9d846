// The sources as the rules of the house read them: which folder declares a type, and which folders speak of it.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const root = path.join(import.meta.dirname, "../..");

/** Every file below a folder whose name ends so: paths from the root. */
export function files(folder, ending) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith(ending))
    .map((one) => path.relative(root, path.join(one.parentPath ?? one.path, one.name)))
    .filter((file) => !file.includes("/.build/"))
    .sort();
}

export const read = (file) => readFileSync(path.join(root, file), "utf8");

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const TEXT = /"""[\s\S]*?"""|#"[\s\S]*?"#|"(?:\\.|[^"\\\n])*"/g;

/** What a compiler sees of a Swift file, without its literals. */
export const code = (file) => read(file).replace(TEXT, '""').replace(COMMENT, "");

/** The literals of a Swift file: where the SQL is. */
export const texts = (file) => read(file).replace(/^\s*\/\/.*$/gm, "").match(TEXT) ?? [];

const DECLARATION =
  /^(?:(?:public|package|final|indirect|fileprivate|private|internal) )*(?:struct|class|enum|actor|protocol|typealias) (\w+)/gm;

/** The types that a Swift file declares at its top. */
export const types = (file) => [...code(file).matchAll(DECLARATION)].map(([, name]) => name);

/** The modules of the features, lowest first. */
export const ROOMS = ["Features", "Files", "People", "Community", "Content", "Chat"];

/** The sources of all features. */
export const featureSources = ROOMS.flatMap((room) => files(`Sources/${room}`, ".swift"));

/** `Sources/Content/Messages/Message.swift` is in the folder `Messages` of the module `Content`. */
export function placeOf(file) {
  const [, module, folder] = file.split("/");
  return { module, folder: folder.endsWith(".swift") ? "" : folder };
}
