"""Encryption of calls from device to device: who has the key hears and sees, and nobody else; and what people are shown of it."""

import pathlib

import pytest
from playwright.sync_api import expect

from calls import CONNECTIONS, bar, browser as callers, hears, joins, pair, press, sees_pictures, voice_channel  # noqa: F401
from people import until
from test_everyone import check

LISTENING = (pathlib.Path(__file__).parent / "listening.js").read_text()


# Remembers the workers of the page, to ask them what has passed.
WORKERS = """
    globalThis.workers = [];
    globalThis.Worker = class extends Worker {
        constructor(...options) { super(...options); workers.push(this); }
    };
"""

COUNTS = """() => new Promise((resolve) => {
    const worker = workers.at(-1);
    worker.addEventListener("message", ({ data }) => data.number === -1 && resolve(data.answer));
    worker.postMessage({ type: "counts", number: -1 });
})"""

# As a browser that does not know how.
PLAIN = "delete globalThis.RTCRtpScriptTransform;"


@pytest.fixture(scope="module")
def browser(callers):
    return callers


@pytest.fixture
def page(person):
    alice = person("alice")
    alice.enter()
    root = alice.page.evaluate("document.querySelector('script[src*=\"/client/\"]').src.replace(/[^/]*$/, '')")
    alice.page.evaluate(LISTENING, root + "call/encryption/encryption.js")
    return alice.page


def heard(page):
    return page.evaluate("listening.heard()")


def test_who_has_the_key_hears_and_sees_and_nobody_else(page):
    def is_heard(name):
        one = heard(page)[name]
        return one["tone"] > 0.9 and one["pictures"] > 20

    until(page, lambda: is_heard("right"))
    for _ in range(20):
        now = heard(page)
        assert now["right"]["tone"] > 0.9
        for name in ["wrong", "none", "bare"]:
            assert now[name]["tone"] < 0.3, (name, now)
            assert now[name]["pictures"] == 0, (name, now)
        page.wait_for_timeout(50)
    assert now["right"]["opened"] > 100 and now["right"]["clear"] == 0
    for name in ["wrong", "none"]:
        assert now[name]["dropped"] > 50 and now[name]["opened"] == now[name]["clear"] == 0, now
    sent = page.evaluate("listening.sent()")
    assert sent["sealed"] > 400 and sent["clear"] == 0

    # The same ears hear all when it is not encrypted.
    page.evaluate("listening.open()")
    for name in ["right", "wrong", "none", "bare"]:
        until(page, lambda: is_heard(name))

    # Encrypted again, those without the key are where they were.
    page.evaluate("listening.leave()")
    until(page, lambda: heard(page)["bare"]["tone"] < 0.3)
    opened = heard(page)["right"]["opened"]
    until(page, lambda: heard(page)["right"]["opened"] > opened + 50)
    until(page, lambda: heard(page)["right"]["tone"] > 0.9)
    assert heard(page)["bare"]["tone"] < 0.3


def test_odd_messages_leave_the_call_as_it_is(page):
    until(page, lambda: heard(page)["right"]["tone"] > 0.9)
    page.evaluate("listening.trouble()")
    opened = heard(page)["right"]["opened"]
    until(page, lambda: heard(page)["right"]["opened"] > opened + 50)
    assert heard(page)["right"]["tone"] > 0.9


def counts(each):
    return each.page.evaluate(COUNTS)


def lock(each, name):
    return bar(each).get_by_role("button", name=name)


ENCRYPTED = "Encrypted from device to device"


@pytest.fixture
def callers_pair(pair):
    """Two whose workers can be asked."""
    for each in pair:
        each.page.add_init_script(WORKERS)
        each.page.reload()
    return pair


def words(each):
    """The words that somebody sees, and closes."""
    press(each, ENCRYPTED)
    dialog = each.page.get_by_role("dialog", name="Encryption of the call")
    expect(dialog.locator(".encryption-words li")).to_have_count(8)
    found = dialog.locator(".encryption-words li").all_inner_texts()
    each.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return found


def goes_on_encrypted(each):
    """Waits until frames were sealed and opened since a moment ago, and none went through openly."""
    before = counts(each)
    until(each.page, lambda: counts(each)["opened"] > before["opened"] and counts(each)["sealed"] > before["sealed"])
    assert counts(each)["clear"] == before["clear"]


