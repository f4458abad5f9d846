"""What people are told: names, counts, mentions, timeouts, maintenance; and what is kept from them until they ask."""

import json
import re

import pytest
from playwright.sync_api import expect

from people import PHONE, WITH_WORKER, notifications, told, until
from server import PASSWORD, Server
from test_everyone import check


@pytest.fixture
def pair(person):
    """Alice has a server and looks at its first channel; bob is a member of it."""
    alice, bob = person("alice"), person("bob")
    alice.server_id, channel = alice.make_server()
    bob.server_id = alice.server_id
    alice.invite(channel, bob)
    alice.enter(f"/channels/{alice.server_id}/{channel}")
    expect(alice.page.locator("#composer-text")).to_be_visible()
    alice.channel = bob.channel = channel
    return alice, bob


def write(who, text, **more):
    return who.api("POST", f"/channels/{who.channel}/messages", {"content": text, **more})


# Of an element: its direction, and how far its words are from the left and the right of the message.
PLACE = """(element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const words = range.getBoundingClientRect();
    const whole = element.closest(".message-main").getBoundingClientRect();
    const side = words.left - whole.left > whole.right - words.right ? "right" : "left";
    return [getComputedStyle(element).direction, side];
}"""


def test_each_paragraph_stands_at_the_side_where_its_language_begins(pair, picture):
    alice, bob = pair
    write(bob, "مرحبا، موعد الاجتماع 10:30 في room-42.")
    write(bob, "English first\n\nעברית בפסקה שנייה (סוף).\n\n> מה שנאמר\n\n- פריט\n- item\n\n```\nlet a = 1\n```")
    edited = write(bob, "שלום")
    bob.api("PATCH", f"/channels/{bob.channel}/messages/{edited['id']}", {"content": "שלום לכם"})
    write(bob, f"<@{alice.id}> مرحبا `a.b()` https://example.org/a.")
    alone, mixed, change, named = (
        alice.message(text).locator(".markdown") for text in ("room-42", "English first", "לכם", "example.org")
    )
    assert alone.locator("p").evaluate(PLACE) == ["rtl", "right"]
    assert mixed.locator("> p").nth(0).evaluate(PLACE) == ["ltr", "left"]
    assert mixed.locator("> p").nth(1).evaluate(PLACE) == ["rtl", "right"]
    quote = mixed.locator("blockquote")
    assert quote.evaluate("(element) => getComputedStyle(element).borderRightWidth") == "4px"
    assert quote.locator("p").evaluate(PLACE) == ["rtl", "right"]
    assert mixed.locator("li p").nth(0).evaluate(PLACE) == ["rtl", "right"]
    assert mixed.locator("li p").nth(1).evaluate(PLACE) == ["ltr", "left"]
    assert mixed.locator("pre").evaluate(PLACE) == ["ltr", "left"]
    assert change.locator("p").evaluate(PLACE) == ["rtl", "right"]
    expect(change.locator("p")).to_contain_text("(edited)")
    assert named.locator("p").evaluate(PLACE) == ["rtl", "right"], "a name does not decide the direction"
    assert named.locator("a").evaluate("(element) => getComputedStyle(element).direction") == "ltr"
    assert named.locator("code").evaluate("(element) => getComputedStyle(element).direction") == "ltr"
    picture(alice.page, "right-to-left-messages")


def test_only_what_speaks_to_somebody_is_drawn_as_a_mention(pair):
    alice, bob = pair
    roles = f"/servers/{alice.server_id}/roles"
    quiet = alice.api("POST", roles, {"name": "Owls"})["id"]
    loud = alice.api("POST", roles, {"name": "Herons", "mentionable": True})["id"]
    write(bob, f"of bob: @everyone @here <@&{quiet}> <@&{loud}> `@here`")
    write(alice, f"of alice: @everyone `@here` <@&{quiet}>")
    mentions = alice.message("of bob").locator(".mention")
    expect(alice.message("of bob")).to_contain_text("@everyone @here @Owls @Herons @here")
    expect(mentions).to_have_text(["@Herons"])
    expect(alice.message("of alice").locator(".mention")).to_have_text(["@everyone", "@Owls"])
    alice.api("PATCH", f"/channels/{alice.channel}", {"topic": "No @everyone here, ||not even|| <@&" + quiet + ">"})
    expect(alice.page.locator(".topic")).to_contain_text("No @everyone here")
    expect(alice.page.locator(".topic .mention")).to_have_count(0)
    expect(alice.page.locator(".topic")).to_have_attribute("title", "No @everyone here, ▒▒▒ @Owls")
    alice.api("DELETE", f"{roles}/{loud}")
    expect(alice.message("of bob")).to_contain_text("@deleted role")
    expect(mentions).to_have_count(0)


