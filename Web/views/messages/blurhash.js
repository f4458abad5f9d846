// Draws the colours of a picture that has not come yet (BlurHash: a few cosine terms in base 83).

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
const SIZE_PX = 24;
const known = new Map();
const MOST_KEPT = 300;

/** A small picture as an address; null when the hash is not one. */
export function blurhashURL(hash) {
  if (known.has(hash)) return known.get(hash);
  if (known.size > MOST_KEPT) known.clear();
  const url = draw(hash);
  known.set(hash, url);
  return url;
}

function draw(hash) {
  const number = (from, to) =>
    [...hash.slice(from, to)].reduce((value, digit) => value * 83 + DIGITS.indexOf(digit), 0);
  const [columns, rows] = [(number(0, 1) % 9) + 1, Math.floor(number(0, 1) / 9) + 1];
  if (hash.length !== 4 + 2 * columns * rows) return null;
  const strongest = (number(1, 2) + 1) / 166;
  const terms = [];
  for (let index = 0; index < columns * rows; index += 1) {
    terms.push(index === 0 ? average(number(2, 6)) : alternating(number(4 + index * 2, 6 + index * 2), strongest));
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE_PX;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(SIZE_PX, SIZE_PX);
  for (let y = 0; y < SIZE_PX; y += 1) {
    for (let x = 0; x < SIZE_PX; x += 1) {
      const color = [0, 0, 0];
      terms.forEach((term, index) => {
        const weight = Math.cos((Math.PI * x * (index % columns)) / SIZE_PX) *
          Math.cos((Math.PI * y * Math.floor(index / columns)) / SIZE_PX);
        for (let channel = 0; channel < 3; channel += 1) color[channel] += term[channel] * weight;
      });
      pixels.data.set([...color.map(toScreen), 255], 4 * (y * SIZE_PX + x));
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

const average = (value) => [value >> 16, (value >> 8) & 255, value & 255].map(toLinear);
const alternating = (value, strongest) =>
  [Math.floor(value / 361), Math.floor(value / 19) % 19, value % 19].map((part) =>
    Math.sign(part - 9) * ((part - 9) / 9) ** 2 * strongest
  );
const toLinear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const toScreen = (value) => {
  const bounded = Math.max(0, Math.min(1, value));
  return Math.round(255 * (bounded <= 0.0031308 ? bounded * 12.92 : 1.055 * bounded ** (1 / 2.4) - 0.055));
};
