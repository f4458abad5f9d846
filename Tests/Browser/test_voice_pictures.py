"""Cameras, screens and devices in voice channels."""

from playwright.sync_api import expect

from calls import SEEN, bar, browser, hears, joins, pair, press, sees_pictures  # noqa: F401
from people import PHONE, until
from test_everyone import check


def both_join(pair):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(bob)
    return alice, bob


def test_a_camera_is_seen_and_ends(pair, picture):
    alice, bob = both_join(pair)
    press(alice, "Show your camera")
    video = bob.page.locator(".voice-tile", has_text=alice.name).locator("video")
    expect(video).to_be_visible()
    sees_pictures(bob)
    assert bob.page.evaluate(SEEN)["width"] <= 1280
    until(bob.page, lambda: video.evaluate("(one) => one.videoWidth > 0 && !one.paused"))
    expect(alice.page.locator(".voice-tile video.mirrored")).to_be_visible()
    # Both at once, each in a section of its own.
    press(bob, "Show your camera")
    expect(alice.page.locator(".voice-tile video")).to_have_count(2)
    sees_pictures(alice)
    sees_pictures(bob)
    hears(alice)
    for scheme in ("light", "dark"):
        bob.page.emulate_media(color_scheme=scheme)
        picture(bob.page, f"voice-cameras-{scheme}")
    check(bob.page, "cameras")
    bob.page.set_viewport_size(PHONE)
    picture(bob.page, "voice-cameras-phone")
    check(bob.page, "cameras on a phone")
    press(alice, "Show your camera")
    expect(bob.page.locator(".voice-tile video")).to_have_count(1)
    until(bob.page, lambda: not still_coming(bob))
    hears(bob)


def still_coming(each):
    before = each.page.evaluate(SEEN)["frames"]
    each.page.wait_for_timeout(500)
    return each.page.evaluate(SEEN)["frames"] > before


def test_a_screen_is_seen_and_its_sound_heard_and_the_browser_ends_it(pair, picture):
    alice, bob = both_join(pair)
    press(alice, "Show a screen")
    screen = bob.page.locator(".screen-tile")
    expect(screen).to_contain_text(f"Screen of {alice.name}")
    sees_pictures(bob)
    until(bob.page, lambda: screen.locator("video").evaluate("(one) => one.videoWidth > 0"))
    # Beside the voice there is another sound.
    until(bob.page, lambda: bob.page.evaluate("sounds.filter((one) => one.srcObject).length") == 2)
    picture(bob.page, "voice-screen")
    check(bob.page, "a screen")
    bob.page.set_viewport_size(PHONE)
    picture(bob.page, "voice-screen-phone")
    bob.page.set_viewport_size({"width": 1280, "height": 800})
    bob.page.locator(".voice-tile", has_text=alice.name).get_by_role("button", name="Volume of").click()
    expect(bob.page.get_by_role("slider")).to_have_count(2)
    bob.page.keyboard.press("Escape")
    screen.get_by_role("button", name="Full screen").click()
    until(bob.page, lambda: bob.page.evaluate("document.fullscreenElement?.className") == "screen-tile")
    bob.page.evaluate("document.exitFullscreen()")
    # The browser's own button.
    alice.page.evaluate("""() => {
        const [track] = document.querySelector(".screen-tile video").srcObject.getVideoTracks();
        track.stop();
        track.dispatchEvent(new Event("ended"));
    }""")
    expect(screen).to_have_count(0)
    expect(bar(alice).get_by_role("button", name="Show a screen")).to_have_attribute("aria-pressed", "false")
    hears(bob)


def test_who_may_show_nothing_reads_why_and_what_is_forbidden_ends(pair):
    alice, bob = both_join(pair)
    press(bob, "Show your camera")
    expect(alice.page.locator(".voice-tile video")).to_be_visible()
    everyone = next(one["id"] for one in alice.api("GET", f"/servers/{alice.place}/roles") if one["is_default"])
    denied = ["voice.video", "voice.stream"]
    alice.api("PUT", f"/channels/{alice.channel}/overwrites/{everyone}", {"type": "role", "deny": denied})
    expect(alice.page.locator(".voice-tile video")).to_have_count(0)
    for what in ("a camera", "a screen"):
        expect(bar(bob).get_by_role("button", name=f"You may not show {what}")).to_be_disabled()
    until(alice.page, lambda: not still_coming(alice))
    hears(alice)


def test_devices_change_in_the_middle_of_a_call(pair, picture):
    alice, bob = both_join(pair)
    press(bob, "Settings of the call")
    dialog = bob.page.get_by_role("dialog", name="Settings of the call")
    expect(dialog.get_by_label("Microphone", exact=True).locator("option")).not_to_have_count(1)
    # The level is that of the microphone.
    until(bob.page, lambda: dialog.locator("meter").evaluate("(meter) => meter.value") > 0.3)
    picture(bob.page, "voice-settings")
    bob.page.set_viewport_size(PHONE)
    picture(bob.page, "voice-settings-phone")
    offers = "connections.map((one) => one.localDescription?.sdp.split('\\n')[1])"
    before = bob.page.evaluate(offers)
    sent = """() => connections.flatMap((one) => one.getSenders()).find(({ track }) => track?.kind === "audio").track.id"""
    track = bob.page.evaluate(sent)
    dialog.get_by_label("Microphone", exact=True).select_option(index=2)
    until(bob.page, lambda: bob.page.evaluate(sent) != track)
    hears(alice)
    dialog.get_by_label("Suppress noise").uncheck()
    hears(alice)
    # Nothing was agreed upon anew.
    assert bob.page.evaluate(offers) == before
