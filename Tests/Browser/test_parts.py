"""What messages have besides words: forwards, polls with hidden results, stickers, and what is said."""

import io
import json
import re
import urllib.request

import pytest
from PIL import Image
from playwright.sync_api import expect

from people import Person
from room import picture as drawing
from test_everyone import check


@pytest.fixture(scope="module")
def browser(playwright):
    """One with a microphone that beeps."""
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def pair(person):
    alice, bob = person("alice"), person("bob")
    alice.place, alice.channel = alice.make_server()
    alice.invite(alice.channel, bob)
    for each in (alice, bob):
        each.place, each.channel = alice.place, alice.channel
        each.enter(f"/channels/{alice.place}/{alice.channel}")
    return alice, bob


def upload(person, path, picture, filename, **fields):
    """Sends a picture as a form."""
    boundary = "picture"
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    )
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{filename}"\r\n\r\n'.encode()
    body = parts + head + picture + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{person.server.origin}/api/v1{path}", data=body, method="POST",
        headers={"Authorization": f"Bearer {person.token}", "Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    return json.load(urllib.request.urlopen(request))


def moving_picture(size=64):
    """One that is red and then blue, for ever."""
    frames = [Image.new("RGB", (size, size), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=200, loop=0)
    return out.getvalue()


def test_a_message_is_handed_on_with_words_of_ones_own(pair, picture):
    alice, bob = pair
    bob.api("POST", f"/channels/{bob.channel}/messages", {"content": "the **first** words"})
    alice.sees("the first words")
    alice.act("the first words", "Forward")
    dialog = alice.page.get_by_role("dialog", name="Forward")
    # One sees what is handed on, and that nothing is called as one has written.
    expect(dialog.get_by_label("What is forwarded")).to_have_text("the first words")
    dialog.get_by_label("To", exact=True).fill("nowhere at all")
    expect(dialog.get_by_text("No channel and nobody is called so.")).to_be_visible()
    dialog.get_by_label("To", exact=True).fill("")
    check(alice.page, "forward")
    picture(alice.page, "forward")
    dialog.get_by_label("Your own words").fill("look at this")
    dialog.get_by_role("button", name="Send to #general").first.click()
    handed = bob.page.locator(".message", has_text="look at this")
    expect(handed.locator(".forwarded strong")).to_have_text("first")
    expect(handed.locator(".forwarded")).not_to_contain_text(bob.name)
    picture(bob.page, "forwarded")
    handed.locator(".forwarded").get_by_role("button", name="#general").click()
    expect(bob.page.locator(".message.highlighted")).to_contain_text("the first words")
    alice.api("PATCH", f"/channels/{alice.channel}", {"forwarding": False})
    bob.message("look at this").click(button="right")
    expect(bob.page.get_by_role("menu")).to_be_visible()
    expect(bob.page.get_by_role("menuitem", name="Forward")).to_have_count(0)


def test_a_message_is_handed_on_to_a_friend_with_whom_one_has_never_talked(pair):
    alice, bob = pair
    alice.befriend(bob)
    alice.say("for your eyes")
    alice.sees("for your eyes")
    alice.act("for your eyes", "Forward")
    alice.page.get_by_role("dialog", name="Forward").get_by_role("button", name=f"Send to {bob.name}").click()
    bob.page.goto("/channels/@me")
    bob.page.get_by_role("link", name=re.compile(alice.name)).click()
    expect(bob.page.locator(".forwarded")).to_contain_text("for your eyes")


def test_a_poll_tells_its_votes_to_those_who_have_voted(pair, picture):
    alice, bob = pair
    alice.page.get_by_role("button", name="Add a file or a poll").click()
    alice.page.get_by_role("menuitem", name="New poll").click()
    alice.page.get_by_label("Question").fill("Tea?")
    alice.page.get_by_label("Answer 1", exact=True).fill("Yes")
    alice.page.get_by_label("Answer 2", exact=True).fill("No")
    alice.page.get_by_role("button", name="Choose an emoji for answer 1").click()
    alice.page.get_by_role("dialog", name="Choose an emoji").get_by_role("searchbox").fill("teacup")
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_role("button", name="Remove the emoji of answer 1")).to_be_visible()
    alice.page.get_by_label("Results are shown").select_option("after_vote")
    alice.page.get_by_label("Nobody sees who has chosen what").uncheck(force=True)
    check(alice.page, "poll that is made")
    picture(alice.page, "poll-made")
    # What was begun outlives the page.
    alice.page.reload()
    expect(alice.page.get_by_label("Answer 2", exact=True)).to_have_value("No")
    alice.page.get_by_label("Answer 2", exact=True).fill(" ")
    alice.page.get_by_role("textbox", name="Message #general").fill("I have just put the kettle on")
    alice.page.get_by_role("button", name="Ask").click()
    expect(alice.page.get_by_label("Answer 2", exact=True)).to_be_focused()
    alice.page.get_by_label("Answer 2", exact=True).fill("No")
    alice.page.get_by_role("button", name="Ask").click()
    expect(alice.page.get_by_label("Question")).to_have_count(0)
    poll = bob.page.locator(".message", has_text="I have just put the kettle on").locator(".poll")
    expect(poll.get_by_role("button", name="Yes")).to_contain_text("🍵")
    expect(poll).to_contain_text("results after your vote")
    expect(poll).not_to_contain_text("%")
    poll.get_by_role("button", name="Yes").click()
    expect(poll).to_contain_text("100 %")
    expect(alice.page.locator(".poll")).not_to_contain_text("%")
    poll.get_by_role("button", name="Who has voted").click()
    expect(bob.page.get_by_role("dialog", name="Who has voted")).to_contain_text(bob.name)
    bob.page.keyboard.press("Escape")
    # Nobody is told of the votes of others there; what is on the screen follows them all the same.
    said = alice.api("GET", f"/channels/{alice.channel}/messages")[0]
    alice.api("POST", f"/polls/{said['poll']['id']}/vote", {"options": [1]})
    expect(poll).to_contain_text("2 votes")
    expect(poll).to_contain_text("50 %")


def test_a_poll_is_not_ended_by_one_press(pair):
    alice, bob = pair
    options = [{"text": "Tea"}, {"text": "Coffee"}]
    alice.api("POST", "/polls", {"channel_id": alice.channel, "question": "What?", "options": options, "duration_hours": 1})
    poll = alice.page.locator(".poll")
    for press in ("Cancel", "End it"):
        poll.get_by_role("button", name="End it").click()
        dialog = alice.page.get_by_role("dialog", name="End the poll?")
        check(alice.page, "a poll that is to be ended")
        expect(poll).to_contain_text("ends")
        dialog.get_by_role("button", name=press).click()
    expect(poll).to_contain_text("over")
    expect(poll.get_by_role("button", name="End it")).to_have_count(0)


def test_stickers_are_added_chosen_and_sent(pair, picture):
    alice, bob = pair
    upload(alice, f"/servers/{alice.place}/stickers", drawing(), "s.png", name="Sleepy heron", tags="tired")
    bob.page.get_by_role("textbox", name="Message #general").fill("so tired")
    bob.page.get_by_role("button", name="Choose a sticker").click()
    picker = bob.page.get_by_role("dialog", name="Choose a sticker")
    expect(picker.get_by_role("heading", name="Suggested")).to_be_visible()
    check(bob.page, "stickers to choose from")
    picture(bob.page, "sticker-picker")
    picker.get_by_role("button", name="Sleepy heron").first.click()
    sticker = alice.page.locator(".message .sticker")
    expect(sticker).to_have_attribute("aria-label", "Sleepy heron. Press to stop it.")
    sticker.click()
    expect(sticker).to_have_attribute("aria-label", "Sleepy heron, stands still. Press to move it.")
    picture(alice.page, "sticker")
    expect(bob.page.get_by_role("textbox", name="Message #general")).to_have_value("so tired")
    alice.server_settings("Stickers")
    alice.page.get_by_role("button", name="Add a sticker").click()
    adding = alice.page.get_by_role("dialog", name="Add a sticker")
    adding.locator("#sticker-picture").set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": drawing()})
    adding.get_by_label("Name").fill("Busy wren")
    adding.get_by_label("Words that find it").fill("busy, small")
    check(alice.page, "a sticker that is added")
    adding.get_by_role("button", name="Save").click()
    expect(alice.page.locator(".sticker-shelf li")).to_have_count(2)
    alice.page.get_by_role("button", name="Delete Busy wren").click()
    alice.page.get_by_role("dialog").last.get_by_role("button", name="Delete").click()
    expect(alice.page.locator(".sticker-shelf li")).to_have_count(1)
    check(alice.page, "stickers in the settings")
    picture(alice.page, "sticker-settings")
    alice.page.get_by_role("button", name="Delete Sleepy heron").click()
    alice.page.get_by_role("dialog").last.get_by_role("button", name="Delete").click()
    expect(alice.page.locator(".sticker-shelf li")).to_have_count(0)


def test_something_is_said_and_heard(pair, picture):
    alice, bob = pair
    alice.page.get_by_role("button", name="Record a voice message").click()
    expect(alice.page.get_by_role("timer")).to_have_text("0:03", timeout=30_000)
    check(alice.page, "recorder")
    picture(alice.page, "recorder")
    alice.page.get_by_role("button", name="Pause").click()
    alice.page.get_by_role("button", name="Go on recording").click()
    alice.page.get_by_role("button", name="Stop recording").click()
    alice.page.locator(".recorder").get_by_role("button", name="Send").click()
    said = bob.page.locator(".voice-message")
    expect(said).to_be_visible()
    check(bob.page, "voice message")
    picture(bob.page, "voice")
    said.get_by_role("button", name="Speed: 1 times").click()
    expect(said.get_by_role("button", name="Speed: 1.5 times")).to_be_visible()
    said.get_by_role("button", name="Play").click()
    place = said.get_by_role("slider", name="Place in the voice message")
    expect(place).not_to_have_value("0", timeout=20_000)
    bob.page.locator(".message", has=said).click(button="right", position={"x": 10, "y": 10})
    bob.page.get_by_role("menuitem", name="Reply").click()
    bob.say("I hear you")
    expect(alice.page.locator(".reply-line")).to_contain_text("Voice message")
    expect(alice.page.get_by_role("textbox", name="Message #general")).to_be_visible()


def test_where_less_movement_is_wanted_pictures_stand_still(pair, picture):
    alice, bob = pair
    upload(alice, "/users/@me/avatar", moving_picture(), "a.gif")
    upload(alice, f"/servers/{alice.place}/emojis", moving_picture(), "e.gif", name="blink")
    alice.say("look :blink:")
    emoji = bob.page.locator(".message-text img.emoji")
    expect(emoji).to_be_visible()
    faces = bob.page.locator(".message .avatar img")
    expect(emoji).to_have_attribute("src", re.compile("^/api"))
    bob.page.emulate_media(reduced_motion="reduce")
    for moving in (emoji, faces.first):
        expect(moving).to_have_attribute("src", re.compile("^blob:"))
    alice.say("once more :blink:")
    for moving in (emoji.nth(1), emoji.first):
        expect(moving).to_have_attribute("src", re.compile("^blob:"))
    picture(bob.page, "stillness")
    bob.page.emulate_media(reduced_motion="no-preference")
    expect(emoji.first).to_have_attribute("src", re.compile("/api"))