@pytest.mark.long
def test_the_name_of_a_thread_does_not_tell_what_a_message_hides(pair):
    alice, bob = pair
    write(bob, "look ||" + "The butler did it. " * 10 + "||")
    alice.act("look", "Start a thread")
    expect(alice.page.get_by_role("dialog").get_by_label("Name")).to_have_value("look ▒▒▒")


@pytest.mark.long
def test_who_is_silenced_reads_until_when_and_writes_again_when_it_ends(pair, picture):
    alice, bob = pair
    bob.api("PATCH", "/users/@me", {"display_name": "Same Name"})
    write(bob, "hello there")
    bob.enter(f"/channels/{bob.server_id}/{bob.channel}")
    page = alice.page
    page.get_by_label("Members", exact=True).click()
    # The moderator's way, by the other button on the name.
    alice.message("hello there").locator(".author").click(button="right")
    page.get_by_role("menuitem", name="Silence").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Same Name")
    expect(dialog).to_contain_text(f"@{bob.name}")
    picture(page, "silence")
    dialog.get_by_label("For how long").select_option("1")
    dialog.get_by_label("Reason").fill("Five times the same")
    dialog.get_by_role("button", name="Silence").click()
    expect(page.locator("#notices")).to_contain_text("Same Name is silenced until")
    row = page.locator(".member-row", has_text="Same Name")
    expect(row).to_contain_text("Silenced")
    row.click()
    expect(page.locator(".profile")).to_contain_text("Silenced until")
    picture(page, "silenced-profile")
    page.keyboard.press("Escape")
    expect(bob.page.locator(".no-composer")).to_contain_text("A moderator has silenced you until")
    expect(bob.page.locator(".no-composer")).to_contain_text("Reason: Five times the same")
    picture(bob.page, "silenced")
    # It ends by itself: no event says so.
    soon = bob.page.evaluate("Math.floor(Date.now() / 1000) + 2")
    alice.api("PATCH", f"/servers/{alice.server_id}/members/{bob.id}", {"timeout_until": soon})
    expect(bob.page.locator("#composer-text")).to_be_visible()
    expect(row).not_to_contain_text("Silenced")


@pytest.mark.long
def test_an_answer_on_its_way_does_not_bring_back_the_name_of_before(pair):
    alice, bob = pair
    page, held = alice.page, []
    write(bob, "hello there")
    page.route("**/members?**", lambda route: held.append((route, route.fetch())))
    page.reload()
    alice.sees("hello there")
    until(page, lambda: held)
    bob.api("PATCH", "/users/@me", {"display_name": "Same Name"})
    author = alice.message("hello there").locator(".author")
    expect(author).to_have_text("Same Name")
    page.get_by_label("Members", exact=True).click()
    for route, answer in held:
        route.fulfill(response=answer)
    # Alice herself is only known by the answer.
    expect(page.locator(".member-row", has_text=alice.name)).to_be_visible()
    expect(page.locator(".member-row", has_text="Same Name")).to_be_visible()
    expect(author).to_have_text("Same Name")


@pytest.mark.long
def test_the_menu_of_a_person_begins_with_what_one_wants_of_them(pair, picture):
    alice, bob = pair
    message = write(bob, "press me")
    write(alice, "an answer", reply_to_id=message["id"])
    bob.api("PUT", f"/channels/{bob.channel}/messages/{message['id']}/reactions/%F0%9F%91%8D")
    page = alice.page
    first = page.locator(".message", has_text="press me").first
    items = page.get_by_role("menuitem")
    start = ["Profile", "Message", "Mention"]
    first.locator(".message-side button").click(button="right")
    expect(items.first).to_be_focused()
    assert items.all_inner_texts()[:3] == start
    assert items.all_inner_texts()[-2:] == ["Block", "Report"]
    picture(page, "person-menu")
    items.filter(has_text="Mention").click()
    expect(page.locator("#composer-text")).to_have_value(f"@{bob.name} ")
    page.keyboard.press("Control+z")
    expect(page.locator("#composer-text")).to_have_value("")
    alice.message("an answer").locator(".reply-author").click(button="right")
    expect(items.first).to_be_focused()
    assert items.all_inner_texts()[:3] == start
    page.keyboard.press("Escape")
    first.locator(".author").focus()
    page.keyboard.press("Shift+F10")
    expect(items.first).to_be_focused()
    assert items.all_inner_texts()[:3] == start
    page.keyboard.press("Enter")
    expect(page.locator(".profile")).to_contain_text(f"@{bob.name}")
    page.keyboard.press("Escape")
    first.locator(".reaction").click(button="right")
    page.get_by_role("dialog").locator(".person").click(button="right")
    expect(items.first).to_be_focused()
    assert items.all_inner_texts()[:2] == start[:2]
    items.filter(has_text="Message").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".title-button")).to_have_text(bob.name)


