"""The soundboard of a call, what is done to it in a server's settings, and the channel for who is away."""

import subprocess

import pytest
from playwright.sync_api import expect

from people import until
from test_everyone import check
from calls import browser, joins, pair  # noqa: F401

# Remembers which sounds begin, and how loud.
PLAYED = """
    globalThis.played = [];
    const { connect, start } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.connect = function (target, ...others) {
        this.volume = target.gain;
        return connect.call(this, target, ...others);
    };
    AudioBufferSourceNode.prototype.start = function (...options) {
        played.push({ length: this.buffer.duration, volume: this.volume.value });
        return start.apply(this, options);
    };
"""


@pytest.fixture
def call(pair):  # noqa: F811
    """Two people in a voice channel."""
    for each in pair:
        each.fetched = []
        each.page.on("request", lambda request, each=each: each.fetched.append(request.url))
        each.page.add_init_script(PLAYED)
        each.page.reload()
        joins(each)
    for each in pair:
        expect(each.page.locator(".voice-tile")).to_have_count(2)
    return pair


def opens(each):
    each.page.locator(".voice-room").get_by_role("button", name="Soundboard").click()
    board = each.page.get_by_role("dialog", name="Soundboard")
    expect(board.get_by_role("button", name="Bell")).to_be_visible()
    return board


def played(each):
    return each.page.evaluate("played.map(({ volume }) => Math.round(volume * 100))")


def tone(tmp_path, seconds=1):
    path = tmp_path / "tone.ogg"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440", "-t", str(seconds), path], check=True
    )
    return path


def test_a_sound_is_played_to_all_who_are_in_the_call(call, picture):
    alice, bob = call
    board = opens(bob)
    picture(bob.page, "soundboard")
    check(bob.page, "soundboard")
    board.get_by_role("button", name="Bell").click()
    mark = alice.page.locator(".voice-tile", has_text=bob.name).locator(".sound-mark")
    expect(mark).to_contain_text("Bell")
    picture(alice.page, "sound-played")
    for each in call:
        until(each.page, lambda each=each: played(each) == [50])
    expect(mark).to_have_count(0)

    # Each person has a volume of their own, and may switch it off.
    volume = opens(alice).get_by_role("slider")
    volume.fill("0")
    expect(alice.page.get_by_text("Volume: off")).to_be_visible()
    board.get_by_role("button", name="Bell").click()
    expect(mark).to_contain_text("Bell")
    expect(mark).to_have_count(0)
    assert played(alice) == [50]
    volume.fill("100")
    board.get_by_role("button", name="Bell").click()
    until(alice.page, lambda: played(alice) == [50, 100])
    alice.page.keyboard.press("Escape")

    # Who hears nothing hears no sounds either.
    expect(mark).to_have_count(0)
    deafen = alice.page.locator(".voice-room").get_by_role("button", name="Hear nothing")
    deafen.click()
    board.get_by_role("button", name="Drums").click()
    expect(mark).to_contain_text("Drums")
    expect(mark).to_have_count(0)
    assert played(alice) == [50, 100]
    assert len([url for url in alice.fetched if "/media/sounds/1" in url]) == 1, "it is fetched once"

    # Whom moderators have muted plays nothing.
    alice.api("PATCH", f"/servers/{alice.place}/voice-states/{bob.id}", {"mute": True})
    expect(board).to_contain_text("Nobody hears you here")
    expect(board.get_by_role("button", name="Bell")).to_be_disabled()
    bob.page.locator(".call-bar").get_by_role("button", name="Leave").click(force=True)
    expect(board).to_have_count(0)


def test_the_soundboard_fits_a_telephone_and_the_keyboard(call, picture):
    _, bob = call
    bob.page.set_viewport_size({"width": 320, "height": 640})
    board = opens(bob)
    box = board.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 320
    picture(bob.page, "soundboard-narrow")
    board.get_by_role("button", name="Bell").focus()
    bob.page.keyboard.press("ArrowRight")
    expect(board.get_by_role("button", name="Fanfare")).to_be_focused()
    bob.page.keyboard.press("Enter")
    until(bob.page, lambda: len(played(bob)) == 1)
    bob.page.keyboard.press("Escape")
    expect(board).to_have_count(0)


def test_sounds_are_added_changed_and_deleted(call, tmp_path, picture):
    alice, bob = call
    board = opens(bob)
    settings = alice.server_settings("Soundboard")
    settings.get_by_role("button", name="Add a sound").click()
    dialog = alice.page.get_by_role("dialog", name="Add a sound")
    dialog.locator("#sound-file").set_input_files(tone(tmp_path))
    dialog.get_by_label("Name").fill("Quack")
    dialog.locator("#sound-volume").fill("80")
    expect(dialog).to_contain_text("Volume: 80 %")
    check(alice.page, "a sound that is added")
    picture(alice.page, "sound-added")
    dialog.get_by_role("button", name="Save").click()
    entry = settings.locator(".sound-list li")
    expect(entry).to_contain_text("Quack")
    expect(entry).to_contain_text("1.0 s, volume 80 %")
    entry.get_by_role("button", name="Listen to Quack").click()
    until(alice.page, lambda: played(alice) == [80])
    check(alice.page, "the soundboard in the settings")
    picture(alice.page, "soundboard-settings")

    # Those who have the board open see it, and hear it as loud as it is.
    board.get_by_role("button", name="Quack").click()
    until(bob.page, lambda: played(bob) == [40])
    entry.get_by_role("button", name="Change Quack").click()
    dialog = alice.page.get_by_role("dialog", name="Change Quack")
    dialog.get_by_label("Name").fill("Honk")
    dialog.get_by_role("button", name="Save").click()
    expect(entry).to_contain_text("Honk")
    expect(board.get_by_role("button", name="Honk")).to_be_visible()

    # What is too long is refused, and the reason is said.
    settings.get_by_role("button", name="Add a sound").click()
    dialog = alice.page.get_by_role("dialog", name="Add a sound")
    (tmp_path / "tone.ogg").unlink()
    dialog.locator("#sound-file").set_input_files(tone(tmp_path, 7))
    dialog.get_by_label("Name").fill("Too long")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("too long")
    dialog.get_by_role("button", name="Close").click()
    dialog.get_by_role("button", name="Discard").click()

    entry.get_by_role("button", name="Delete Honk").click()
    alice.page.get_by_role("dialog").last.get_by_role("button", name="Delete").click()
    expect(entry).to_have_count(0)
    expect(board.get_by_role("button", name="Honk")).to_have_count(0)


def test_a_server_has_a_channel_for_who_is_away(pair, picture):  # noqa: F811
    alice, bob = pair
    away = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "lounge", "type": "voice"})["id"]
    settings = alice.server_settings("Overview")
    settings.get_by_label("Voice channel for people who are away").select_option(label="lounge")
    settings.get_by_label("Away after").select_option(label="15 minutes")
    check(alice.page, "the channel for who is away")
    picture(alice.page, "away-settings")
    settings.get_by_role("button", name="Save").click()
    expect(settings.get_by_role("button", name="Save")).to_have_count(0)
    server = alice.api("GET", f"/servers/{alice.place}")
    assert (server["afk_channel_id"], server["afk_timeout"]) == (away, 900)
    link = bob.page.get_by_role("link", name="lounge")
    expect(link).to_have_accessible_name("lounge, Voice, for people who are away")
    link.click()
    expect(bob.page.locator(".voice-room")).to_contain_text("Nobody is heard here")
    picture(bob.page, "away")
