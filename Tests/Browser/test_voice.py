"""Voice channels: two people who hear each other, a third who may not, and a call that survives the page."""

import pytest
from playwright.sync_api import expect

from calls import CONNECTIONS, bar, browser, hears, hears_nothing, joins, pair, press  # noqa: F401
from people import until
from test_everyone import check


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


def test_a_call_goes_on_in_the_window_that_joined_last_and_windows_end_apart(pair):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(bob)
    first = alice.page
    # The first window has told the browser where its session is.
    until(first, lambda: first.evaluate("localStorage.getItem('aviary.saved-at') !== null"))
    second = alice.open_page()
    second.add_init_script(CONNECTIONS)
    second.goto(f"/channels/{alice.place}/{alice.channel}")
    expect(second.locator(".voice-tile")).to_have_count(2)
    assert second.evaluate("connections.length") == 0
    hears(bob)
    # Closing a window that is not in the call leaves the call alone.
    second.close()
    hears(bob)
    hears(alice)

    second = alice.open_page()
    second.add_init_script(CONNECTIONS)
    second.goto(f"/channels/{alice.place}/{alice.channel}")
    second.locator(".voice-room").get_by_role("button", name="Join").click()
    expect(second.locator(".call-status.connected")).to_be_visible()
    alice.goes_to(first)
    expect(first.locator(".call-bar .call-trouble")).to_contain_text("another window")
    hears(bob)
    first.close()
    second.bring_to_front()
    hears(bob)
    alice.page = second
    hears(alice)


def test_a_call_finds_back_when_the_network_was_gone(pair):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(alice)
    bob.context.set_offline(True)
    expect(bob.page.locator(".status-line")).not_to_be_empty()
    bob.context.set_offline(False)
    expect(bob.page.locator(".call-status.connected")).to_be_visible()
    hears(alice)
    hears(bob)


def test_who_holds_a_key_to_talk_is_heard_while_it_is_held(pair):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(bob)
    press(alice, "Settings of the call")
    dialog = alice.page.get_by_role("dialog", name="Settings of the call")
    dialog.get_by_label("Your voice is sent").select_option("push")
    dialog.get_by_role("button", name="Key:").click()
    alice.page.keyboard.press("v")
    expect(dialog.get_by_role("button", name="Key: v")).to_be_visible()
    check(alice.page, "settings of a call")
    alice.page.keyboard.press("Escape")
    hears_nothing(bob)
    alice.page.keyboard.down("v")
    hears(bob)
    alice.page.keyboard.up("v")
    hears_nothing(bob)
    # In a field, a letter is a letter.
    alice.page.get_by_role("link", name="general").first.click()
    alice.page.locator("#composer-text").focus()
    alice.page.keyboard.down("v")
    expect(alice.page.locator("#composer-text")).to_have_value("v")
    hears_nothing(bob)
    alice.page.keyboard.up("v")
    # Who has no keyboard holds the button.
    talk = alice.page.locator(".call-bar").get_by_role("button", name="Hold to talk")
    talk.hover()
    alice.page.mouse.down()
    hears(bob)
    alice.page.mouse.up()
    hears_nothing(bob)


def test_who_may_not_speak_by_loudness_has_to_hold_a_key(pair):
    alice, bob = pair
    everyone = next(one["id"] for one in alice.api("GET", f"/servers/{alice.place}/roles") if one["is_default"])
    alice.api("PUT", f"/channels/{alice.channel}/overwrites/{everyone}", {"type": "role", "deny": ["voice.use_vad"]})
    joins(alice)
    joins(bob)
    hears(bob)
    hears_nothing(alice)
    press(bob, "Settings of the call")
    dialog = bob.page.get_by_role("dialog", name="Settings of the call")
    expect(dialog.get_by_label("Your voice is sent")).to_be_disabled()
    bob.page.keyboard.press("Escape")
    bob.page.keyboard.down("Backquote")
    hears(alice)
    bob.page.keyboard.up("Backquote")


def test_everybody_is_as_loud_as_one_wants(pair, picture):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(bob)
    playing = "() => sounds.filter((one) => one.srcObject).map(({ muted, volume }) => ({ muted, volume }))"
    bob.page.locator(".voice-tile", has_text=alice.name).get_by_role("button", name="Volume of").click()
    slider = bob.page.get_by_role("slider")
    check(bob.page, "volume")
    for value, wanted in [("0", {"muted": True, "volume": 0}), ("50", {"muted": False, "volume": 0.5})]:
        slider.fill(value)
        until(bob.page, lambda: wanted in bob.page.evaluate(playing))
    # Louder than it came: another element takes it first.
    slider.fill("200")
    until(bob.page, lambda: len(bob.page.evaluate(playing)) == 2)
    picture(bob.page, "voice-volume")
    bob.page.keyboard.press("Escape")
    bob.page.wait_for_function("() => !history.state?.layers")
    # It is kept on this device.
    bob.page.reload()
    expect(bob.page.locator(".call-status.connected")).to_be_visible()
    bob.page.locator(".voice-tile", has_text=alice.name).get_by_role("button", name="Volume of").click()
    expect(bob.page.get_by_role("slider")).to_have_value("200")


def test_a_microphone_is_heard_from_the_level_on_that_was_chosen(pair):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(bob)
    press(alice, "Settings of the call")
    threshold = alice.page.get_by_role("dialog").get_by_role("slider")
    # The beeps are not so loud.
    threshold.fill("0.9")
    hears_nothing(bob)
    threshold.fill("0.3")
    hears(bob)


def test_who_hears_the_page_is_told_who_begins_to_speak_if_they_want_that(pair):
    alice, bob = pair
    joins(bob)
    press(bob, "Settings of the call")
    bob.page.get_by_role("dialog").get_by_label("Have a screen reader say").check()
    bob.page.keyboard.press("Escape")
    joins(alice)
    expect(bob.page.get_by_role("log").filter(has_text="speaks")).to_contain_text(f"{alice.name} speaks")


@pytest.mark.long
def test_a_connection_that_dies_without_a_word_is_made_anew(pair):
    alice, bob = pair
    joins(alice)
    joins(bob)
    hears(alice)
    bob.page.evaluate("connections[0].close()")
    expect(bar(alice).locator(".call-status.interrupted")).to_be_visible()
    expect(bar(alice).locator(".call-trouble")).to_contain_text("interrupted")
    expect(bar(alice).locator(".call-status.connected")).to_be_visible(timeout=30_000)
    hears(alice)
    hears(bob)
    assert bob.page.evaluate("connections.length") == 2