@pytest.mark.long
def test_a_long_press_on_a_name_gives_the_menu_and_not_the_profile(person, browser):
    alice = person("alice", PHONE, has_touch=True)
    bob = person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    bob.api("POST", f"/channels/{channel}/messages", {"content": "press me"})
    alice.enter(f"/channels/{server}/{channel}")
    box = alice.message("press me").locator(".author").bounding_box()
    touch = alice.context.new_cdp_session(alice.page)
    point = {"x": box["x"] + 10, "y": box["y"] + 8}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(alice.page.get_by_role("menuitem").first).to_have_text("Profile")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    alice.page.wait_for_timeout(300)
    expect(alice.page.get_by_role("menuitem").first).to_be_visible()
    expect(alice.page.locator(".profile")).to_have_count(0)


@pytest.mark.long
def test_who_was_banned_reads_what_happened_until_when_and_why(pair, picture):
    alice, bob = pair
    bob.enter(f"/channels/{bob.server_id}/{bob.channel}")
    write(bob, "good bye")
    alice.message("good bye").locator(".author").click(button="right")
    alice.page.get_by_role("menuitem", name="Ban").click()
    dialog = alice.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"@{bob.name}")
    dialog.get_by_label("Reason").fill("Enough is enough")
    dialog.get_by_label("For how long").select_option("7")
    dialog.get_by_role("button", name="Ban", exact=True).click()
    expect(alice.page.locator("#notices")).to_contain_text(f"{bob.name} is banned.")
    page = bob.page
    for _ in range(2):
        expect(page.locator("main")).to_contain_text("You were banned from The nest until")
        expect(page.locator("main")).to_contain_text("Reason: Enough is enough")
        page.reload()
    page.get_by_role("button", name="Inbox").click()
    entry = page.locator(".inbox-entry").first
    expect(entry).to_contain_text("You were banned from The nest until")
    expect(entry).to_contain_text("Reason: Enough is enough")
    picture(page, "banned")
    entry.locator("button.person").click()
    expect(page).to_have_url(re.compile(f"/channels/{bob.server_id}$"))
    expect(entry.locator(".unread-dot")).to_have_count(0)


@pytest.fixture
def own_server():
    server = Server()
    yield server
    server.close()


@pytest.mark.long
def test_a_maintenance_is_announced_and_ends_for_everybody_when_it_ends(person, own_server, picture):
    alice, bob = person("alice", server=own_server), person("bob", server=own_server)
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    own_server.administer("promote", alice.name)
    alice.log_in_again()
    bob.page.clock.install()
    bob.enter(f"/channels/{server}/{channel}")
    bar = bob.page.locator(".status-line")
    maintenance = {"message": "New disks", "closing_in_seconds": 3600, "estimated_downtime_seconds": 3600}
    alice.api("POST", "/admin/maintenance", maintenance)
    expect(bar).to_contain_text("Maintenance begins at")
    expect(bar).to_contain_text("New disks")
    picture(bob.page, "maintenance-announced")
    # Who comes after the announcement is told, too, and so is who is not yet in.
    bob.page.reload()
    expect(bar).to_contain_text("Maintenance begins at")
    stranger = bob.browser.new_context(base_url=own_server.origin, locale="en-US").new_page()
    stranger.clock.install()
    stranger.goto("/login")
    expect(stranger.locator(".notice-line")).to_contain_text("New disks")
    alice.api("DELETE", "/admin/maintenance")
    for page in (bob.page, stranger):
        page.clock.fast_forward(120_000)
    expect(bar).to_be_empty()
    expect(stranger.locator(".notice-line")).to_have_count(0)
    alice.api("POST", "/admin/maintenance", {**maintenance, "closing_in_seconds": 0})
    expect(bar).to_contain_text("The server is being maintained.")
    expect(bar).to_contain_text("It should be over by")
    expect(bar.get_by_role("link", name="Administration")).to_have_count(0)
    # What the server refuses until a far end leaves when that comes early, and can be taken back until then.
    bob.say("written meanwhile")
    waiting = bob.page.locator(".message.pending", has_text="written meanwhile")
    expect(waiting.get_by_role("button", name="Change")).to_be_visible()
    # An administrator without anything from an earlier visit comes in and ends it.
    stranger.reload()
    expect(stranger.locator(".notice-line")).to_contain_text("Only administrators can log in now.")
    stranger.locator("#username").fill(alice.name)
    stranger.locator("#password").fill(PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("link", name="Administration")).to_be_visible()
    picture(stranger, "maintenance-splash")
    stranger.get_by_role("link", name="Administration").click()
    expect(stranger.get_by_role("button", name="End maintenance")).to_be_visible()
    picture(stranger, "maintenance-administration")
    stranger.get_by_role("button", name="End maintenance").click()
    expect(stranger.get_by_role("button", name="Begin maintenance")).to_be_visible()
    # The server opens the gateway within a second.
    stranger.wait_for_timeout(1500)
    for page in (bob.page, stranger):
        page.clock.fast_forward(10_000)
    expect(bar).to_be_empty()
    expect(stranger.locator(".self-card")).to_be_attached()
    bob.say("back again")
    bob.sees("back again")
    expect(bob.page.locator(".message.pending")).to_have_count(0)
    texts = [message["content"] for message in bob.api("GET", f"/channels/{channel}/messages?limit=5")]
    assert texts[:2] == ["back again", "written meanwhile"]
    stranger.context.close()


