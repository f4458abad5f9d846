"""Servers: channels, roles, permissions, moderation."""

import re

import pytest
from playwright.sync_api import expect

from server import ROOT
from test_everyone import check

# What is drawn beside the name of a private channel.
LOCK = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"


@pytest.fixture
def nest(person):
    """An owner on their server's page, and a member on theirs."""
    owner, member = person("owner"), person("member")
    server, channel = owner.make_server()
    owner.invite(channel, member)
    for each in (owner, member):
        each.enter(f"/channels/{server}/{channel}")
        each.place, each.channel = server, channel
    return owner, member


def close_settings(person):
    person.page.locator(".settings-content > header").get_by_role("button", name="Close").click()


def test_channels_are_made_renamed_moved_and_deleted_for_everybody(nest):
    owner, member = nest
    owner.page.locator(".server-name").click()
    owner.page.get_by_role("menuitem", name="New channel").click()
    owner.page.get_by_label("Name").fill("seeds")
    owner.page.get_by_role("dialog").get_by_role("button", name="Make").click()
    expect(owner.page.get_by_role("heading", name="Welcome to #seeds")).to_be_visible()
    link = member.page.locator(".sidebar .channel-link", has_text="seeds")
    expect(link).to_be_visible()
    owner.page.locator(".title-button").click()
    owner.page.get_by_role("menuitem", name="Channel settings").click()
    owner.page.get_by_label("Name").fill("grains")
    owner.page.get_by_label("Topic").fill("About **grains**")
    owner.page.get_by_role("button", name="Save").click()
    expect(member.page.locator(".sidebar .channel-link", has_text="grains")).to_be_visible()
    close_settings(owner)
    expect(owner.page.locator(".topic strong")).to_have_text("grains")
    owner.page.locator(".title-button").click()
    owner.page.get_by_role("menuitem", name="Delete channel").click()
    owner.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(member.page.locator(".sidebar .channel-link", has_text="grains")).to_have_count(0)


def test_a_private_channel_is_seen_by_nobody_else(nest):
    owner, member = nest
    heard = []
    devices = member.context.new_cdp_session(member.page)
    devices.send("Network.enable")
    devices.on("Network.webSocketFrameReceived", lambda event: heard.append(event["response"]["payloadData"]))
    owner.page.locator(".server-name").click()
    owner.page.get_by_role("menuitem", name="New channel").click()
    owner.page.get_by_label("Name").fill("hidden")
    owner.page.get_by_label("Private").check()
    owner.page.get_by_role("dialog").get_by_role("button", name="Make").click()
    expect(owner.page.get_by_role("heading", name="Welcome to #hidden")).to_be_visible()
    owner.say("A secret")
    owner.sees("A secret")
    expect(owner.page.get_by_role("link", name="hidden").locator("path")).to_have_attribute("d", LOCK)
    owner.api("POST", f"/servers/{owner.place}/channels", {"name": "open", "type": "text"})
    expect(member.page.locator(".sidebar .channel-link", has_text="open")).to_be_visible()
    expect(member.page.locator(".sidebar .channel-link", has_text="hidden")).to_have_count(0)
    # Nor was it told to their client for a moment.
    assert any('"open"' in frame for frame in heard)
    assert not any("hidden" in frame for frame in heard)


def test_a_role_is_made_coloured_and_given_and_its_rights_count_at_once(nest, picture):
    owner, member = nest
    member.say("Hello")
    content = owner.server_settings("Roles")
    content.get_by_role("button", name="New role").first.click()
    content.get_by_label("Name of the role").fill("Warden")
    content.get_by_label("Colour").fill("#c02060")
    content.get_by_label("Show its members by themselves").check()
    content.get_by_label("Manage channels").check()
    picture(owner.page, "roles")
    content.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("Saved", exact=True)).to_be_visible()
    close_settings(owner)
    owner.page.locator(".message .author").first.click()
    owner.page.get_by_role("button", name="Give a role").click()
    owner.page.get_by_role("menuitem", name="Warden").click()
    expect(owner.page.locator(".profile .role-tag")).to_contain_text("Warden")
    member.page.locator(".server-name").click()
    expect(member.page.get_by_role("menuitem", name="New channel")).to_be_visible()
    member.page.keyboard.press("Escape")
    member.page.get_by_role("button", name="Members").click()
    expect(member.page.locator(".panel")).to_contain_text("Warden — 1")
    picture(member.page, "members")