def test_two_people_speak_encrypted_and_see_the_same_words(callers_pair, picture):
    alice, bob = callers_pair
    expect(alice.page.locator(".call-prospect")).to_contain_text(ENCRYPTED)
    joins(alice)
    joins(bob)
    for each in (alice, bob):
        expect(lock(each, ENCRYPTED)).to_be_visible()
        hears(each)
        goes_on_encrypted(each)
        assert counts(each)["clear"] == 0
    assert words(alice) == words(bob)

    press(alice, ENCRYPTED)
    dialog = alice.page.get_by_role("dialog", name="Encryption of the call")
    for name in (alice.name, bob.name):
        expect(dialog.locator(".encryption-people")).to_contain_text(name)
    picture(alice.page, "voice-encryption")
    check(alice.page, "encryption of a call")
    alice.page.set_viewport_size({"width": 320, "height": 640})
    assert alice.page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(alice.page, "voice-encryption-narrow")
    alice.page.set_viewport_size({"width": 1280, "height": 800})
    alice.page.keyboard.press("Escape")

    # What is shown is encrypted as well, and so is what goes on after a silence and over another connection.
    press(alice, "Show your camera")
    sees_pictures(bob)
    press(bob, "Mute the microphone")
    press(bob, "Mute the microphone")
    hears(alice)
    bob.context.set_offline(True)
    expect(bob.page.locator(".status-line")).not_to_be_empty()
    bob.context.set_offline(False)
    expect(bob.page.locator(".call-status.connected")).to_be_visible()
    hears(alice)
    for each in (alice, bob):
        goes_on_encrypted(each)
        assert counts(each)["clear"] == 0
    # A page that is loaded anew has other keys.
    before = words(alice)
    bob.page.reload()
    expect(lock(bob, ENCRYPTED)).to_be_visible()
    hears(alice)
    hears(bob)
    until(alice.page, lambda: words(alice) != before)
    assert words(alice) == words(bob)


def test_who_has_no_microphone_hears_what_was_encrypted_for_them(callers_pair):
    alice, bob = callers_pair
    joins(alice)
    bob.page.evaluate("""() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
    }""")
    joins(bob)
    hears(bob)
    until(bob.page, lambda: counts(bob)["opened"] > 50)
    assert counts(alice)["sealed"] > 50
    assert counts(alice)["clear"] == counts(bob)["clear"] == 0


def test_who_is_moved_has_other_keys_there(callers_pair):
    alice, bob = callers_pair
    joins(alice)
    joins(bob)
    before = words(bob)
    other = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "aviary", "type": "voice"})["id"]
    for each in (alice, bob):
        alice.api("PATCH", f"/servers/{alice.place}/voice-states/{each.id}", {"channel_id": other})
        expect(bar(each)).to_contain_text("aviary")
    for each in (alice, bob):
        expect(lock(each, ENCRYPTED)).to_be_visible()
        hears(each)
        goes_on_encrypted(each)
    assert words(alice) == words(bob) != before


def test_a_device_that_cannot_encrypt_makes_the_call_plain_and_all_see_whose(callers_pair, person, picture):
    alice, bob = callers_pair
    carol = person("carol")
    alice.invite(alice.text, carol)
    carol.page.add_init_script(PLAIN)
    carol.enter(f"/channels/{alice.place}/{alice.channel}")
    joins(alice)
    joins(bob)
    for each in (alice, bob):
        goes_on_encrypted(each)
    before = words(alice)
    expect(carol.page.locator(".call-prospect")).to_contain_text("this browser can't")
    joins(carol)
    for each in (alice, bob):
        expect(lock(each, f"Not encrypted: the device of {carol.name} can't")).to_be_visible()
        hears(each)
    expect(lock(carol, "this browser can't")).to_be_visible()
    expect(bar(alice).locator(".call-trouble")).to_contain_text(carol.name)
    picture(alice.page, "voice-plain")
    check(alice.page, "a plain call")
    press(alice, "Not encrypted")
    expect(alice.page.get_by_role("dialog")).to_contain_text("could listen")
    alice.page.keyboard.press("Escape")
    # Who comes sees it before.
    dave = person("dave")
    dave.page.add_init_script(CONNECTIONS)
    alice.invite(alice.text, dave)
    dave.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(dave.page.locator(".call-prospect")).to_contain_text(carol.name)

    # Where it is required they may not stay, and the others are encrypted again.
    alice.api("PATCH", f"/channels/{alice.channel}", {"e2ee": "required"})
    expect(bar(carol).locator(".call-trouble")).to_contain_text("has to encrypt")
    bar(carol).get_by_role("button", name="Close").click()
    expect(carol.page.locator(".voice-room").get_by_role("button", name="Join")).to_be_disabled()
    expect(dave.page.locator(".call-prospect")).to_contain_text(ENCRYPTED)
    for each in (alice, bob):
        expect(lock(each, ENCRYPTED)).to_be_visible()
        hears(each)
        goes_on_encrypted(each)
    assert words(alice) == words(bob) == before
    joins(dave)
    hears(dave)
    until(alice.page, lambda: words(alice) != before)
    assert words(alice) == words(dave)

    # Whoever manages the channel says otherwise.
    alice.api("PATCH", f"/channels/{alice.channel}", {"e2ee": "off"})
    for each in (alice, bob, dave):
        expect(lock(each, "switched off for this channel")).to_be_visible()
        hears(each)
