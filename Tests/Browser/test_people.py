"""Friends, conversations, profiles, presence, settings."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from people import WITH_WORKER, told, until
from test_everyone import check


def test_friends_are_asked_accepted_and_talk_in_private(person, picture):
    alice, bob = person("alice").enter(), person("bob").enter()
    alice.page.get_by_role("tab", name="Add friend").click()
    alice.page.get_by_label("User name").fill("nobody-of-this-name")
    alice.page.get_by_role("button", name="Send request").click()
    expect(alice.page.get_by_text("There is nobody of this name.")).to_be_visible()
    alice.page.get_by_label("User name").fill(bob.name)
    alice.page.get_by_role("button", name="Send request").click()
    expect(alice.page.get_by_text(f"{bob.name} has your request.")).to_be_visible()
    bob.page.get_by_role("tab", name="Requests").click()
    bob.page.get_by_role("button", name="Accept").click()
    bob.page.get_by_role("tab", name="All").click()
    expect(bob.page.locator(".friends-panel")).to_contain_text(alice.name)
    picture(bob.page, "friends")
    bob.page.get_by_role("button", name=f"Message {alice.name}").click()
    bob.say("Just between us")
    alice.page.locator(".sidebar .channel-link", has_text=bob.name).click()
    alice.sees("Just between us")
    alice.page.get_by_role("button", name=bob.name, exact=True).first.click()


def test_a_blocked_person_can_not_write_and_is_told_so(person):
    alice, bob = person("alice"), person("bob")
    alice.befriend(bob)
    channel = alice.api("POST", "/users/@me/channels", {"recipient_id": bob.id})["id"]
    alice.api("POST", f"/channels/{channel}/messages", {"content": "Hi"})
    bob.enter(f"/channels/@me/{channel}")
    bob.sees("Hi")
    alice.api("POST", "/relationships/block", {"user_id": bob.id})
    bob.say("Are you there?")
    expect(bob.page.locator(".message.failed")).to_contain_text("You can't write to this person.")
    bob.page.locator(".message.failed").get_by_role("button", name="Delete").click()
    expect(bob.page.locator(".message.failed")).to_have_count(0)


@pytest.mark.long
def test_a_group_is_made_named_and_left(person):
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    for friend in (bob, carol):
        alice.befriend(friend)
    alice.enter()
    alice.page.get_by_role("button", name="New conversation").click()
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_label(bob.name).check()
    dialog.get_by_label(carol.name).check()
    dialog.get_by_role("button", name="Begin").click()
    expect(alice.page.locator("#composer-text")).to_be_visible()
    alice.say("Hello, you two")
    bob.enter()
    bob.page.locator(".sidebar .channel-link", has_text=carol.name).click()
    bob.sees("Hello, you two")
    bob.page.locator(".title-button").click()
    bob.page.get_by_role("menuitem", name="Leave group").click()
    bob.page.get_by_role("dialog").get_by_role("button", name="Leave group").click()
    expect(bob.page.locator(".sidebar .channel-link", has_text=carol.name)).to_have_count(0)


def test_presence_and_status_texts_reach_friends(person):
    alice, bob = person("alice"), person("bob")
    alice.befriend(bob)
    alice.enter()
    bob.enter()
    alice.page.get_by_role("tab", name="All").click()
    row = alice.page.locator(".people li", has_text=bob.name)
    expect(row).to_contain_text("Online")
    bob.page.locator(".self-card").click()
    bob.page.get_by_role("menuitem", name="Set a status text").click()
    bob.page.get_by_label("What are you up to?").fill("Nesting")
    bob.page.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Nesting")
    bob.page.locator(".self-card").click()
    bob.page.get_by_role("menuitemcheckbox", name="Invisible").click()
    expect(row).to_contain_text("Offline")
    bob.page.close()


@pytest.mark.long
def test_a_profile_shows_who_somebody_is_and_keeps_a_note(person, picture):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    bob.api("PATCH", "/users/@me", {"display_name": "Bob the Bird", "bio": "I like **seeds**"})
    bob.api("POST", f"/channels/{channel}/messages", {"content": "Hello"})
    alice.enter(f"/channels/{server}/{channel}")
    alice.page.locator(".message .author").click()
    card = alice.page.locator(".profile")
    expect(card.locator("strong", has_text="seeds")).to_be_visible()
    card.get_by_label("Your note").fill("Owes me a worm")
    picture(alice.page, "profile")
    alice.page.wait_for_timeout(1000)
    alice.page.keyboard.press("Escape")
    alice.page.locator(".message .author").click()
    expect(card.get_by_label("Your note")).to_have_value("Owes me a worm")


def test_what_one_says_of_oneself_is_seen_by_whom_one_chose(person, picture):
    alice, bob = person("alice"), person("bob")
    server, channel = bob.make_server()
    bob.invite(channel, alice)
    bob.api("POST", f"/channels/{channel}/messages", {"content": "Hello"})
    page = bob.enter("/channels/@me").page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Profile").click()
    page.get_by_label("Pronouns", exact=True).fill("they/them")
    page.get_by_label("Place", exact=True).fill("Oslo")
    page.get_by_label("Time zone", exact=True).select_option("Europe/Oslo")
    page.get_by_role("button", name="Add a link").click()
    page.get_by_label("Name of link 1").fill("Birds")
    page.get_by_label("Address of link 1").fill("https://birds.example/")
    page.get_by_label("Colour", exact=True).fill("#336699")
    banner = page.locator(".picture-field", has=page.locator(".banner")).locator("input[type=file]")
    drawn = io.BytesIO()
    Image.linear_gradient("L").save(drawn, "PNG")
    banner.set_input_files({"name": "sky.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".unsaved")).to_have_count(0)
    picture(page, "profile-settings")
    alice.enter(f"/channels/{server}/{channel}").page.locator(".message .author").click()
    card = alice.page.locator(".profile")
    expect(card).to_contain_text("they/them")
    expect(card).to_contain_text("Europe/Oslo")
    expect(card.get_by_role("link", name="Birds")).to_have_attribute("href", "https://birds.example/")
    expect(card.locator(".banner img")).to_be_visible()
    expect(card).not_to_contain_text("Place")
    picture(alice.page, "profile-whole")
    page.get_by_label("Place is seen by").select_option("contacts")
    page.get_by_label("Pronouns is seen by").select_option("nobody")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".unsaved")).to_have_count(0)
    alice.page.keyboard.press("Escape")
    alice.page.locator(".message .author").click()
    expect(card).to_contain_text("Oslo")
    expect(card).not_to_contain_text("they/them")


def test_whom_one_does_not_let_can_not_write_and_is_told_so(person, picture):
    alice, bob = person("alice"), person("bob")
    talk = alice.api("POST", "/users/@me/channels", {"recipient_id": bob.id})["id"]
    bob.make_server("The nest")
    page = bob.enter("/channels/@me").page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Privacy").click()
    page.get_by_label("Who may write to you", exact=True).select_option("friends")
    page.get_by_label("Show that you are typing").uncheck()
    page.get_by_role("switch", name="The nest").uncheck()
    until(page, lambda: bob.api("GET", "/users/@me/messaging-settings")["server_dms"])
    picture(page, "messaging-settings")
    settings = bob.api("GET", "/users/@me/messaging-settings")
    assert settings["allow_dms_from"] == "friends" and settings["typing_indicators_enabled"] is False
    alice.enter(f"/channels/@me/{talk}").say("hello?")
    expect(alice.page.locator(".message", has_text="hello?")).to_contain_text("You can't write to this person")
    bob.api("PATCH", "/users/@me/messaging-settings", {"allow_dms_from": "everyone"})
    expect(page.get_by_label("Who may write to you", exact=True)).to_have_value("everyone")


def test_feedback_is_sent_answered_and_the_answer_is_found(person, server, picture):
    alice, root = person("alice"), person("root")
    server.administer("promote", root.name)
    root.log_in_again()
    page = alice.enter("/channels/@me").page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Feedback").click()
    page.get_by_label("What is it about?").fill("It rains in here")
    page.get_by_label("Kind").select_option("bug")
    page.get_by_role("button", name="Send").click()
    own = page.locator(".tickets li")
    expect(own).to_contain_text("It rains in here")
    desk = root.enter("/admin").page
    desk.get_by_role("link", name="Feedback").or_(desk.get_by_role("button", name="Feedback")).first.click()
    ticket = desk.locator(".report", has_text="It rains in here")
    ticket.get_by_role("button", name="Answer").click()
    desk.get_by_label(f"Answer, which {alice.name} reads").fill("Where exactly?")
    check(desk, "answer to feedback")
    desk.get_by_role("button", name="Send answer").click()
    expect(ticket).to_contain_text("Where exactly?")
    ticket.get_by_role("button", name="Internal note").click()
    desk.get_by_label("Note, which administrators alone read").fill("Ask the plumber")
    desk.get_by_role("button", name="Keep note").click()
    expect(ticket).to_contain_text("Ask the plumber")
    field, beside = (ticket.locator(one).first.bounding_box() for one in ("select", ".row > .button"))
    assert abs(field["y"] + field["height"] - beside["y"] - beside["height"]) < 2
    picture(desk, "ticket")
    expect(own).to_contain_text("Where exactly?")
    own.get_by_role("button", name="Say more").click()
    own.get_by_label("Say more").fill("In the hall")
    own.get_by_role("button", name="Send").click()
    expect(own).to_contain_text("In the hall")
    expect(own).not_to_contain_text("plumber")
    picture(page, "feedback")


def test_one_is_reminded_of_a_message_and_may_take_it_back(person, picture):
    alice = person("alice")
    server, channel = alice.make_server()
    alice.enter(f"/channels/{server}/{channel}").say("water the plants")
    alice.act("water the plants", "Remind me")
    dialog = alice.page.locator("dialog")
    expect(dialog.get_by_role("button", name="In 1 hour")).to_be_focused()
    dialog.get_by_label("Note").fill("the fern, too")
    dialog.get_by_role("button", name="Tomorrow, 9:00 AM").click()
    expect(dialog.get_by_label("When")).to_have_value(re.compile("T09:00$"))
    dialog.get_by_role("button", name="In 20 minutes").click()
    check(alice.page, "reminder")
    picture(alice.page, "remind")
    dialog.get_by_role("button", name="Remind me").click()
    expect(dialog).to_have_count(0)
    [kept] = alice.api("GET", "/users/@me/reminders")
    assert kept["note"] == "the fern, too"
    assert 0 <= kept["remind_at"] - kept["created_at"] <= 20 * 60
    alice.act("water the plants", "Remind me")
    expect(dialog.locator("li")).to_contain_text("the fern, too")
    picture(alice.page, "reminders")
    dialog.get_by_role("button", name="the fern, too").click()
    expect(dialog).to_have_count(0)
    expect(alice.page.locator(".message.highlighted")).to_contain_text("water the plants")
    alice.act("water the plants", "Remind me")
    dialog.locator("li").get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("Nothing")).to_be_visible()
    assert alice.api("GET", "/users/@me/reminders") == []


@pytest.mark.long
def test_a_friend_from_elsewhere_has_the_new_name_everywhere_at_once(person):
    alice, bob = person("alice"), person("bob")
    alice.befriend(bob)
    carol = person("carol")
    for friend in (alice, bob):
        carol.befriend(friend)
    channel = bob.api("POST", "/users/@me/channels", {"recipient_id": alice.id})["id"]
    bob.api("POST", f"/channels/{channel}/messages", {"content": "hello from elsewhere"})
    carol.api("POST", "/users/@me/channels", {"recipient_ids": [alice.id, bob.id]})
    page = alice.enter("/channels/@me").page
    friends = page.locator(".friends-panel .people")
    page.get_by_role("tab", name="All").click()
    expect(friends).to_contain_text(bob.name)
    bob.api("PATCH", "/users/@me", {"display_name": "Bob the Bird"})
    expect(friends).to_contain_text("Bob the Bird")
    expect(page.locator(".sidebar .channel-link", has_text="Bob the Bird")).to_have_count(2)
    assert page.locator(".toast").count() == 0, "nobody became a friend"
    page.locator(".sidebar .channel-link", has_text="Bob the Bird").last.click()
    expect(alice.message("hello from elsewhere").locator(".author")).to_have_text("Bob the Bird")
    # One's own name stays one's own.
    expect(page.locator(".self-card")).to_contain_text(alice.name)


def test_settings_change_how_the_page_looks_and_reach_the_other_window(person, picture):
    alice = person("alice").enter()
    other = alice.open_page()
    alice.enter(page=other)
    page = alice.goes_to(alice.page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Profile").click()
    page.get_by_label("Shown name").fill("Alice A.")
    page.get_by_role("button", name="Save").click()
    expect(other.locator(".self-card")).to_contain_text("Alice A.")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_label("Colours").select_option("dark")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    picture(page, "settings-dark")
    page.get_by_label("Direction of the page").select_option("rtl")
    expect(other.locator("html")).to_have_attribute("dir", "rtl")
    picture(page, "settings-right-to-left")
    page.get_by_role("button", name="Devices").click()
    expect(page.get_by_text("this device")).to_be_visible()


def test_the_language_is_changed_at_once(person, picture):
    alice = person("alice").enter()
    page = alice.page
    for code, settings, label, friends in [("de", "Settings", "Language", "Freunde"), ("ja", "Einstellungen", "Sprache", "フレンド")]:
        page.get_by_role("button", name=settings).click()
        page.get_by_role("button", name=label).click()
        page.locator("#language").select_option(code)
        expect(page.get_by_role("heading", name=friends).first).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", code)
        picture(page, f"language-{code}")


@pytest.mark.long
def test_ones_data_comes_as_a_file(person):
    alice = person("alice").enter()
    page = alice.page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Your data").click()
    page.get_by_role("button", name="Make a file of my data").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click(timeout=30_000)
    assert open(download.value.path(), "rb").read(2) == b"PK"


@pytest.mark.long
def test_a_mention_in_the_background_notifies_and_a_muted_channel_does_not(person):
    permissions = ["notifications", "clipboard-read", "clipboard-write"]
    alice, bob = person("alice", permissions=permissions, **WITH_WORKER), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    alice.context.grant_permissions(["notifications"])
    alice.enter()
    page = alice.page
    page.get_by_role("button", name="Settings").click()
    page.locator(".settings-window > nav").get_by_role("button", name="Notifications").click()
    page.get_by_label("Notifications of the system").check()
    page.keyboard.press("Escape")
    page.evaluate("navigator.serviceWorker.ready.then(() => (document.hasFocus = () => false))")
    bob.api("POST", f"/channels/{channel}/messages", {"content": "no mention"})
    bob.api("POST", f"/channels/{channel}/messages", {"content": f"<@{alice.id}> **look**"})
    assert told(page, 1) == [f"@{alice.name} look"]
    page.get_by_role("link", name="The nest").click()
    page.locator(".sidebar .channel-link", has_text="general").click(button="right")
    page.get_by_role("menuitem", name="Notifications").click()
    page.get_by_label("Nothing").check()
    page.keyboard.press("Escape")
    bob.api("POST", f"/channels/{channel}/messages", {"content": f"<@{alice.id}> quiet"})
    other = alice.api("POST", f"/servers/{server}/channels", {"name": "loud", "type": "text"})["id"]
    bob.api("POST", f"/channels/{other}/messages", {"content": f"<@{alice.id}> loud"})
    assert told(page, 2) == [f"@{alice.name} look", f"@{alice.name} loud"]


def test_a_long_name_leaves_room_for_what_one_is_and_german_tabs_stay_in_the_panel(person):
    alice = person("alice")
    server, channel = alice.make_server("Nest <of> wrens")
    alice.api("PATCH", "/users/@me", {"display_name": "W" * 32})
    alice.api("PUT", "/users/@me/settings/client.language", {"value": '{"code":"de"}'})
    page = alice.enter(f"/channels/{server}/{channel}").page
    expect(page.locator(".rail .initials", has_text="NO")).to_be_visible()
    page.get_by_role("button", name="Mitglieder", exact=True).click()
    is_whole = """(element) => {
      const [inner, outer] = [element, element.closest("aside, .panel")].map((each) => each.getBoundingClientRect());
      return inner.width > 0 && inner.left >= outer.left && inner.right <= outer.right && element.scrollWidth <= element.clientWidth + 1;
    }"""
    assert page.locator(".member-row .tag").evaluate(is_whole)
    page.get_by_role("button", name="Eingang").click()
    tabs = page.locator(".panel .choice .button")
    expect(tabs).to_have_count(2)
    assert all(tab.evaluate(is_whole) for tab in tabs.all())
