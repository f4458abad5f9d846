// Line pictures of 24 by 24, drawn in the colour of the text.

import { h } from "../../dom/element.js";

const PATHS = {
  add: "M12 5v14M5 12h14",
  archive: "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
  back: "M15 5l-7 7 7 7",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  "bell-off": "M6 16V11a6 6 0 0 1 9-5.2M18 10v6l2 2H7M10 21h4M4 4l16 16",
  bookmark: "M6 4h12v17l-6-4-6 4z",
  call: "M6 3l4 1 1 4-2 2a12 12 0 0 0 5 5l2-2 4 1 1 4c0 2-2 3-4 3C10 21 3 14 3 7c0-2 1-4 3-4z",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  above: "M3 5h18v14H3zM12 12h7v5h-7z",
  camera: "M3 7h12v10H3zM15 11l6-3v8l-6-3",
  "camera-off": "M8 7h7v7M15 11l6-3v8M3 7v10h12M4 4l16 16",
  "full-screen": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  screen: "M3 5h18v11H3zM8 20h8M12 8v5M9.5 10.5L12 8l2.5 2.5",
  "screen-off": "M3 5h18v11H3zM8 20h8",
  chart: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
  check: "M5 12l5 5L19 7",
  close: "M6 6l12 12M18 6L6 18",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  emoji: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14a4 4 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  flag: "M5 21V4M5 4h13l-3 4 3 4H5",
  forum: "M4 5h11v8H8l-4 3zM9 16v1h7l4 3V9h-2",
  forward: "M13 6l6 6-6 6M19 12H8a5 5 0 0 0-5 5v1",
  friends:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  gear:
    "M4 8h9M19 8h1M4 16h1M11 16h9M16 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 13.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  hash: "M9 4L7 20M17 4l-2 16M4 9h16M3.5 15h16",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17v.2",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9v.1",
  invite: "M10 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 20a6.5 6.5 0 0 1 13 0M19 8v6M16 11h6",
  key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.5L20 4M17 7l3 3M14 10l2 2",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  "lock-open": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.7-1.5",
  logout: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  megaphone: "M4 10v4h3l8 5V5L7 10zM18 9a4 4 0 0 1 0 6M8 14l1 6",
  members: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 21a7.5 7.5 0 0 1 15 0",
  menu: "M4 7h16M4 12h16M4 17h16",
  message: "M4 5h16v11H9l-5 4z",
  headphones: "M4 14v-2a8 8 0 0 1 16 0v2M4 14h3v6H4zM17 14h3v6h-3z",
  "headphones-off": "M4 14v-2a8 8 0 0 1 13-6.2M20 11v3M4 14h3v6H4zM17 14h3v6h-3zM4 4l16 16",
  "hang-up": "M3 14c5-5 13-5 18 0l-3 3-3-2v-2a12 12 0 0 0-6 0v2l-3 2z",
  "mic-off": "M9 9v3a3 3 0 0 0 5 2.2M15 11V6a3 3 0 0 0-6-.5M6 11a6 6 0 0 0 10 4.5M12 17v4M9 21h6M4 4l16 16",
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  note: "M5 3h14v12l-5 6H5zM14 21v-6h5M9 8h6M9 12h4",
  palette:
    "M12 3a9 9 0 1 0 0 18c1.5 0 2-1 1.5-2s0-2.5 1.5-2.5h2a4 4 0 0 0 4-4C21 7 17 3 12 3zM7.5 11v.1M10.5 7.5v.1M15 8v.1",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a7.8 7.8 0 1 0 10 10z",
  pause: "M8 5v14M16 5v14",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v7",
  play: "M8 5l11 7-11 7z",
  poll: "M5 20V10M12 20V4M19 20v-7",
  react: "M11 4a8.5 8.5 0 1 0 9 9M8 14a4 4 0 0 0 6.5 0M8.5 9.5v.2M13.5 9.5v.2M18 2v6M15 5h6",
  reply: "M10 6l-6 6 6 6M4 12h10a6 6 0 0 1 6 6v1",
  retry: "M20 11a8 8 0 1 0-2 6M20 4v7h-7",
  role: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM9 12l2 2 4-4",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  send: "M4 4l17 8-17 8 3-8zM7 12h14",
  server: "M4 4h16v7H4zM4 13h16v7H4zM8 7.5v.1M8 16.5v.1",
  soundboard: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM16.5 13v7M13 16.5h7",
  sticker: "M5 4h14v9l-6 7H5zM13 20v-6h6M9 9v.1M14 9v.1M8.5 12.5a3.5 3.5 0 0 0 5 0",
  stop: "M7 7h10v10H7z",
  thread: "M5 4v9a4 4 0 0 0 4 4h10M15 13l4 4-4 4M10 8h9",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
  unread: "M4 6h11M4 12h16M4 18h10M19 4.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  up: "M6 15l6-6 6 6",
  upload: "M12 16V5M7 9l5-5 5 5M5 20h14",
  voice: "M4 10v4h4l5 4V6L8 10zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.2",
  webhook: "M9 8a3 3 0 1 1 4.5 2.6L17 16M15 8.5L11.5 15a3 3 0 1 1-2.8-2M8 16h9a3 3 0 1 1 2.5 1.5",
};

/** A picture; it says nothing to a screen reader, so what it stands on needs a name. */
export function icon(name, { size = 20 } = {}) {
  return h("svg", {
    class: `icon icon-${name}`,
    width: size,
    height: size,
    viewBox: "0 0 24 24",
    "aria-hidden": "true",
    focusable: "false",
  }, h("path", { d: PATHS[name] }));
}

const CHANNELS = { text: "hash", voice: "voice", announcement: "megaphone", forum: "forum", thread: "thread" };

/** The name of the icon of a channel. */
export const channelIcon = (channel) =>
  channel.thread?.thread_type === "private" ? "lock" : (CHANNELS[channel.channel_type] ?? "hash");
