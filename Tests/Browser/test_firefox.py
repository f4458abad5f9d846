"""The core paths in a second browser."""

import time

import pytest

from autopush import AutoPush
from firefox import ARROW_UP, CONTROL, ENTER, Firefox
from room import picture
from server import PASSWORD, ROOT, Server

SCREENSHOT = ROOT / ".build/browser/firefox.png"


@pytest.fixture
def firefox():
    firefox = Firefox()
    yield firefox
    firefox.close()


def test_firefox_logs_in_reads_writes_edits_reacts_uploads_scrolls_and_logs_out(firefox, person, tmp_path):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    say = lambda text: bob.api("POST", f"/channels/{channel}/messages", {"content": text})
    for number in range(60):
        say(f"line {number}")

    firefox.open(f"{alice.server.origin}/channels/{server}/{channel}")
    firefox.click("#username")
    firefox.type(alice.name)
    firefox.click("#password")
    firefox.type(PASSWORD, ENTER)
    firefox.sees(".message", "line 59")

    firefox.click("#composer-text")
    firefox.type("Hello from the fox", ENTER)
    firefox.sees(".message:not(.pending)", "Hello from the fox")
    say("Hello, fox")
    firefox.sees(".message", "Hello, fox")

    firefox.click("#composer-text")
    firefox.type(ARROW_UP)
    firefox.sees(".editor textarea", "Hello from the fox")
    firefox.type((CONTROL, "a"), "Good evening", ENTER)
    firefox.sees(".message .edited")
    firefox.sees(".message", "Good evening")

    firefox.hover(".message", "Hello, fox")
    firefox.click(".message-toolbar button", "React")
    firefox.sees("input", "Search emoji")
    firefox.type("birthday cake")
    firefox.click("button", "birthday cake")
    firefox.sees(".message .reaction")

    photo = tmp_path / "photo.png"
    photo.write_bytes(picture())
    firefox.choose_files("input[type=file]", photo)
    firefox.sees(".tray-file")
    firefox.sees_no(".tray-file progress")
    firefox.click("#composer-text")
    firefox.type("Look!", ENTER)
    firefox.sees(".message:not(.pending) .picture img")
    firefox.until("() => [...document.querySelectorAll('.message .picture img')].at(-1)?.naturalWidth > 0")
    SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
    firefox.screenshot(SCREENSHOT)

    x, y = firefox.hover(".message", "Look!")
    for step in (20, 60, 120, 400):
        before = firefox.call(BELOW)
        firefox.wheel(x, y, -step)
        firefox.until(f"(before) => ({BELOW})() > before", before)
    say("while it reads above")
    firefox.until("() => [...document.querySelectorAll('.message')].some((row) => row.innerText.includes('while it reads'))")
    assert firefox.call(BELOW) > 400

    firefox.reload()
    firefox.sees(".message", "Look!")
    firefox.sees(".message .picture img")

    firefox.click(".self-card")
    firefox.click("[role=menuitem]", "Log out")
    firefox.sees("#password")
    assert firefox.faults == []


BELOW = """() => {
  const list = document.querySelector(".message-scroller");
  return list.scrollHeight - list.scrollTop - list.clientHeight;
}"""


@pytest.mark.long
def test_firefox_is_told_while_no_page_is_open(person, request):
    """The whole way: the browser's own subscription, the server's encryption, a push service, the browser's decryption."""
    service = AutoPush()
    request.addfinalizer(service.close)
    server = Server(**{"push.internal_hosts": f"127.0.0.1:{service.port}"})
    request.addfinalizer(server.close)
    firefox = Firefox(**{
        "alerts.useSystemBackend": False,
        "dom.push.connection.enabled": True,
        "dom.push.serverURL": service.address,
        "dom.push.testing.allowInsecureServerURL": True,
        "dom.push.testing.ignorePermission": True,
        "permissions.default.desktop-notification": 1,
    })
    request.addfinalizer(firefox.close)
    alice, bob = person("alice", server=server), person("bob", server=server)
    home, channel = alice.make_server()
    alice.invite(channel, bob)

    firefox.open(f"{server.origin}/channels/{home}/{channel}")
    firefox.click("#username")
    firefox.type(bob.name)
    firefox.click("#password")
    firefox.type(PASSWORD, ENTER)
    firefox.click(".self-card")
    firefox.click("[role=menuitem]", "Settings")
    firefox.click(".settings-link", "Notifications")
    firefox.click("#push-here")
    firefox.sees(".soft", "This browser")
    firefox.click("button", "Send a test")
    firefox.until(SHOWN, "Notifications come to this device")

    firefox.open("about:blank")
    alice.api("POST", f"/channels/{channel}/messages", {"content": f"<@{bob.id}> the ||wren|| is here"})
    for _ in range(600):
        if len(service.posts) == 2:
            break
        time.sleep(0.1)
    assert [post["ttl"] for post in service.posts] == ["86400", "86400"]
    firefox.open(f"{server.origin}/client-is-not-here")
    firefox.until(SHOWN, f"@{bob.name} the ▒▒▒ is here")


SHOWN = """async (body) => {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.getNotifications())?.some((one) => one.body === body);
}"""
