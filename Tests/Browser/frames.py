"""What stood where in the list of messages, frame by frame, and how it moved.

A person reads rows, not offsets: a list that grows above and scrolls by as much has not moved. So each frame tells the
place of every row in sight, and a movement is that of a row that stands in two frames that follow each other.
"""

import math

# A row may be put on another pixel by rounding.
ROUNDING_PX = 1.5

# The places are read at the last moment before a frame is painted, after every observer of the page itself.
WATCH = """
(() => {
  if (window.frames_of_list) return;
  const frames = (window.frames_of_list = []);
  let known = null, observer = null, last = 0, shown = "", unchanged = 0;
  const probe = document.createElement("div");
  probe.style.cssText = "position: fixed; inset-block-start: 0; inset-inline-start: 0; block-size: 1px; visibility: hidden";
  const look = () => {
    if (!known?.isConnected) return;
    const edge = known.getBoundingClientRect();
    const rows = {};
    for (const row of known.querySelectorAll("[data-id]")) {
      const place = row.getBoundingClientRect();
      if (place.bottom > edge.top && place.top < edge.bottom) rows[row.dataset.id] = place.top - edge.top;
    }
    const now = performance.now();
    const below = known.scrollHeight - known.scrollTop - known.clientHeight;
    const picture = JSON.stringify([rows, below]);
    unchanged = picture === shown ? unchanged + 1 : 0;
    shown = picture;
    frames.push({
      rows,
      line: known.querySelector(".new-line")?.getBoundingClientRect().top - edge.top,
      below,
      height: known.clientHeight,
      at_ms: now,
      took_ms: now - last,
    });
    last = now;
  };
  const step = () => {
    const scroller = document.querySelector(".message-scroller");
    if (scroller !== known || !probe.isConnected) {
      known = scroller;
      observer?.disconnect();
      document.body?.append(probe);
      // The observers of a page are told in the order in which they were made, so this one comes after the list's.
      observer = new ResizeObserver(look);
      if (probe.isConnected) observer.observe(probe);
    }
    probe.style.inlineSize = probe.style.inlineSize === "1px" ? "2px" : "1px";
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  window.list_at_rest = async (count) => {
    unchanged = 0;
    while (unchanged < count) await new Promise(requestAnimationFrame);
  };
})()
"""


class Frames:
    """The frames from the moment when this is made."""

    def __init__(self, page):
        self.page = page
        page.evaluate(WATCH)
        page.evaluate("frames_of_list.length = 0")

    @staticmethod
    def from_the_first(page):
        """Frames of a page that is yet to be opened."""
        page.add_init_script(WATCH)
        frames = Frames.__new__(Frames)
        frames.page = page
        return frames

    def all(self):
        return self.page.evaluate("frames_of_list")

    def take(self):
        """All frames but once; the last one stays, so that no move between two takings is lost."""
        return self.page.evaluate("(() => { const all = [...frames_of_list]; frames_of_list.splice(0, all.length - 1); return all; })()")

    def moves(self):
        return moves(self.all())

    def at_rest(self, frames=8):
        """The moves until nothing has changed for so many frames."""
        self.page.evaluate("list_at_rest", frames)
        return self.moves()


def moves(frames):
    """How far down the rows went in each frame."""
    frames = [frame for frame in frames if frame["rows"]]
    return [move(before, after) for before, after in zip(frames, frames[1:])]


def move(before, after):
    """What grows moves its neighbours: the row that moved least is the one that was read. Other rows altogether are
    infinitely far away, and the older ones came from above."""
    moved = [after["rows"][row] - top for row, top in before["rows"].items() if row in after["rows"]]
    if moved:
        return min(moved, key=abs)
    return math.inf if first(after) < first(before) else -math.inf


def first(frame):
    return min(int(row) for row in frame["rows"])


def against(moves, direction):
    """The moves that a person did not ask for: `direction` is 1 for a list that goes down under the hand, which reads
    older messages, -1 for newer ones, and 0 for a hand that rests."""
    return [px for px in moves if (abs(px) > ROUNDING_PX if direction == 0 else px * direction < -ROUNDING_PX)]
