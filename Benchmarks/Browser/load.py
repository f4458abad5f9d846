"""What the web client weighs and how fast it is, on a release build: `scripts/bench-browser load`.

Prints lines of a table: the bytes of a first load, the time to the first message with 50 servers and to the first paint on slow links, what typing does to frames
with 1,000 members online, and the heap while 100,000 messages are scrolled through.
"""

import http.client
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/Browser"))

from playwright.sync_api import sync_playwright  # noqa: E402

from people import Person  # noqa: E402
from server import Server  # noqa: E402

SERVERS = 50
MEMBERS = 1000
MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000


def weigh(person, place):
    """What comes over the wire until the first message is visible, but for what the API answers: bytes with headers, bytes
    of the compressed contents, and how many files."""
    received = {}
    devices = person.context.new_cdp_session(person.page)
    devices.send("Network.enable")
    addresses = {}
    devices.on("Network.responseReceived", lambda event: addresses.update({event["requestId"]: event["response"]["url"]}))
    devices.on("Network.loadingFinished", lambda event: received.update({event["requestId"]: event["encodedDataLength"]}))
    person.enter(place)
    person.page.locator(".message").first.wait_for()
    own = {key: size for key, size in received.items() if "/api/" not in addresses.get(key, "/api/")}
    contents = person.page.evaluate("() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter((one) => !one.name.includes('/api/')).reduce((sum, one) => sum + one.encodedBodySize, 0)")
    return sum(own.values()), contents, len(own)


def first_message(person, place):
    """Milliseconds from asking for the page to a message in it, with an empty cache and with a kept one."""
    times = []
    person.page.add_init_script(WATCH)
    for _ in range(5):
        person.page.goto("about:blank")
        times.append(told(person.page, place))
    return sorted(times)[len(times) // 2]


# Says when the first message was in the page. Asking from outside would have the page run Playwright's own script, of some
# thousand lines, just then.
WATCH = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".message[data-id]")) return;
  observer.disconnect();
  requestAnimationFrame(() => console.debug(`first message ${performance.now()}`));
}).observe(document, {subtree: true, childList: true});
"""


def told(page, place):
    """What the page says of itself when it is opened, in milliseconds."""
    with page.expect_console_message(lambda message: message.text.startswith("first message ")) as message:
        page.goto(place, wait_until="commit")
    return float(message.value.text.split()[-1])


def cold_message(server, browser, person, place):
    """The same with nothing kept, in a browser that was never here."""
    times = []
    for _ in range(5):
        context = browser.new_context(base_url=server.origin, viewport={"width": 1280, "height": 800}, service_workers="block")
        session = json.dumps(json.dumps({"token": person.token, "userID": person.id}))
        context.add_init_script(f"localStorage.setItem('aviary.session', {session}); {WATCH}")
        page = context.new_page()
        times.append(told(page, place))
        context.close()
    return sorted(times)[len(times) // 2]


# Chromium's presets: milliseconds before an answer, bits a second.
LINKS = {"fast 3G": (562, 1_440_000), "slow 3G": (2000, 400_000)}


def first_paint(server, browser, link):
    """Milliseconds until a stranger who was never here sees the login, and until it is whole with what the server offers."""
    latency_ms, bits = LINKS[link]
    times = []
    for _ in range(5):
        context = browser.new_context(base_url=server.origin, service_workers="block")
        page = context.new_page()
        conditions = {"offline": False, "latency": latency_ms, "downloadThroughput": bits / 8, "uploadThroughput": bits / 8}
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)
        page.goto("/login", wait_until="commit")
        page.locator(".links a").first.wait_for()
        times.append(page.evaluate("() => [performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]"))
        context.close()
    return [sorted(column)[len(times) // 2] for column in zip(*times)]


def type_with_members(person, place):
    """Types for a while with the list of members open; the frames that were late, and the longest task, from the browser's trace."""
    page = person.page
    page.goto(place)
    page.get_by_role("button", name="Members").click()
    page.locator(".member-row").nth(5).wait_for()
    page.locator("#composer-text").focus()
    page.evaluate(
        """() => {
          window.frames_ms = []; window.tasks_ms = []; let last = performance.now();
          const step = (now) => { frames_ms.push(now - last); last = now; requestAnimationFrame(step); };
          requestAnimationFrame(step);
          new PerformanceObserver((list) => list.getEntries().forEach((one) => tasks_ms.push(one.duration))).observe({type: "longtask"});
        }"""
    )
    page.keyboard.type("The quick brown heron stands in the reeds and waits. " * 4, delay=25)
    return page.evaluate("() => ({frames: frames_ms.length, late: frames_ms.filter((one) => one > 34).length, longest: Math.max(...frames_ms), tasks: tasks_ms.length})")