@pytest.mark.long
def test_why_somebody_can_not_write_is_explained(nest, picture):
    owner, member = nest
    owner.page.locator(".title-button").click()
    owner.page.get_by_role("menuitem", name="Channel settings").click()
    window = owner.page.locator(".settings-window")
    window.get_by_role("button", name="Permissions").click()
    window.get_by_role("group", name="Write messages").get_by_label("deny").check(force=True)
    expect(member.page.get_by_text("You can't write in this channel.")).to_be_visible()
    picture(owner.page, "overwrites")
    window.get_by_role("button", name="Who may what").click()
    window.get_by_label("Who", exact=True).select_option(label=member.name)
    row = window.locator(".why details", has_text="Write messages")
    expect(row).to_contain_text("This channel, for @everyone: no")
    row.locator("summary").click()
    expect(row.locator("ol li").first).to_contain_text("Role @everyone: yes")
    picture(owner.page, "why")


def test_members_are_silenced_removed_banned_and_let_back_and_the_log_says_so(nest, picture):
    owner, member = nest
    member.say("Noise")
    owner.sees("Noise")

    def choose(label):
        owner.page.locator(".message .author").first.click()
        owner.page.locator(".profile").get_by_role("button", name="More").click()
        owner.page.get_by_role("menuitem", name=label, exact=True).click()

    choose("Silence")
    owner.page.get_by_role("dialog").get_by_role("button", name="Silence").click()
    expect(member.page.get_by_text("A moderator has silenced you until")).to_be_visible()
    choose("Ban")
    owner.page.get_by_label("Reason").fill("too much noise")
    owner.page.get_by_role("dialog").get_by_role("button", name="Ban").click()
    expect(member.page.locator(".rail .rail-item", has_text="")).to_have_count(1)
    content = owner.server_settings("Bans")
    expect(content).to_contain_text("too much noise")
    content.get_by_role("button", name="Lift").click()
    expect(content).to_contain_text("Nobody is banned")
    owner.page.locator(".settings-window").get_by_role("button", name="Audit log").click()
    expect(content.locator("summary", has_text=re.compile("ban", re.I)).first).to_be_visible()
    picture(owner.page, "audit-log")


@pytest.mark.long
def test_emoji_of_the_server_are_added_and_used(nest):
    owner, member = nest
    content = owner.server_settings("Emoji")
    content.locator("input[type=file]").set_input_files(ROOT / "Web/icons/aviary-192.png")
    expect(content.get_by_label("Name of aviary_192")).to_have_value("aviary_192")
    close_settings(owner)
    owner.say("Look :aviary_192: here")
    image = member.message("Look").locator("img.emoji")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0


@pytest.mark.long
def test_a_webhook_is_made_and_what_it_sends_is_shown_under_its_name(nest):
    owner, member = nest
    content = owner.server_settings("Webhooks")
    content.get_by_role("button", name="New webhook").click()
    owner.page.get_by_role("dialog").get_by_label("Name").fill("Weather")
    owner.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    address = owner.page.locator(".secret").inner_text()
    rain = owner.server.api("POST", address.split("/api/v1")[1] + "?wait=true", {"content": "Rain", "username": owner.name})
    expect(member.message("Rain")).to_contain_text(owner.name)
    expect(member.message("Rain").locator(".tag")).to_have_text("Webhook")
    # A name that is somebody else's is known as a webhook's also where it is answered.
    member.act("Rain", "Reply")
    expect(member.page.locator(".reply-bar strong")).to_have_text(f"{owner.name} (webhook)")
    owner.api("POST", f"/channels/{owner.channel}/messages", {"content": "Umbrella", "reply_to_id": rain["id"]})
    expect(member.message("Umbrella").locator(".reply-line .tag")).to_have_text("Webhook")


def test_invites_are_listed_and_withdrawn(nest):
    owner, _ = nest
    content = owner.server_settings("Invites")
    expect(content.locator("code")).to_have_count(1)
    content.get_by_role("button", name=re.compile("^Delete")).click()
    expect(content).to_contain_text("No invites")