def test_a_new_name_is_everywhere_at_once(pair, picture):
    alice, bob = pair
    page = alice.page
    first = write(bob, "hello there")
    write(alice, f"an answer about <@{bob.id}>", reply_to_id=first["id"])
    answer = alice.message("an answer about")
    page.get_by_label("Members", exact=True).click()
    bob.api("PATCH", "/users/@me", {"display_name": "Bob the Bird"})
    expect(answer.locator(".mention")).to_have_text("@Bob the Bird")
    expect(answer.locator(".reply-author")).to_contain_text("Bob the Bird")
    expect(page.locator(".message", has_text="hello there").first.locator(".author")).to_have_text("Bob the Bird")
    expect(page.locator(".member-rows")).to_contain_text("Bob the Bird")
    channel = alice.api("POST", "/users/@me/channels", {"recipient_id": bob.id})["id"]
    page.goto(f"/channels/@me/{channel}")
    for name in ("Bob the Bird", "Robert"):
        bob.api("PATCH", "/users/@me", {"display_name": name})
        expect(page.locator(".title-button")).to_have_text(name)
        expect(page.locator("#composer-text")).to_have_attribute("placeholder", f"Message {name}")
        expect(page.locator(".beginning h2")).to_have_text(name)
        expect(page.locator(".beginning p")).to_contain_text(name)
        expect(page.locator(".sidebar .channel-link", has_text=name)).to_be_visible()
        expect(page).to_have_title(f"{name} · Aviary")


@pytest.mark.long
def test_requests_are_answered_in_the_inbox_and_the_bell_counts_along(pair, person, picture):
    alice, bob = pair
    carol = person("carol")
    page = alice.page
    bell = page.locator(".header-actions .with-badge .badge")
    bob.api("PATCH", "/users/@me", {"display_name": "Bob of the Very Long Name Street"})
    for friend in (bob, carol):
        friend.api("POST", "/relationships", {"user_id": alice.id})
    expect(bell).to_contain_text("2")
    # It counts from the beginning, not only what comes while one looks.
    page.reload()
    expect(bell).to_contain_text("2")
    page.get_by_role("button", name="Inbox").click()
    entry = page.locator(".inbox-entry", has_text="Bob of")
    text = entry.locator(".inbox-text > span").first
    expect(text).to_have_text("Bob of the Very Long Name Street wants to be your friend")
    assert text.evaluate("(text) => text.scrollWidth <= text.clientWidth"), "it is readable to its end"
    picture(page, "inbox")
    entry.get_by_role("button", name="Accept").click()
    expect(bell).to_contain_text("1")
    expect(entry.get_by_role("button", name="Accept")).to_have_count(0)
    other = page.locator(".inbox-entry", has_text=carol.name)
    other.get_by_role("button", name="Decline").click()
    expect(other).to_have_count(0)
    expect(bell).to_have_count(0)
    # A request that is taken back takes its count along; a mention can be marked as read where it stands.
    carol.api("POST", "/relationships", {"user_id": alice.id})
    expect(bell).to_contain_text("1")
    carol.api("DELETE", f"/relationships/{alice.id}")
    expect(bell).to_have_count(0)
    page.goto("/channels/@me")
    page.get_by_role("button", name="Inbox").click()
    write(bob, f"<@{alice.id}> look")
    mention = page.locator(".inbox-entry", has_text="mentioned you")
    mention.get_by_role("button", name="Mark as read").click()
    expect(bell).to_have_count(0)
    mention.locator(".person").click()
    expect(alice.message("look")).to_be_visible()


