"""Voice channels: two people who hear each other, a third who may not, and a call that survives the page."""

import pytest
from playwright.sync_api import expect

from people import until
from test_everyone import check

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


@pytest.fixture(scope="module")
def browser(playwright):
    """One with a microphone that beeps."""
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
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
        each.page.add_init_script(CONNECTIONS)
        each.enter(f"/channels/{alice.place}/{alice.channel}")
    return alice, bob


def joins(each):
    each.page.locator(".voice-room").get_by_role("button", name="Join").click()
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


def test_two_people_join_a_voice_channel_and_hear_each_other(pair, person, picture):
    alice, bob = pair
    joins(alice)
    expect(bob.page.locator(".voice-tile")).to_contain_text(alice.name)
    joins(bob)
    for each in (alice, bob):
        expect(each.page.locator(".voice-tile")).to_have_count(2)
        hears(each)
    expect(bob.page.locator(".voice-tile.speaking").first).to_be_visible()
    picture(bob.page, "voice")
    check(bob.page, "voice")

    # Who is muted is seen to be so, and heard no more.
    alice.page.locator(".call-bar").get_by_role("button", name="Mute the microphone").click()
    expect(bob.page.locator(".voice-tile", has_text=alice.name)).to_contain_text("is muted")
    hears_nothing(bob)
    alice.page.locator(".call-bar").get_by_role("button", name="Mute the microphone").click()
    hears(bob)

    # The call goes on while one walks through channels, and is there again when the page was loaded anew.
    alice.page.get_by_role("link", name="general").first.click()
    expect(alice.page.locator(".channel-header h1")).to_contain_text("general")
    hears(bob)
    alice.page.reload()
    expect(alice.page.locator(".call-status.connected")).to_be_visible()
    hears(bob)
    hears(alice)

    # A moderator brings somebody elsewhere, and the devices follow.
    other = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "aviary", "type": "voice"})["id"]
    alice.api("PATCH", f"/servers/{alice.place}/voice-states/{bob.id}", {"channel_id": other})
    expect(bob.page.locator(".call-bar")).to_contain_text("aviary")
    expect(alice.page.locator(".voices")).to_have_count(2)

    bob.page.locator(".call-bar").get_by_role("button", name="Leave").click()
    expect(bob.page.locator(".call-bar")).to_have_count(0)
    expect(alice.page.locator(".voices")).to_have_count(1)


def test_who_may_not_join_sees_who_is_there_and_is_told(pair, person):
    alice, bob = pair
    everyone = next(one["id"] for one in alice.api("GET", f"/servers/{alice.place}/roles") if one["is_default"])
    joins(alice)
    alice.api("PUT", f"/channels/{alice.channel}/overwrites/{everyone}", {"type": "role", "deny": ["voice.connect"]})
    expect(bob.page.locator(".voice-room")).to_contain_text("You may not join this channel")
    expect(bob.page.locator(".voice-tile")).to_contain_text(alice.name)
    assert bob.page.evaluate("connections.length") == 0


def test_where_pages_have_no_microphone_the_reason_is_said(pair):
    alice, _ = pair
    alice.page.evaluate("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    joins(alice)
    expect(alice.page.locator(".voice-room .call-trouble")).to_contain_text("https")