@pytest.mark.long
def test_categories_collapse_and_servers_are_put_into_folders(nest):
    owner, _ = nest
    page = owner.page
    page.get_by_role("button", name="Channels", exact=True).click()
    # Where one is stays in sight.
    expect(page.locator(".sidebar .channel-link", has_text="Voice")).to_have_count(0)
    expect(page.locator(".sidebar .channel-link", has_text="general")).to_be_visible()
    second, _ = owner.make_server("Second")
    expect(page.locator(".rail-item")).to_have_count(3)
    page.get_by_role("link", name="Second").click(button="right")
    page.get_by_role("menuitem", name="Into a new folder").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Birds")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    folder = page.get_by_role("button", name="Folder Birds")
    expect(folder).to_have_attribute("aria-expanded", "true")
    folder.click()
    expect(page.get_by_role("link", name="Second")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Folder Birds")).to_have_attribute("aria-expanded", "false")
    assert second


def test_a_member_who_leaves_sees_the_server_no_more(nest):
    _, member = nest
    member.page.locator(".server-name").click()
    member.page.get_by_role("menuitem", name="Leave server").click()
    member.page.get_by_role("dialog").get_by_role("button", name="Leave server").click()
    expect(member.page.locator(".rail-item")).to_have_count(1)
    expect(member.page).to_have_url(re.compile("/channels/@me"))


def test_a_newcomer_agrees_and_answers_before_saying_anything(nest, person):
    owner, _ = nest
    place = f"/servers/{owner.place}"
    role = owner.api("POST", f"{place}/roles", {"name": "Ornithologists"})["id"]
    owner.api("PUT", f"{place}/rules", {"enabled": True, "rules": ["Be kind"]})
    question = {"title": "What brings you here?", "required": True, "options": [{"title": "Birds", "role_ids": [role]}, {"title": "Chance"}]}
    owner.api("PUT", f"{place}/onboarding", {"enabled": True, "questions": [question]})
    owner.api("PUT", f"{place}/welcome-screen", {"enabled": True, "description": "Hello!", "channels": [{"channel_id": owner.channel, "description": "talk here"}]})
    newcomer = person("newcomer")
    owner.invite(owner.channel, newcomer)
    newcomer.enter(f"/channels/{owner.place}/{owner.channel}")
    page = newcomer.page
    window = page.get_by_role("dialog")
    expect(window.get_by_role("heading", name="Welcome to")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".no-composer")).to_contain_text("You may look on here")
    page.locator(".no-composer").get_by_role("button").click()
    expect(window.get_by_role("button", name="Continue")).to_be_disabled()
    window.get_by_label("I have read the rules").check()
    window.get_by_role("button", name="Continue").click()
    window.get_by_label("Birds").check()
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_text("Hello!")).to_be_visible()
    window.get_by_role("link", name="talk here").click()
    expect(page.locator("#composer-text")).to_be_visible()
    assert role in owner.api("GET", f"{place}/members?query=newcomer")[0]["roles"]
    # Later one may choose otherwise.
    page.locator(".server-name").click()
    page.get_by_role("menuitem", name="Rules and questions").click()
    window.get_by_role("button", name="Continue").click()
    window.get_by_label("Chance").check()
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_text("Hello!")).to_be_visible()
    assert owner.api("GET", f"{place}/members?query=newcomer")[0]["roles"] == []


def test_a_server_is_listed_found_and_copied(nest, person):
    owner, _ = nest
    page = owner.page
    page.locator(".server-name").click()
    page.get_by_role("menuitem", name="Server settings").click()
    sections = page.locator(".settings-window > nav")
    sections.get_by_role("button", name="Directory").click()
    page.get_by_label("Show it in the directory").check()
    page.get_by_label("What it is about").fill("A place for people who watch birds")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The server is in the directory.")).to_be_visible()
    sections.get_by_role("button", name="Templates").click()
    page.get_by_label("Name of the template").fill("An aviary")
    page.get_by_role("button", name="Make a template").click()
    link = page.locator(".templates a")
    expect(link).to_be_visible()
    template = link.get_attribute("href")
    guest = person("guest")
    guest.enter("/channels/@me")
    guest.page.get_by_role("button", name="Add a server").first.click()
    guest.page.get_by_role("button", name="Find a server").click()
    guest.page.get_by_label("Search", exact=True).fill("birds")
    card = guest.page.locator(".server-card", has_text="A place for people who watch birds")
    expect(card).to_have_count(1)
    owner.api("PUT", f"/servers/{owner.place}/rules", {"enabled": True, "rules": ["Be kind"]})
    card.get_by_role("button", name="Join").click()
    window = guest.page.get_by_role("dialog")
    window.get_by_label("I have read the rules").check()
    window.get_by_role("button", name="Done").click()
    # From however many sides one is sent there, one is asked once.
    expect(window).to_have_count(0)
    expect(guest.page.locator("#composer-text")).to_be_visible()
    guest.go_to(template)
    guest.page.get_by_label("Name").fill("My aviary")
    guest.page.get_by_role("button", name="Make").click()
    expect(guest.page.locator(".server-name")).to_have_text("My aviary")