def test_a_channel_for_adults_asks_before_it_shows_anything(pair, picture):
    alice, bob = pair
    page = alice.page
    place = f"/channels/{alice.server_id}"
    other = alice.api("POST", f"/servers/{alice.server_id}/channels", {"name": "night-owls", "type": "text"})["id"]
    alice.api("PATCH", f"/channels/{other}", {"nsfw": True, "topic": "feathers of all colours"})
    secret = bob.api("POST", f"/channels/{other}/messages", {"content": "feathers everywhere"})
    thread = bob.api("POST", f"/channels/{other}/threads", {"name": "feathers, late", "message_id": secret["id"]})["id"]
    bob.api("POST", f"/channels/{thread}/messages", {"content": "feathers in a thread"})
    link = page.locator(".sidebar .channel-link", has_text="night-owls")
    expect(link).to_contain_text("18+")
    # What is found elsewhere is kept back, too.
    page.get_by_role("button", name="Search").click()
    page.locator("#search-words").fill("feathers")
    cards = page.locator(".card-message")
    expect(cards).to_have_count(2)
    for number in range(2):
        expect(cards.nth(number)).to_contain_text("For adults only.")
        expect(cards.nth(number)).not_to_contain_text("feathers")
    page.keyboard.press("Escape")
    link.click()
    main = page.locator("main")
    expect(main.get_by_role("heading", name="For adults only")).to_be_visible()
    expect(main).not_to_contain_text("feathers")
    expect(page.locator("#composer-text")).to_have_count(0)
    picture(page, "adults")
    page.goto(f"{place}/{thread}")
    expect(main.get_by_role("heading", name="For adults only")).to_be_visible()
    expect(page.locator(".sidebar .thread")).to_have_text("Thread")
    assert "feathers" not in page.content()
    page.keyboard.press("Control+k")
    page.keyboard.type("feathers")
    # All letters are there, also those that were typed while the window was loading.
    expect(page.locator(".switcher input")).to_have_value("feathers")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Escape")
    main.get_by_role("button", name="Back").click()
    alice.page.wait_for_url(f"**{place}/{alice.channel}")
    link.click()
    main.get_by_role("button", name="Show the channel").click()
    alice.sees("feathers everywhere")
    # Once for each channel and device.
    page.reload()
    alice.sees("feathers everywhere")
    expect(main.locator("h1 .tag")).to_have_text("18+")
    page.goto(f"{place}/{thread}")
    alice.sees("feathers in a thread")


@pytest.mark.long
def test_a_day_that_begins_and_a_field_that_is_emptied_are_seen_on_the_open_page(pair):
    alice, bob = pair
    write(bob, "evening")
    day = alice.page.locator(".day-line")
    moment = alice.message("evening").locator(".message-head time")
    expect(day).to_have_text("Today")
    expect(moment).not_to_contain_text("Yesterday")
    bob.enter(f"/channels/{bob.server_id}/{bob.channel}")
    field, typing = bob.page.locator("#composer-text"), alice.page.locator(".typing")
    # It goes not because ten seconds are over.
    alice.page.evaluate("() => { performance.now = () => 0; }")
    field.press_sequentially("hm")
    expect(typing).to_contain_text(bob.name)
    field.fill("")
    expect(typing).not_to_contain_text(bob.name)
    alice.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 86_400_000; }")
    expect(day).to_have_text("Yesterday")
    expect(moment).to_contain_text("Yesterday")


