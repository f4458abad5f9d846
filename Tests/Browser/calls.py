"""People in voice channels: browsers with a microphone that beeps and a camera that shows a clock, and what they hear and see."""

import pytest
from playwright.sync_api import expect

from people import until

# Remembers the connections of the page, to ask them what they have heard.
CONNECTIONS = """
    globalThis.connections = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...options) { super(...options); connections.push(this); }
    };
"""

# How much sound has come by all connections that are open.
HEARD = """async () => {
    let energy = 0;
    for (const connection of connections.filter((one) => one.connectionState === "connected")) {
        for (const report of (await connection.getStats()).values()) {
            if (report.type === "inbound-rtp" && report.kind === "audio") energy += report.totalAudioEnergy ?? 0;
        }
    }
    return energy;
}"""


# How many pictures have come and were unpacked, of which width at most.
SEEN = """async () => {
    let [frames, width] = [0, 0];
    for (const connection of connections.filter((one) => one.connectionState === "connected")) {
        for (const report of (await connection.getStats()).values()) {
            if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
            frames += report.framesDecoded ?? 0;
            width = Math.max(width, report.frameWidth ?? 0);
        }
    }
    return { frames, width };
}"""

# Remembers the elements that sounds are played by.
SOUNDS = """
    globalThis.sounds = [];
    globalThis.Audio = class extends Audio {
        constructor(...options) { super(...options); sounds.push(this); }
    };
"""


@pytest.fixture(scope="module")
def browser(playwright):
    """One with a microphone that beeps and a camera that shows a clock; a screen is shared without a question."""
    arguments = [
        "--no-sandbox", "--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream",
        "--auto-select-desktop-capture-source=Entire screen",
    ]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
    yield browser
    browser.close()


def voice_channel(owner, server):
    return next(one["id"] for one in owner.api("GET", f"/servers/{server}/channels") if one["channel_type"] == "voice")


@pytest.fixture
def pair(person):
    alice, bob = person("alice"), person("bob")
    alice.place, text = alice.make_server()
    alice.text = text
    alice.invite(text, bob)
    alice.channel = voice_channel(alice, alice.place)
    for each in (alice, bob):
        each.page.add_init_script(CONNECTIONS + SOUNDS)
        each.enter(f"/channels/{alice.place}/{alice.channel}")
    return alice, bob


def joins(each):
    each.page.locator(".voice-room").get_by_role("button", name="Join").click()
    # With a media server nobody learns another one's address.
    if each.server.settings.get("voice.sfu") == "off":
        dialog = each.page.get_by_role("dialog")
        expect(dialog).to_contain_text("network address")
        dialog.get_by_role("button", name="Join").click()
    expect(each.page.locator(".call-status.connected")).to_be_visible()


def hears(each):
    """Waits until more sound has come than a moment ago."""
    before = each.page.evaluate(HEARD)
    until(each.page, lambda: each.page.evaluate(HEARD) > before)


def hears_nothing(each):
    """Waits until no more sound comes."""
    def is_silent():
        before = each.page.evaluate(HEARD)
        each.page.wait_for_timeout(500)
        return each.page.evaluate(HEARD) - before < 1e-6

    until(each.page, is_silent)


def sees_pictures(each):
    """Waits until more pictures have come than a moment ago."""
    before = each.page.evaluate(SEEN)["frames"]
    until(each.page, lambda: each.page.evaluate(SEEN)["frames"] > before)


def bar(each):
    return each.page.locator(".call-bar")


def press(each, name):
    bar(each).get_by_role("button", name=name).click()
