"""Reads a channel of 5,000 messages with 250 pictures from its end to its beginning and back, by wheel, touchpad, finger and
keys, while others write, and looks at every frame: `scripts/bench-browser reading [MESSAGES [wheel|touchpad|finger|keys …]]`.

Prints lines of a table: the time to the first message and to another channel, and for each way of scrolling the frames, the
longest of them, and the moves that nobody asked for. There must be none of the latter. After each way the same hand goes over
bare copies of the same rows, without a script, a request or a change: what the machine itself takes for a frame. Each frame
above 50 ms is told with what the client's own scripts did in it.
"""

import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/Browser"))

from playwright.sync_api import sync_playwright  # noqa: E402

from frames import Frames, against, moves  # noqa: E402
from hand import Hand  # noqa: E402
from load import cold_message, machine  # noqa: E402
from people import DESKTOP, PHONE, Person  # noqa: E402
from room import Room  # noqa: E402
from server import Server  # noqa: E402

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
# Which hands, or all of them.
WAYS = sys.argv[2:]
PICTURES_EVERY = 20
# Nobody may upload more than 50 files a day.
AUTHORS = max(2, MESSAGES // PICTURES_EVERY // 20)
UP, DOWN, RESTING = 1, -1, 0
NUMBERS = itertools.count(1)

# From a press on the link of a channel to a message of it in a frame, in milliseconds.
SWITCH = """
([channel, message]) => new Promise((resolve) => {
  const start = performance.now();
  document.querySelector(`.sidebar a[href$="${channel}"]`).click();
  const look = () => document.querySelector(`.message-scroller [data-id="${message}"]`)
    ? requestAnimationFrame(() => resolve(performance.now() - start))
    : setTimeout(look);
  look();
})
"""


# Copies of the rows in place of the list: `[how many]`. What they are is no concern of the watch over the frames.
BARE = """
(count) => {
  const list = document.querySelector(".message-list");
  const bare = list.cloneNode(true);
  const rows = bare.querySelector(".messages");
  rows.querySelectorAll("[data-id]").forEach((row) => delete row.dataset.id);
  const own = [...rows.children];
  while (rows.children.length < count) rows.append(...own.map((row) => row.cloneNode(true)));
  list.replaceWith(bare);
  bare.querySelector(".message-scroller").scrollTop = rows.scrollHeight;
}
"""
BARE_ROWS = 1500
LATE_MS = 50

# What the page did in the frames that kept it for more than 50 ms (Long Animation Frames, as the browser tells them). The
# scripts of these measurements have no address.
WATCH_LONG = """
() => {
  window.long_frames = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration, renderStart, styleAndLayoutStart, scripts } of list.getEntries()) {
      const end = startTime + duration;
      const own = scripts.filter(({ sourceURL }) => sourceURL.startsWith(location.origin));
      window.long_frames.push({
        start: startTime,
        end,
        client: own.reduce((sum, script) => sum + script.duration, 0),
        layout: styleAndLayoutStart ? end - styleAndLayoutStart : 0,
        rendering: renderStart ? end - renderStart : 0,
        invokers: own.map(({ invoker, duration }) => `${invoker} ${duration.toFixed(0)} ms`),
      });
    }
  }).observe({ type: "long-animation-frame" });
}
"""

IS_AT_EDGE = """
(direction) => {
  const { scrollTop, scrollHeight, clientHeight } = document.querySelector(".message-scroller");
  return direction > 0 ? scrollTop < 2 : scrollHeight - scrollTop - clientHeight < 2;
}
"""


class Reading:
    """One person who goes through the channel in one way."""

    def __init__(self, room, name, gesture, viewport=DESKTOP, **options):
        self.room, self.name, self.gesture = room, name, gesture
        self.person = room.join(Person(room.owner.server, room.browser, name.replace(" ", ""), viewport, **options))
        self.page = self.person.enter(room.path).page
        self.page.locator(".message-scroller .message").last.wait_for()
        self.hand = Hand(self.page).point(y=0.5)
        self.frames = Frames(self.page)
        self.page.evaluate(WATCH_LONG)
        self.frames_ms, self.unwanted, self.late = [], [], []

    def run(self):
        for direction in (UP, DOWN):
            self.go(direction)
        print(f"| {self.name}, {MESSAGES:,} messages up and down | {told(self.frames_ms)}; {len(self.unwanted)} unwanted moves |", flush=True)
        for one in [*self.unwanted[:10], *self.why_late()]:
            print("   ", one, flush=True)
        print(f"| {self.name}, {BARE_ROWS:,} bare rows up and down | {told(self.bare())} |", flush=True)
        self.person.close()

    def why_late(self):
        """What the page itself did in each frame that took longer than 50 ms."""
        long_frames = self.page.evaluate("long_frames")
        for frame in self.late:
            begin, end = frame["at_ms"] - frame["took_ms"], frame["at_ms"]
            own = [one for one in long_frames if one["start"] < end and one["end"] > begin]
            what = "; ".join(
                f"busy for {one['end'] - one['start']:.0f} ms, the client's scripts {one['client']:.0f} ms {one['invokers']}, "
                f"rendering {one['rendering']:.0f} ms, of it style and layout {one['layout']:.0f} ms"
                for one in own
            )
            yield f"{frame['took_ms']:.0f} ms: {what or f'the page was never busy for {LATE_MS} ms'}"

    def bare(self):
        """The times of the frames of a page that does nothing but scroll."""
        self.page.evaluate(BARE, BARE_ROWS)
        self.frames.at_rest(8)
        frames, times_ms = Frames(self.page), []
        for direction in (UP, DOWN):
            while not self.page.evaluate(IS_AT_EDGE, direction):
                self.gesture(self.hand, -direction)
                times_ms += [frame["took_ms"] for frame in frames.take()[1:]]
        return times_ms

    def go(self, direction):
        for turn in itertools.count(1):
            self.gesture(self.hand, -direction)
            self.look(direction)
            if turn % 10 == 0:
                self.rest(direction)
            if self.has_arrived(direction):
                # The last turn may still be running out.
                self.frames.at_rest(2)
                return self.look(direction)

    def rest(self, direction):
        """The hand lets go; then somebody writes, pictures come, and nothing moves."""
        self.frames.at_rest(2)
        self.look(direction)
        if not self.is_at_end():
            self.room.say(f"meanwhile {next(NUMBERS)}")
        self.frames.at_rest()
        self.look(RESTING)

    def look(self, direction):
        frames = self.frames.take()
        self.frames_ms += [frame["took_ms"] for frame in frames[1:]]
        self.late += [frame for frame in frames[1:] if frame["took_ms"] > LATE_MS]
        place = {UP: "up", DOWN: "down", RESTING: "resting"}[direction]
        self.unwanted += [f"{place}: {px:+.1f} px" for px in against(moves(frames), direction)]

    def has_arrived(self, direction):
        if direction == UP:
            return self.page.evaluate("() => document.querySelector('.message-scroller').scrollTop === 0 && Boolean(document.querySelector('.messages .beginning'))")
        return self.is_at_end()

    def is_at_end(self):
        newest = self.room.newest()
        return self.page.evaluate(
            """(id) => {
              const list = document.querySelector(".message-scroller");
              return list.scrollHeight - list.scrollTop - list.clientHeight < 2 && Boolean(list.querySelector(`[data-id="${id}"]`));
            }""",
            newest,
        )


def told(times_ms):
    times_ms = sorted(times_ms)
    middle, nearly_all = (times_ms[int(len(times_ms) * share)] for share in (0.5, 0.95))
    late = sum(one > LATE_MS for one in times_ms)
    return (
        f"{len(times_ms):,} frames, half of them within {middle:.0f} ms, 95 in 100 within {nearly_all:.0f} ms, "
        f"the longest {times_ms[-1]:.0f} ms, {late} above 50 ms ({1000 * late / len(times_ms):.0f} in 1,000)"
    )


def wheel(hand, direction):
    hand.turn(direction * 600, times=10, pause_s=0.02)


def touchpad(hand, direction):
    hand.glide(direction * 4000, speed=8000)


def finger(hand, direction):
    hand.point(y=0.2 if direction < 0 else 0.8)
    hand.flick(direction * 400)
    hand.page.evaluate("list_at_rest", 2)


def keys(hand, direction):
    hand.page.locator(".message-scroller").focus()
    for _ in range(10):
        hand.page.keyboard.press("PageUp" if direction < 0 else "PageDown")


def switch(person, room, other):
    """The middle of ten changes of channel, there and back, once both are known."""
    page, times = person.page, []
    newest = {channel: person.api("GET", f"/channels/{channel}/messages?limit=1")[0]["id"] for channel in (room.channel, other)}
    for number in range(12):
        channel = (other, room.channel)[number % 2]
        times.append(page.evaluate(SWITCH, [channel, newest[channel]]))
        page.wait_for_timeout(300)
    known = sorted(times[2:])
    return known[len(known) // 2], times[0]


def main():
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            authors = [Person(server, browser, f"author{number}") for number in range(AUTHORS)]
            room = Room(*authors)
            room.browser = browser
            room.newest = lambda: room.owner.api("GET", f"/channels/{room.channel}/messages?limit=1")[0]["id"]
            room.fill(MESSAGES, pictures_every=PICTURES_EVERY)
            print(machine(), flush=True)
            other = room.owner.api("POST", f"/servers/{room.server}/channels", {"name": "other"})["id"]
            for number in range(60):
                room.owner.api("POST", f"/channels/{other}/messages", {"content": f"message {number}"})
            print(f"| first message of {MESSAGES:,}, empty cache (median of 5) | {cold_message(server, browser, room.owner, room.path):.0f} ms |", flush=True)
            room.owner.enter(room.path).page.locator(".message-scroller .message").last.wait_for()
            known, first = switch(room.owner, room, other)
            print(f"| another channel (median of 10) | {known:.0f} ms; {first:.0f} ms for the first time |", flush=True)
            readings = [
                ("wheel", wheel, DESKTOP, {}),
                ("touchpad", touchpad, DESKTOP, {}),
                ("finger", finger, PHONE, {"has_touch": True, "is_mobile": True}),
                ("keys", keys, DESKTOP, {}),
            ]
            unwanted = 0
            for name, gesture, viewport, options in readings:
                if WAYS and name not in WAYS:
                    continue
                reading = Reading(room, name, gesture, viewport, **options)
                reading.run()
                unwanted += len(reading.unwanted)
            browser.close()
    finally:
        server.close()
    return 1 if unwanted else 0


if __name__ == "__main__":
    sys.exit(main())