@pytest.mark.long
def test_notifications_tell_neither_what_is_hidden_nor_what_is_for_adults(person):
    alice, bob = person("alice", **WITH_WORKER), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    alice.context.grant_permissions(["notifications"])
    wishes = {"desktop": True, "sounds": False, "servers": {}, "channels": {}}
    alice.api("PUT", "/users/@me/settings/client.notifications", {"value": json.dumps(wishes)})
    owls = alice.api("POST", f"/servers/{server}/channels", {"name": "night-owls", "type": "text"})["id"]
    alice.api("PATCH", f"/channels/{owls}", {"nsfw": True})
    page = alice.enter().page
    page.evaluate("navigator.serviceWorker.ready.then(() => (document.hasFocus = () => false))")
    bob.api("POST", f"/channels/{owls}/messages", {"content": f"<@{alice.id}> feathers"})
    assert told(page, 1) == ["For adults only. Open the channel to see it."]
    bob.api("POST", f"/channels/{channel}/messages", {"content": f"<@{alice.id}> ||the butler|| [did](https://e.org)"})
    assert told(page, 2) == [f"@{alice.name} ▒▒▒ did", "For adults only. Open the channel to see it."]
    # A webhook may call itself as somebody else, and have a picture that tells another site who reads here.
    hook = alice.api("POST", "/webhooks", {"channel_id": channel, "name": "Weather"})
    storm = {"content": f"<@{alice.id}> storm", "username": bob.name, "avatar_url": "https://elsewhere.example/a.png"}
    alice.server.api("POST", f"/webhooks/{hook['id']}/{hook['token']}", storm)
    # It takes the place of the channel's earlier one, and is told of as that was.
    storm = [one for one in notifications(page, lambda texts: any(text.endswith("storm") for text in texts)) if one["body"].endswith("storm")]
    assert [(one["title"], one["icon"]) for one in storm] == [(f"{bob.name} (webhook) (#general)", "")]
    assert storm[0]["renotify"]


@pytest.mark.long
def test_only_what_nobody_has_read_is_told_and_no_longer_than_that(person):
    alice, bob = person("alice", **WITH_WORKER), person("bob")
    alice.befriend(bob)
    alice.context.grant_permissions(["notifications"])
    wishes = {"desktop": True, "sounds": False, "servers": {}, "channels": {}}
    alice.api("PUT", "/users/@me/settings/client.notifications", {"value": json.dumps(wishes)})
    bob.channel = alice.api("POST", "/users/@me/channels", {"recipient_id": bob.id})["id"]
    front, back = alice.enter(f"/channels/@me/{bob.channel}").page, alice.open_page()
    alice.enter("/channels/@me", back)
    shown = "ServiceWorkerRegistration.prototype.showNotification"
    for page in (front, back):
        page.evaluate("navigator.serviceWorker.ready")
        page.evaluate(f"const show = {shown}; window.shown = []; {shown} = function (title, options) "
                      "{ shown.push(options.body); return show.call(this, title, options); }; null")
    back.evaluate("document.hasFocus = () => false")
    # Another window has the focus and shows the conversation.
    write(bob, "seen in front")
    alice.sees("seen in front", front)
    expect(back).to_have_title("Aviary")
    front.evaluate("document.hasFocus = () => false")
    # The connection breaks, and another device reads on.
    alice.context.set_offline(True)
    expect(back.locator(".bar")).to_be_visible()
    read = [write(bob, f"read elsewhere {number}") for number in range(3)][-1]
    alice.api("POST", f"/channels/{bob.channel}/messages/ack?message_id={read['id']}")
    alice.context.set_offline(False)
    alice.sees("read elsewhere 2", front)
    expect(back.locator(".bar")).to_have_count(0)
    last = write(bob, "nobody has read this")
    back.wait_for_function("() => shown.length > 0")
    assert set(front.evaluate("window.shown") + back.evaluate("window.shown")) == {"nobody has read this"}
    assert told(back, 1) == ["nobody has read this"]
    # A page that is loaded again counts from the beginning, not only what comes.
    back.reload()
    expect(back).to_have_title("(1) Aviary")
    # It is read on another device.
    alice.api("POST", f"/channels/{bob.channel}/messages/ack?message_id={last['id']}")
    assert told(back, 0) == []


@pytest.mark.long
def test_what_a_spoiler_hides_is_hidden_wherever_a_message_is_quoted(pair):
    alice, bob = pair
    page = alice.page
    secret = write(bob, "look: || the butler ||")
    write(bob, "wow", reply_to_id=secret["id"])
    alice.api("PUT", f"/channels/{alice.channel}/pins/{secret['id']}")
    expect(alice.message("wow").locator(".reply-line")).to_contain_text("▒▒▒")
    expect(page.locator("[aria-live=polite]", has_text="wow")).to_be_attached()
    write(bob, "and ||the gardener||")
    expect(page.locator("[aria-live=polite]", has_text="▒▒▒")).to_be_attached()
    page.get_by_role("button", name="Pinned messages").click()
    expect(page.locator(".card-message button.spoiler")).to_be_visible()
    page.get_by_role("button", name="Search").click()
    page.locator("#search-words").fill("butler")
    expect(page.locator(".results button.spoiler")).to_be_visible()
    later = page.evaluate("Math.floor(Date.now() / 1000) + 3600")
    alice.api("POST", f"/channels/{alice.channel}/scheduled-messages", {"content": "||the cook||", "send_at": later})
    page.get_by_label("Add a file or a poll").click()
    page.get_by_role("menuitem", name="Send later").click()
    expect(page.get_by_role("dialog")).to_contain_text("▒▒▒")
    shown = page.evaluate("document.body.innerText")
    assert not any(word in shown for word in ("the butler", "the gardener", "the cook"))