# Scrolls up until so many pages of older messages have come; returns how many did.
UP = """
async (pages) => {
  const scroller = document.querySelector(".message-scroller");
  const first = () => document.querySelector(".message[data-id]")?.dataset.id;
  for (let page = 0; page < pages; page += 1) {
    const before = first();
    const end = performance.now() + 5000;
    while (first() === before && performance.now() < end) {
      scroller.scrollTop = scroller.scrollTop === 0 ? 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    if (first() === before) return page;
  }
  return pages;
}
"""


def scroll(person, place, count):
    """The heap after garbage collection at the newest message and again after scrolling up `count` messages."""
    page = person.page
    devices = person.context.new_cdp_session(page)
    page.goto(place)
    page.locator(".message").first.wait_for()

    def heap():
        devices.send("HeapProfiler.collectGarbage")
        return devices.send("Runtime.getHeapUsage")["usedSize"] / 1_048_576

    samples, seen = [heap()], 0
    while seen < count:
        pages = page.evaluate(UP, min(100, (count - seen + 49) // 50))
        seen += 50 * pages
        samples.append(heap())
        if pages == 0:
            break
    return samples, page.locator(".message").count(), seen


def machine():
    """How fast the machine is now: the same program on one machine may take thrice as long on another day."""
    def loop():
        start, count = time.perf_counter(), 0
        while count < 5_000_000:
            count += 1
        return 5 / (time.perf_counter() - start)

    return f"| additions of this machine's Python, one core (best of 3) | {max(loop() for _ in range(3)):.1f} million a second |"


def fill(server, person):
    """Servers, members who are online, and messages, by the API."""
    places = [person.make_server(f"Server {number}") for number in range(SERVERS)]
    for _, channel in places:
        person.api("POST", f"/channels/{channel}/messages", {"content": "Hello"})
    return places


def main():
    settings = {"limits.servers_per_user": 100, "http.connections_per_address": 2000}
    server = Server(**settings)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--enable-precise-memory-info"])
            person = Person(server, browser, "alice")
            places = fill(server, person)
            place = "/channels/{}/{}".format(*places[0])
            print(machine(), flush=True)
            size, contents, requests = weigh(person, place)
            print(f"| first load, compressed | {contents / 1024:.0f} KiB in {requests} files; {size / 1024:.0f} KiB with headers |")
            print(f"| first message visible, {SERVERS} servers, empty cache (median of 5) | {cold_message(server, browser, person, place):.0f} ms |")
            print(f"| the same with what the browser keeps (median of 5) | {first_message(person, place):.0f} ms |", flush=True)
            for link in LINKS:
                painted, whole = first_paint(server, browser, link)
                print(f"| login of a first visit on {link} (median of 5) | painted after {painted:.0f} ms, whole after {whole:.0f} ms |", flush=True)
            large, channel = places[1]
            others = [join(server, person, channel, number) for number in range(MEMBERS)]
            result = type_with_members(person, f"/channels/{large}/{channel}")
            print(f"| typing 212 letters, {len(others)} members | {result['late']} of {result['frames']} frames above 34 ms, longest {result['longest']:.0f} ms, {result['tasks']} tasks above 50 ms |", flush=True)
            write(server, person, places[2][1], MESSAGES)
            samples, rows, seen = scroll(person, "/channels/{}/{}".format(*places[2]), MESSAGES)
            print(f"| heap while scrolling through {seen:,} messages | {samples[0]:.1f} MiB at first, at most {max(samples):.1f}, {samples[-1]:.1f} at the end; {rows} messages in the page |")
            browser.close()
    finally:
        server.close()


def write(server, person, channel, count):
    """Messages over one connection, one after the other."""
    connection = http.client.HTTPConnection("localhost", server.port)
    for number in range(count):
        body = json.dumps({"content": f"message {number} with some words in it"})
        connection.request("POST", f"/api/v1/channels/{channel}/messages", body, {"Authorization": f"Bearer {person.token}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 201, answer.status


def join(server, owner, channel, number):
    """A member, who shows as online by a connection of their own to the gateway."""
    name = f"member{number}"
    answer = server.api("POST", "/auth/register", {"username": name, "email": f"{name}@example.org", "password": "Correct horse 1!"})
    if number % 100 == 0:
        owner.code = owner.api("POST", f"/channels/{channel}/invites")["code"]
    server.api("POST", f"/channels/invites/{owner.code}", None, answer["token"])
    return listen(server, answer["token"])


def listen(server, token):
    import base64
    import os
    import socket

    connection = socket.create_connection(("127.0.0.1", server.port))
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(f"GET /gateway HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    while b"\r\n\r\n" not in connection.recv(65536):
        pass
    text = json.dumps({"op": 2, "d": {"token": token}}).encode()
    mask = os.urandom(4)
    header = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2, "big")
    connection.sendall(header + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(text)))
    return connection


if __name__ == "__main__":
    main()
