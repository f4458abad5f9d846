"""For everyone: no violations that axe-core finds on any view, at every width, in light and dark, right to left and enlarged."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from people import DESKTOP, PHONE, until

AXE = Axe()


def check(page, name, found=None):
    """Fails on violations, and says where they are; or keeps them in `found` for the end."""
    # What is still fading in has other colours than what stays.
    page.evaluate("() => Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {})))")
    results = AXE.run(page)
    violations = [
        f"{name}: {violation['id']}: {node['html'][:200]} {node['any'][0]['message'][:160] if node['any'] else ''}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    if found is None:
        assert not violations, "\n".join(violations)
    else:
        found += violations


def populate(person):
    """A server with some of everything in it, and a second person who is there."""
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server("The aviary")
    alice.invite(channel, bob)
    alice.befriend(bob)
    role = alice.api("POST", f"/servers/{server}/roles", {"name": "Warden", "color": "#c02060", "hoist": True})
    alice.api("PUT", f"/servers/{server}/members/{bob.id}/roles/{role['id']}")
    first = alice.api("POST", f"/channels/{channel}/messages", {"content": "Good morning! **Herons** at the pond, see https://example.org"})
    bob.api("POST", f"/channels/{channel}/messages", {"content": f"<@{alice.id}> how many? :)", "reply_to_id": first["id"]})
    bob.api("PUT", f"/channels/{channel}/messages/{first['id']}/reactions/%F0%9F%91%8D")
    alice.api("POST", f"/channels/{channel}/messages", {"content": "> how many?\n- one grey\n- two white\n```swift\nlet herons = 3 // so far\n```\n||They left|| `soon`"})
    alice.api("POST", "/polls", {"channel_id": channel, "question": "When do we meet?", "options": ["Today", "Tomorrow"], "duration_hours": 24})
    alice.api("POST", f"/channels/{channel}/threads", {"name": "Herons", "message_id": first["id"]})
    alice.api("PUT", f"/channels/{channel}/pins/{first['id']}")
    bob.api("POST", f"/channels/{channel}/messages", {"content": "東京の空に鶴が飛んでいる。مرحبا بالجميع"})
    conversation = alice.api("POST", "/users/@me/channels", {"recipient_id": bob.id})["id"]
    bob.api("POST", f"/channels/{conversation}/messages", {"content": "Coffee?"})
    bob.enter(f"/channels/{server}/{channel}")
    listing = {"enabled": True, "summary": "We watch herons and other birds", "tags": ["birds"], "category": "local"}
    alice.api("PUT", f"/servers/{server}/discovery", listing)
    alice.template = alice.api("POST", f"/servers/{server}/templates", {"name": "An aviary"})["code"]
    welcome = {"enabled": True, "description": "Hello", "channels": [{"channel_id": channel, "description": "talk", "emoji": "🐦"}]}
    alice.api("PUT", f"/servers/{server}/welcome-screen", welcome)
    alice.api("PUT", f"/servers/{server}/rules", {"enabled": True, "rules": ["Be kind", "No cats"]})
    option = {"title": "Herons", "role_ids": [role["id"]], "emoji": "🪶"}
    alice.api("PUT", f"/servers/{server}/onboarding", {"enabled": True, "questions": [{"title": "What do you like?", "required": True, "options": [option]}]})
    alice.place, alice.channel, alice.conversation = server, channel, conversation
    return alice, bob


# `make test-long` looks at the other colours and widths, too.
LOOKS = [
    ("light", DESKTOP),
    pytest.param("dark", PHONE, marks=pytest.mark.long),
    pytest.param("dark", DESKTOP, marks=pytest.mark.long),
    pytest.param("light", PHONE, marks=pytest.mark.long),
]


@pytest.mark.parametrize("scheme, viewport", LOOKS, ids=lambda value: value if isinstance(value, str) else str(value["width"]))
def test_no_view_has_violations(person, picture, scheme, viewport):
    alice, _ = populate(person)
    page = alice.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    look = f"{'phone' if viewport is PHONE else 'desktop'}-{scheme}"

    found = []

    def keep(name):
        check(page, f"{name} {look}", found)
        picture(page, f"{name}-{look}")

    page.goto("/login")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    keep("login")
    page.goto("/register")
    expect(page.get_by_role("button", name="Make account")).to_be_visible()
    check(page, "register", found)
    alice.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(page.locator(".message")).to_have_count(5)
    page.locator(".message").nth(1).hover()
    keep("channel")
    panels = {"Members": "members", "Pinned messages": "pins", "Threads": "threads", "Search": "search", "Inbox": "inbox"}
    for label, name in panels.items():
        page.locator(".header-actions").get_by_role("button", name=label).click()
        expect(page.locator(".panel .spinner")).to_have_count(0)
        if name == "search":
            page.locator("#search-words").fill("herons")
            expect(page.locator(".results .card-message").first).to_be_visible()
        keep(name)
        page.locator(".panel-header").get_by_role("button", name="Close").click()
    page.locator(".message .author").first.click()
    expect(page.locator(".profile dl")).to_be_visible()
    keep("profile")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Choose an emoji").click()
    expect(page.locator(".emoji-button").first).to_be_visible()
    keep("emoji")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    keep("switcher")
    page.keyboard.press("Escape")
    if viewport is PHONE:
        page.get_by_role("button", name="Show channels").click()
        page.wait_for_timeout(400)
        keep("sidebar")
    page.locator(".server-name").click()
    expect(page.get_by_role("menu")).to_be_visible()
    check(page, "server menu", found)
    page.get_by_role("menuitem", name="Server settings").click()
    for section in ("Overview", "Roles", "Members", "Who may what", "Invites", "Bans", "Emoji", "Webhooks", "Welcome screen", "Rules", "Questions", "Directory", "Templates", "Widget", "Audit log"):
        page.locator(".settings-window > nav").get_by_role("button", name=section, exact=True).click()
        expect(page.locator(".settings-content .spinner")).to_have_count(0)
        if section == "Roles":
            page.locator(".role-list .settings-link").first.click()
        keep(f"server-{section.lower().replace(' ', '-')}")
    page.keyboard.press("Escape")
    alice.go_to("/discovery")
    expect(page.locator(".server-card").first).to_be_visible()
    keep("directory")
    alice.go_to(f"/templates/{alice.template}")
    expect(page.get_by_role("button", name="Make")).to_be_visible()
    keep("template")
    alice.go_to("/channels/@me")
    if viewport is PHONE:
        expect(page.locator(".shell")).to_have_attribute("data-part", "sidebar")
        keep("home")
        page.evaluate("document.querySelector('.shell').dataset.part = 'content'")
        page.wait_for_timeout(400)
    page.get_by_role("tab", name="All").click()
    keep("friends")
    alice.go_to(f"/channels/@me/{alice.conversation}")
    alice.sees("Coffee?")
    check(page, "conversation", found)
    if viewport is PHONE:
        page.get_by_role("button", name="Show channels").click()
        page.wait_for_timeout(400)
    page.get_by_role("button", name="Settings").click()
    sections = ("Account", "Profile", "Privacy", "Security", "Security log", "Devices", "Appearance", "Notifications", "Language", "Keyboard", "Applications", "Feedback", "Your data")
    for section in sections:
        page.locator(".settings-window > nav").get_by_role("button", name=section, exact=True).click()
        expect(page.locator(".settings-content .spinner")).to_have_count(0)
        keep(f"settings-{section.lower().replace(' ', '-')}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_the_operators_pages_have_no_violations_and_work(person, server, picture, scheme):
    alice, bob = populate(person)
    server.administer("promote", alice.name)
    alice.log_in_again()
    message = bob.api("GET", f"/channels/{alice.channel}/messages?limit=1")[0]
    bob.api("POST", "/reports/users", {"user_id": alice.id, "reason": "Too many herons", "category": "spam"})
    assert message
    page = alice.page
    page.emulate_media(color_scheme=scheme)
    alice.enter("/admin")
    expect(page.locator(".figures dd").first).to_be_visible()
    found = []
    for tab in page.locator(".administration .tabs a").all():
        place = tab.bounding_box()
        assert place["x"] + place["width"] <= 1280, tab.inner_text()
    names = ("Overview", "People", "Servers", "Directory", "Reports", "Limits", "Jobs", "Nodes", "Log", "Maintenance")
    for name in names:
        page.locator(".administration .tabs").get_by_role("link", name=name).click()
        expect(page.locator(".administration .spinner")).to_have_count(0)
        check(page, f"admin {name}", found)
        picture(page, f"admin-{name.lower()}-{scheme}")
    assert not found, "\n".join(found)
    page.locator(".administration .tabs").get_by_role("link", name="Reports").click()
    report = page.locator(".report", has_text="Too many herons").first
    report.get_by_role("button", name="Resolve").click()
    page.get_by_role("dialog").get_by_label("Note").fill("Herons are fine")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.locator(".administration .tabs").get_by_role("link", name="People").click()
    page.get_by_label("Search").fill(bob.name)
    row = page.locator(".people > li", has_text=f"@{bob.name}")
    row.get_by_role("button", name=re.compile("More about")).click()
    page.get_by_role("menuitem", name="Lock", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(row).to_contain_text("locked")
    expect(bob.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.locator(".administration .tabs").get_by_role("link", name="Log").click()
    expect(page.locator(".administration details", has_text=re.compile("lock")).first).to_be_visible()


def node(number, **changes):
    """As the server tells of one that is as it should be."""
    return {
        "number": number, "silent_seconds": 2, "version": "a.1.0-1", "started_at": 1_790_000_000, "clock_ahead_ms": 0,
        "machine": "kestrel", "position": 4711, "lag": 0, "sessions": 12, "leads": number == 0, "problems": [],
    } | changes


def test_an_operator_sees_what_is_wrong_with_a_node_while_looking(person, server, picture):
    root = person("root", PHONE)
    server.administer("promote", root.name)
    root.log_in_again()
    page = root.page
    unknown = dict.fromkeys(("machine", "version", "started_at", "clock_ahead_ms", "position", "lag", "sessions", "leads"))
    ill = [
        node(0, leads=False, silent_seconds=40, problems=["silent"]),
        node(1, clock_ahead_ms=-12_345, lag=20_000, problems=["clock_refused", "behind"]),
        node(7, version="a.2.0-1", clock_ahead_ms=1500, problems=["clock"]),
        node(9, **unknown, problems=["unknown"]),
    ]
    cluster = {"position": 24_711, "waiting": 3, "problems": ["no_leader", "versions"], "nodes": ill}
    page.route("**/api/v1/admin/nodes", lambda route: route.fulfill(json=cluster))
    root.enter("/admin/jobs")
    expect(page.locator(".administration .tabs [aria-current]")).to_be_in_viewport(ratio=1)
    link = page.locator(".administration .tabs").get_by_role("link", name="Nodes")
    link.focus()
    page.keyboard.press("Enter")
    expect(link).to_have_attribute("aria-current", "page")
    words = page.locator(".administration [role=status]")
    for text in ("No node leads", "of different versions", "Node 0 was not heard", "Node 1 has a clock that is wrong by more",
                 "Node 1 is far behind", "Node 7 has a clock that is not", "Node 9 says nothing of itself"):
        expect(words).to_contain_text(text)
    expect(page.locator(".people > li", has_text="Node 1")).to_contain_text("clock -12,345 ms")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    check(page, "nodes that are ill")
    picture(page, "admin-nodes-ill")
    # Nobody asks for it: it is looked at again by itself.
    cluster |= {"problems": [], "nodes": [node(0), node(1)]}
    expect(words).to_have_text("All is as it should be.")
    expect(page.locator(".people > li")).to_have_count(2)


def test_right_to_left_the_page_is_mirrored_and_nothing_is_cut_off(person, picture):
    alice, _ = populate(person)
    page = alice.page
    alice.api("PUT", "/users/@me/settings/client.appearance", {"value": '{"direction":"rtl"}'})
    alice.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator(".message")).to_have_count(5)
    rail, main = page.locator(".rail").bounding_box(), page.locator(".content").bounding_box()
    assert rail["x"] > main["x"]
    check(page, "right to left")
    picture(page, "right-to-left")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width, height", [
    (320, 568), pytest.param(640, 400, marks=pytest.mark.long),
    pytest.param(1920, 1080, marks=pytest.mark.long), pytest.param(3840, 2160, marks=pytest.mark.long),
])
def test_every_width_from_a_small_phone_or_twice_enlarged_to_4k_fits(person, picture, width, height):
    alice, _ = populate(person)
    page = alice.page
    page.set_viewport_size({"width": width, "height": height})
    alice.page.goto("/login")
    alice.enter(f"/channels/{alice.place}/{alice.channel}") if width >= 768 else enter_narrow(alice)
    expect(page.locator("#composer-text")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check(page, f"{width} wide")
    picture(page, f"width-{width}")
    alice.say("Fits")
    alice.sees("Fits")


def enter_narrow(person):
    import json

    session = json.dumps({"token": person.token, "userID": person.id})
    person.page.evaluate("(session) => localStorage.setItem('aviary.session', session)", session)
    person.page.goto(f"/channels/{person.place}/{person.channel}")


def test_everything_in_a_channel_is_reached_by_keyboard_alone(person):
    alice, bob = populate(person)
    page = alice.page
    alice.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(page.locator(".message")).to_have_count(5)
    page.locator("body").focus()
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("() => { const one = document.activeElement; return one.ariaLabel || one.innerText?.slice(0, 30) || one.id; }"))
    for wanted in ("Skip to the messages", "Add a server", "The aviary", "Settings", "Members", "Messages", "Choose an emoji", "Send"):
        assert any(wanted in name for name in seen), (wanted, seen)
    page.locator(".message-scroller").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("+")
    expect(page.get_by_label("Search emoji")).to_be_focused()
    page.keyboard.type("heart")
    page.keyboard.press("Enter")
    expect(bob.page.locator(".message").last.locator(".reaction")).to_be_visible()


def test_what_others_say_is_read_out_and_movement_can_be_turned_off(person):
    alice, bob = populate(person)
    page = alice.page
    page.emulate_media(reduced_motion="reduce")
    alice.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(page.locator(".message")).to_have_count(5)
    bob.say("Listen!")
    expect(page.locator(".message-list [aria-live]")).to_have_text(f"{bob.name}: Listen!")
    assert page.evaluate("getComputedStyle(document.querySelector('.button, .icon-button')).transitionDuration") == "0s"


@pytest.mark.long
def test_of_more_than_ten_messages_at_once_their_count_is_read_out(person):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    say = lambda who, text: who.api("POST", f"/channels/{channel}/messages", {"content": text})
    say(bob, "the first one")
    heard = []
    alice.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
    page = alice.enter(f"/channels/{server}/{channel}").page
    alice.sees("the first one")
    # The messages can be there before the connection is, which draws at once what has come.
    expect(page.locator(".self-card")).to_contain_text("Online")
    log = page.locator("[role=log] p")
    # A page that is busy draws all that has come by then.
    page.evaluate(
        """() => {
          const draw = requestAnimationFrame, held = [];
          window.requestAnimationFrame = (work) => held.push(work);
          window.draw_again = () => { window.requestAnimationFrame = draw; held.forEach((work) => draw(work)); };
        }"""
    )
    for number in range(12):
        say(bob, f"line {number}")
    say(alice, "one's own is not counted")
    until(page, lambda: any("one's own" in str(frame) for frame in heard))
    expect(log).to_have_count(0)
    page.evaluate("draw_again()")
    expect(log).to_have_text(["12 new messages"])
    say(bob, "and one more")
    expect(log).to_have_text(["12 new messages", re.compile("and one more")])


@pytest.mark.long
def test_of_several_messages_within_moments_each_is_read_out(person):
    alice, bob = populate(person)
    page = alice.page
    alice.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(page.locator(".message")).to_have_count(5)
    for number in range(6):
        bob.api("POST", f"/channels/{alice.channel}/messages", {"content": f"at once, {number}"})
    said = page.locator(".message-list").get_by_role("log").locator("p")
    expect(said).to_have_text([f"{bob.name}: at once, {number}" for number in range(6)])


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_no_window_has_violations(person, picture, scheme):
    alice, _ = populate(person)
    page = alice.page
    page.emulate_media(color_scheme=scheme)
    found = []

    def keep(name):
        check(page, f"{name} {scheme}", found)
        picture(page, f"window-{name.replace(' ', '-')}-{scheme}")
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open], .menu, .popup")).to_have_count(0)

    page.goto("/reset-password")
    expect(page.get_by_role("button", name="Send link")).to_be_visible()
    check(page, "reset password", found)
    alice.enter(f"/channels/{alice.place}/{alice.channel}")
    expect(page.locator(".message")).to_have_count(5)

    def choose(opener, *labels):
        opener.click()
        for label in labels:
            page.get_by_role("menuitem", name=label, exact=True).click()
        expect(page.locator("dialog[open]")).to_be_visible()

    choose(page.get_by_role("button", name="Add a server"))
    keep("add server")
    choose(page.locator(".sidebar").get_by_role("button", name="Invite people"))
    expect(page.get_by_label("Invite link")).not_to_have_value("")
    keep("invite")
    choose(page.locator(".server-name"), "New channel")
    keep("new channel")
    more = page.get_by_role("button", name="Add a file or a poll")
    more.click()
    page.get_by_role("menuitem", name="New poll", exact=True).click()
    expect(page.get_by_label("Question")).to_be_focused()
    keep("poll")
    expect(page.get_by_label("Question")).to_have_count(0)
    choose(more, "Send later")
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    keep("schedule")
    choose(page.get_by_role("button", name="Keyboard shortcuts"))
    keep("shortcuts")
    choose(page.locator(".self-card"), "Set a status text")
    keep("status")
    for label in ("Forward", "Report", "Reactions"):
        row = page.locator(".message", has_text="Good morning" if label == "Reactions" else "how many? :)").first
        row.hover()
        choose(page.locator(".message-toolbar").get_by_label("More", exact=True), label)
        keep(label.lower())
    choose(page.locator(".title-button"), "Channel settings")
    for section in ("Overview", "Permissions", "Who may what", "Webhooks", "Export"):
        page.locator(".settings-window > nav").get_by_role("button", name=section).click()
        expect(page.locator(".settings-content .spinner")).to_have_count(0)
        check(page, f"channel {section} {scheme}", found)
    assert not found, "\n".join(found)