def test_a_link_says_where_it_leads(pair):
    alice, bob = pair
    write(bob, "[https://bank.example/](https://evil.example/a) [\u3164](https://evil.example/b) [door](https://evil.example/c)")
    links = alice.message("https://bank.example/").locator(".message-text a")
    expect(links).to_have_text(["https://evil.example/a", "https://evil.example/b", "door"])


@pytest.mark.long
def test_counts_of_what_is_not_loaded_do_not_pretend_to_be_whole(pair):
    alice, bob = pair
    page = alice.page
    page.get_by_label("Members", exact=True).click()
    title, headings = page.locator(".panel-header h2"), page.locator(".member-heading")
    expect(title).to_have_text("Members — 2")
    expect(headings).to_have_text(["Online — 1", "Offline — 1"])
    # A first page of a large server: there are more than these.
    some = alice.api("GET", f"/servers/{alice.server_id}/members")
    page.route("**/members?*", lambda route: route.fulfill(json=(some * 500)[:1000]))
    page.reload()
    page.get_by_label("Members", exact=True).click()
    expect(headings).to_have_text(["Online", "Offline"])
    expect(title).to_have_text("Members — 2")
    for number in range(26):
        write(bob, f"feather {number}")
    page.get_by_role("button", name="Search").click()
    page.locator("#search-words").fill("feather")
    found = page.locator(".results [role=status]")
    expect(found).to_have_text("25+ messages")
    page.locator(".results").get_by_role("button", name="More", exact=True).click()
    expect(found).to_have_text("26 messages")
    page.get_by_label("Order").select_option("best")
    expect(found).to_have_text("The 25 best matches")


def test_the_title_follows_what_is_muted(pair):
    alice, bob = pair
    other = alice.api("POST", f"/servers/{alice.server_id}/channels", {"name": "second"})["id"]
    bob.api("POST", f"/channels/{other}/messages", {"content": "psst"})
    expect(alice.page).to_have_title(re.compile("^•"))
    row = alice.page.locator(".sidebar .channel-link", has_text="second")
    row.click(button="right")
    alice.page.get_by_role("menuitemcheckbox", name="Mute").click()
    alice.page.get_by_role("menuitem", name="Until I turn it back on").click()
    expect(row).to_have_class(re.compile("muted"))
    # Both are drawn in one go.
    assert alice.page.title().startswith("#general")


@pytest.mark.long
def test_pins_and_hits_follow_what_is_edited_and_deleted(pair):
    alice, bob = pair
    messages = [write(bob, f"a heron of {kind}") for kind in ("old", "stone")]
    for message in messages:
        alice.api("PUT", f"/channels/{alice.channel}/pins/{message['id']}")
    page = alice.page
    page.get_by_role("button", name="Pinned messages").click()
    cards = page.locator(".panel .card-message")
    for search in (False, True):
        if search:
            page.keyboard.press("Control+f")
            page.locator("#search-words").fill("heron")
        expect(cards).to_have_count(2 - search)
        for number, text in enumerate(("a heron of gold", "a heron of ivory")):
            bob.api("PATCH", f"/channels/{alice.channel}/messages/{messages[0]['id']}", {"content": text})
            expect(cards.filter(has_text=text)).to_have_count(1)
        bob.api("DELETE", f"/channels/{alice.channel}/messages/{messages[1 - search]['id']}")
        expect(cards).to_have_count(1 - search)


@pytest.mark.long
def test_putting_another_conversation_away_leaves_one_where_one_is(person):
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    for other in (bob, carol):
        channel = alice.api("POST", "/users/@me/channels", {"recipient_id": other.id})["id"]
        alice.api("POST", f"/channels/{channel}/messages", {"content": f"hello {other.name}"})
    alice.enter(f"/channels/@me/{channel}")
    alice.sees(f"hello {carol.name}")
    page = alice.page
    for name in (bob.name, carol.name):
        page.locator(".sidebar .channel-link", has_text=name).click(button="right")
        page.get_by_role("menuitem", name="Put away").click()
        expect(page.locator(".sidebar .channel-link", has_text=name)).to_have_count(0)
        expect(page).to_have_url(re.compile("/channels/@me" + (f"/{channel}$" if name == bob.name else "$")))


