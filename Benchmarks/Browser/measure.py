"""What the web client weighs and how fast it is, on a release build: `scripts/bench-browser`.

Prints lines of a table: the bytes of a first load, the time to the first message with 50 servers, what typing does to frames
with 1,000 members online, and the heap while 100,000 messages are scrolled through.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/Browser"))

from playwright.sync_api import sync_playwright  # noqa: E402

from people import Person  # noqa: E402
from server import Server  # noqa: E402

SERVERS = 50
MEMBERS = 1000
MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000


def weigh(person, place):
    """Compressed bytes of everything until the first message is visible, without what the person's pictures weigh."""
    received = {}
    devices = person.context.new_cdp_session(person.page)
    devices.send("Network.enable")
    addresses = {}
    devices.on("Network.responseReceived", lambda event: addresses.update({event["requestId"]: event["response"]["url"]}))
    devices.on("Network.loadingFinished", lambda event: received.update({event["requestId"]: event["encodedDataLength"]}))
    person.enter(place)
    person.page.locator(".message").first.wait_for()
    own = {key: size for key, size in received.items() if "/api/" not in addresses.get(key, "/api/")}
    return sum(own.values()), len(own)


def first_message(person, place):
    """Milliseconds from asking for the page to a message in it, with an empty cache and with a kept one."""
    times = []
    for _ in range(5):
        person.page.goto("about:blank")
        person.page.goto(place, wait_until="commit")
        person.page.locator(".message").first.wait_for()
        times.append(person.page.evaluate("performance.now()"))
    return sorted(times)[len(times) // 2]


def cold_message(server, browser, person, place):
    times = []
    for _ in range(5):
        context = browser.new_context(base_url=server.origin, viewport={"width": 1280, "height": 800}, service_workers="block")
        context.add_init_script(f"localStorage.setItem('aviary.session', {json.dumps(json.dumps({'token': person.token, 'userID': person.id}))})")
        page = context.new_page()
        page.goto(place, wait_until="commit")
        page.locator(".message").first.wait_for()
        times.append(page.evaluate("performance.now()"))
        context.close()
    return sorted(times)[len(times) // 2]


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
    first = lambda: page.evaluate("document.querySelector('.message[data-id]')?.dataset.id")  # noqa: E731
    before = None
    while seen < count:
        page.evaluate("document.querySelector('.message-scroller').scrollTop = 0")
        try:
            page.wait_for_function("(before) => document.querySelector('.message[data-id]')?.dataset.id !== before", arg=before, timeout=10_000)
        except Exception:
            break
        before = first()
        seen += 50
        if seen % 5000 == 0:
            samples.append(heap())
    return samples, page.locator(".message").count(), seen


def fill(server, person):
    """Servers, members who are online, and messages, by the API."""
    places = [person.make_server(f"Server {number}") for number in range(SERVERS)]
    for _, channel in places:
        person.api("POST", f"/channels/{channel}/messages", {"content": "Hello"})
    return places


def main():
    settings = {"limits.servers_per_user": 100}
    server = Server(**settings)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--enable-precise-memory-info"])
            person = Person(server, browser, "alice")
            places = fill(server, person)
            place = "/channels/{}/{}".format(*places[0])
            size, requests = weigh(person, place)
            print(f"| first load, compressed | {size / 1024:.0f} KiB in {requests} requests |")
            print(f"| first message visible, {SERVERS} servers, empty cache (median of 5) | {cold_message(server, browser, person, place):.0f} ms |")
            print(f"| the same with what the browser keeps (median of 5) | {first_message(person, place):.0f} ms |", flush=True)
            large, channel = places[1]
            others = [join(server, person, channel, number) for number in range(MEMBERS)]
            result = type_with_members(person, f"/channels/{large}/{channel}")
            print(f"| typing 212 letters, {len(others)} members | {result['late']} of {result['frames']} frames above 34 ms, longest {result['longest']:.0f} ms, {result['tasks']} tasks above 50 ms |", flush=True)
            for number in range(MESSAGES):
                person.api("POST", f"/channels/{places[2][1]}/messages", {"content": f"message {number} with some words in it"})
            samples, rows, seen = scroll(person, "/channels/{}/{}".format(*places[2]), MESSAGES)
            print(f"| heap while scrolling through {seen:,} messages | {samples[0]:.1f} MiB at first, at most {max(samples):.1f}, {samples[-1]:.1f} at the end; {rows} messages in the page |")
            browser.close()
    finally:
        server.close()


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
