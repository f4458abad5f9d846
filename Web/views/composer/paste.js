/**
 * Whether a paste means its text and not its files: spreadsheets and word processors add a picture of what was copied. Who
 * copies a file gets its name as the text, and who copies a picture its address.
 */
export function pastesText(text, files) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (lines.length === 0 || !files.every((file) => file.type.startsWith("image/"))) return false;
  const isNameOrAddress = (line) =>
    files.some((file) => line.endsWith(file.name)) || /^(https?|file|data):\S+$/.test(line);
  return !lines.every(isNameOrAddress);
}