@pytest.mark.parametrize("hours", [2, -2])
@pytest.mark.long
def test_the_clock_of_the_machine_may_be_wrong(person, hours):
    alice = person("alice")
    server, channel = alice.make_server()
    poll = {"channel_id": channel, "question": "Where?", "options": ["Reeds", "Sky"], "duration_hours": 1}
    alice.api("POST", "/polls", poll)
    alice.enter()
    alice.page.add_init_script(f"{{ const now = Date.now; Date.now = () => now() + {hours} * 3600000; }}")
    alice.page.goto(f"/channels/{server}/{channel}")
    answer = alice.page.locator(".poll button", has_text="Reeds")
    expect(answer).to_be_enabled()
    alice.page.locator(".self-card").click()
    alice.page.get_by_role("menuitem", name="Set a status text").click()
    alice.page.get_by_label("What are you up to?").fill("Nesting")
    alice.page.locator("#status-hours").select_option(index=1)
    alice.page.get_by_role("button", name="Save").click()
    expect(alice.page.locator(".self-card")).to_contain_text("Nesting")


def test_a_push_is_shown_goes_where_it_leads_and_takes_away_what_was_read(person):
    alice, bob = person("alice", **WITH_WORKER), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    alice.context.grant_permissions(["notifications"])
    message = bob.api("POST", f"/channels/{channel}/messages", {"content": "look"})["id"]
    page = alice.enter("/channels/@me").page
    page.evaluate("navigator.serviceWorker.ready")
    devices = alice.context.new_cdp_session(page)
    registrations = []
    devices.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devices.send("ServiceWorker.enable")
    until(page, lambda: registrations)

    def push(**payload):
        devices.send("ServiceWorker.deliverPushMessage", {
            "origin": alice.server.origin, "registrationId": registrations[-1]["registrationId"], "data": json.dumps(payload)})

    place = {"server_id": server, "channel_id": channel, "message_id": message}
    push(type="mention", notification_id="7", title="bob (#general)", body="look", read=[], **place)
    assert told(page, 1) == ["look"]
    # What has no words of its own gets some, and what was read elsewhere goes.
    push(type="friend_request", notification_id="8", title="carol", body=None, read=[message])
    until(page, lambda: told(page, 1) == ["Wants to be friends"])
    push(type="mention", notification_id="7", title="bob (#general)", body="look", read=["8"], **place)
    assert told(page, 1) == ["look"]
    worker = alice.context.service_workers[0]
    worker.evaluate("""async () => {
      const [notification] = await self.registration.getNotifications();
      self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    }""")
    expect(page).to_have_url(re.compile(f"/channels/{server}/{channel}"))
    assert told(page, 0) == []


def test_notifications_are_set_by_menu_and_in_the_settings(pair, picture):
    alice, bob = pair
    page = alice.page
    settings = lambda: alice.api("GET", "/users/@me/notification-settings")
    row = page.locator(".sidebar .channel-link", has_text="general")
    row.click(button="right")
    page.get_by_role("menuitem", name="Notifications").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Everything").check()
    dialog.get_by_role("switch", name="@everyone does not speak to me").check()
    picture(page, "notifications-of-a-channel")
    until(page, lambda: settings()["channels"].get(alice.channel, {}).get("suppress_everyone"))
    assert settings()["channels"][alice.channel]["level"] == "all"
    page.keyboard.press("Escape")
    page.locator(".self-card").click()
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_role("button", name="Notifications", exact=True).click()
    page.get_by_role("switch", name="Keep quiet hours").check()
    page.get_by_label("From").fill("21:30")
    page.get_by_label("Shown on the screen").select_option("sender")
    until(page, lambda: settings()["quiet_hours"] == {"from": "21:30", "to": "07:00"})
    until(page, lambda: settings()["push_preview"] == "sender")
    picture(page, "notification-settings")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "notification-settings-phone")
    # The times are of some clock: it is said which, and one gets to where that is chosen.
    expect(page.get_by_text("These times are UTC")).to_be_visible()
    check(page, "notification settings")
    page.get_by_role("button", name="Set your time zone").click()
    expect(page.get_by_label("Time zone", exact=True)).to_be_focused()
    page.get_by_label("Time zone", exact=True).select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".unsaved")).to_have_count(0)
    page.get_by_role("button", name="Notifications", exact=True).click()
    expect(page.get_by_text("The clock of Asia/Tokyo counts")).to_be_visible()