def test_what_newcomers_meet_is_made_without_leaving_the_keys(nest, picture):
    owner, _ = nest
    page = owner.page
    content = owner.server_settings("Rules")
    content.get_by_role("button", name="Add a rule").click()
    expect(content.get_by_label("Rule 1", exact=True)).to_be_focused()
    page.keyboard.type("Be kind")
    content.get_by_role("button", name="Save").click()
    sections = page.locator(".settings-window > nav")
    sections.get_by_role("button", name="Questions").click()
    content.get_by_role("button", name="Add a question").click()
    page.keyboard.type("Why?")
    content.get_by_role("button", name="Add an answer").click()
    page.keyboard.type("Birds")
    content.get_by_role("button", name="Choose an emoji for answer 1").click()
    picker = page.get_by_role("dialog", name="Choose an emoji")
    picker.get_by_role("searchbox").fill("eagle")
    page.keyboard.press("Enter")
    expect(content.get_by_role("button", name="Remove the emoji of answer 1")).to_have_text("🦅")
    check(page, "questions with an emoji")
    picture(page, "question-emoji")
    content.get_by_role("button", name="Add a question").click()
    page.keyboard.type("Nothing")
    content.get_by_role("button", name="Remove the question: Nothing").click()
    expect(content.get_by_role("button", name="Add a question")).to_be_focused()
    content.get_by_role("button", name="Save").click()
    expect(page.locator(".unsaved")).to_have_count(0)
    [question] = owner.api("GET", f"/servers/{owner.place}/onboarding")["questions"]
    assert (question["title"], question["options"][0]["emoji"]) == ("Why?", "🦅")
    sections.get_by_role("button", name="Welcome screen").click()
    content.get_by_role("button", name="Add a channel").click()
    expect(content.get_by_label("Channel 1", exact=True)).to_be_focused()
    content.get_by_role("button", name="Choose an emoji for channel 1").click()
    picker.get_by_role("searchbox").fill("waving hand")
    page.keyboard.press("Enter")
    expect(content.get_by_role("button", name="Remove the emoji of channel 1")).to_have_text("👋")
    picture(page, "welcome-emoji")
    content.get_by_role("button", name="Save").click()
    expect(page.locator(".unsaved")).to_have_count(0)
    assert owner.api("GET", f"/servers/{owner.place}/welcome-screen")["channels"][0]["emoji"] == "👋"


def test_another_page_shows_how_many_are_there_by_what_was_copied(nest, picture):
    owner, _ = nest
    content = owner.server_settings("Widget")
    content.get_by_label("Allow it").check()
    content.get_by_label("Invite to").select_option(owner.channel)
    content.get_by_role("button", name="Save").click()
    content.get_by_role("button", name="Copy the code").click()
    check(owner.page, "widget")
    picture(owner.page, "widget")
    field = content.get_by_role("textbox", name="Address").bounding_box()
    beside = content.get_by_role("button", name="Copy the address").bounding_box()
    assert abs(field["y"] + field["height"] - beside["y"] - beside["height"]) < 2
    snippet = owner.page.evaluate("() => navigator.clipboard.readText()")
    elsewhere = owner.open_page()
    elsewhere.set_content(snippet)
    link = elsewhere.get_by_role("link", name=re.compile(r"1 of 2 are there|2 of 2 are there"))
    expect(link).to_have_attribute("href", re.compile("/invite/"))
