"""Windows and ways: Back, addresses, what was typed in settings, an old page, keys from part to part."""

import re
import time

import pytest
from playwright.sync_api import expect

from people import PHONE, Person, until
from server import PASSWORD
from test_everyone import check
from test_messages import DOT


def log_in(person, page):
    page.fill("#username", person.name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")


def two_channels(person):
    """A server with two channels, the second one open and the first one visited before."""
    server, first = person.make_server()
    second = person.api("POST", f"/servers/{server}/channels", {"name": "second", "type": "text"})["id"]
    person.enter(f"/channels/{server}/{first}")
    person.page.locator(f'a[href="/channels/{server}/{second}"]').first.click()
    expect(person.page).to_have_url(re.compile(second))
    return server, first, second


def test_back_closes_what_lies_above_before_it_leaves_the_channel(person):
    alice = person("alice")
    server, first, second = two_channels(alice)
    page = alice.page
    open_dialogs = page.locator("dialog[open]")

    # A window above a menu above a place, closed one by one.
    page.keyboard.press("Control+,")
    expect(page.locator(".settings-window")).to_be_visible()
    page.locator(".settings-window").get_by_role("button", name="Keyboard").click()
    page.locator(".settings-content").get_by_role("button", name="Keyboard shortcuts").click()
    expect(open_dialogs).to_have_count(2)
    # Nobody is so quick that the window has no entry in the history yet.
    page.wait_for_function("() => history.state?.layers === 2")
    page.go_back()
    expect(open_dialogs).to_have_count(1)
    page.go_back()
    expect(open_dialogs).to_have_count(0)
    expect(page).to_have_url(re.compile(second))

    # Closed by a key, it has left nothing in the history; Forward opens nothing.
    page.keyboard.press("Control+k")
    expect(open_dialogs).to_have_count(1)
    page.keyboard.press("Escape")
    expect(open_dialogs).to_have_count(0)
    page.go_forward()
    expect(page).to_have_url(re.compile(second))
    page.locator(".title-button").click()
    expect(page.get_by_role("menu")).to_be_visible()
    page.wait_for_function("() => history.state?.layers === 1")
    page.go_back()
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page).to_have_url(re.compile(second))
    page.go_back()
    expect(page).to_have_url(re.compile(first))


@pytest.mark.long
def test_going_on_from_a_window_leaves_no_step_behind_and_a_reload_neither(person):
    alice = person("alice")
    server, first, second = two_channels(alice)
    page = alice.page
    page.keyboard.press("Control+k")
    expect(page.locator(".switcher input")).to_be_focused()
    page.keyboard.type("general")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(first))
    page.keyboard.press("Control+,")
    expect(page.locator(".settings-window")).to_be_visible()
    page.reload()
    expect(page.locator(".self-card")).to_be_attached()
    expect(page).to_have_url(re.compile(first))
    page.go_back()
    expect(page).to_have_url(re.compile(second))
    page.go_back()
    expect(page).to_have_url(re.compile(first))


def test_back_closes_panels_and_the_list_on_a_phone(person):
    alice = person("alice", PHONE)
    server, channel = alice.make_server()
    page = alice.enter(f"/channels/{server}").page
    page.locator(f'a[href="/channels/{server}/{channel}"]').first.click()
    page.locator(".channel-header").get_by_label("Members").click()
    expect(page.locator(".panel")).to_be_visible()
    page.wait_for_function("() => history.state?.layers === 1")
    page.go_back()
    expect(page.locator(".panel")).to_be_hidden()
    page.get_by_label("Show channels").click()
    expect(page.locator('.shell[data-part="sidebar"]')).to_be_visible()
    page.wait_for_function("() => history.state?.layers === 1")
    page.go_back()
    expect(page.locator('.shell[data-part="content"]')).to_be_visible()
    expect(page).to_have_url(re.compile(channel))
    page.go_back()
    expect(page.locator('.shell[data-part="sidebar"]')).to_be_visible()


def test_who_has_no_server_reads_on_a_phone_what_to_do(person, picture):
    alice = person("alice", PHONE)
    page = alice.enter("/channels/@me").page
    offer = page.get_by_role("region", name="You are in no server yet")
    expect(offer).to_be_visible()
    check(page, "without a server")
    picture(page, "no-server-phone")
    offer.get_by_role("button", name="Find a server").click()
    expect(page.get_by_role("heading", name="Find servers")).to_be_visible()
    page.go_back()
    offer.get_by_role("button", name="Add a server").click()
    page.get_by_role("dialog", name="Add a server").get_by_role("button", name="Make").click()
    expect(page.locator(".rail-item")).to_have_count(2)
    page.goto("/channels/@me")
    expect(page.locator(".self-card")).to_be_visible()
    expect(offer).to_have_count(0)


def test_an_address_that_was_opened_without_a_login_is_where_one_arrives(person):
    alice = person("alice")
    server, channel = alice.make_server()
    message = alice.api("POST", f"/channels/{channel}/messages", {"content": "the target"})["id"]
    page = alice.page
    for path in [f"/channels/{server}/{channel}/{message}", f"/channels/{server}/{channel}", "/admin/users"]:
        page.goto(path)
        log_in(alice, page)
        expect(page.locator(".shell")).to_be_attached()
        expect(page).to_have_url(alice.server.origin + path)
        page.evaluate("localStorage.clear()")

    # By way of a new account.
    page.goto("/channels/@me")
    page.goto(f"/channels/{server}/{channel}")
    page.get_by_role("link", name="Make an account").click()
    page.fill("#username", f"{alice.name}b")
    page.fill("#email", f"{alice.name}b@example.org")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".shell")).to_be_attached()
    expect(page).to_have_url(f"{alice.server.origin}/channels/{server}/{channel}")


def test_an_address_at_which_there_is_nothing_is_a_page_with_a_way_home(person):
    alice = person("alice").enter()
    page = alice.page
    page.evaluate("history.pushState(null, '', '/nonsense')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    page.get_by_role("link", name="To the start page").click()
    expect(page.locator(".self-card")).to_be_visible()


def test_what_was_typed_in_settings_is_left_only_by_saving_or_taking_back(person, picture):
    alice = person("alice")
    server, channel = alice.make_server()
    page = alice.enter(f"/channels/{server}/{channel}").page
    window = page.locator(".settings-window")
    bar = window.locator(".unsaved")
    tab = lambda name: window.locator("nav").get_by_role("button", name=name, exact=True).click()

    page.keyboard.press("Control+,")
    tab("Profile")
    expect(bar).to_have_count(0)
    page.fill("#profile-bio", "I like herons")
    expect(bar).to_be_visible()
    picture(page, "settings-unsaved")
    for leave in [
        lambda: page.keyboard.press("Escape"),
        lambda: page.keyboard.press("Escape"),
        lambda: tab("Account"),
        lambda: window.locator(".settings-content > header").get_by_role("button", name="Close").click(),
        lambda: page.go_back(),
    ]:
        leave()
        expect(bar.get_by_role("button", name="Save")).to_be_focused()
        expect(page.locator("#profile-bio")).to_have_value("I like herons")
        page.locator("#profile-bio").focus()
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.reload()")
    expect(page.locator("#profile-bio")).to_have_value("I like herons")
    assert asked == ["beforeunload"]
    bar.get_by_role("button", name="Reset").click()
    expect(page.locator("#profile-bio")).to_have_value("")
    expect(bar).to_have_count(0)
    page.fill("#profile-display_name", "Alice Heron")
    page.keyboard.press("Enter")
    expect(bar).to_have_count(0)
    assert alice.api("GET", "/users/@me")["display_name"] == "Alice Heron"
    tab("Account")
    page.go_back()
    expect(window).to_have_count(0)


@pytest.mark.long
def test_every_form_of_a_server_and_a_channel_has_the_bar(person, picture):
    alice = person("alice")
    server, channel = alice.make_server()
    page = alice.enter(f"/channels/{server}/{channel}").page
    window = page.locator(".settings-window")
    bar = window.locator(".unsaved")
    tab = lambda name: window.locator("nav").get_by_role("button", name=name, exact=True).click()

    def take_back():
        tab("Members" if window.get_by_role("button", name="Members", exact=True).count() else "Permissions")
        expect(bar.get_by_role("button", name="Save")).to_be_focused()
        bar.get_by_role("button", name="Reset").click()
        expect(bar).to_have_count(0)

    page.locator(".sidebar-header button").first.click()
    page.get_by_role("menuitem", name="Server settings").click()
    tab("Overview")
    page.fill("#server-description", "Reeds and water")
    take_back()
    expect(page.locator("#server-description")).to_have_value("")

    tab("Roles")
    window.get_by_role("button", name="New role").click()
    page.fill("#role-name", "Keeper")
    page.locator("#permission-messages\\.manage").check()
    window.locator(".role-list .settings-link").last.click()
    expect(page.locator("#role-name")).to_have_value("Keeper")
    picture(page, "settings-unsaved-role")
    bar.get_by_role("button", name="Save").click()
    expect(bar).to_have_count(0)
    [role] = [role for role in alice.api("GET", f"/servers/{server}/roles") if role["name"] == "Keeper"]
    assert role["permissions"]["messages.manage"] is True
    page.locator("#role-hoist").check()
    take_back()
    expect(page.locator("#role-hoist")).not_to_be_checked()

    tab("Emoji")
    file = {"name": "heron.png", "mimeType": "image/png", "buffer": DOT}
    window.locator("input[type=file]").set_input_files(file)
    name = window.get_by_label("Name of heron")
    name.fill("egret")
    take_back()
    expect(name).to_have_value("heron")
    name.fill("egret")
    name.press("Enter")
    expect(bar).to_have_count(0)
    assert [emoji["name"] for emoji in alice.api("GET", f"/servers/{server}/emojis")] == ["egret"]
    page.keyboard.press("Escape")
    expect(window).to_have_count(0)

    page.locator(".title-button").click()
    page.get_by_role("menuitem", name="Channel settings").click()
    page.locator("#channel-nsfw").check()
    page.fill("#channel-topic", "What flies")
    take_back()
    expect(page.locator("#channel-nsfw")).not_to_be_checked()
    page.fill("#channel-topic", "What flies by")
    bar.get_by_role("button", name="Save").click()
    expect(bar).to_have_count(0)
    assert alice.api("GET", f"/channels/{channel}")["topic"] == "What flies by"


@pytest.mark.long
def test_what_was_written_into_a_dialog_is_not_lost_by_a_press_beside_it(person):
    alice = person("alice")
    server, channel = alice.make_server()
    page = alice.enter(f"/channels/{server}/{channel}").page
    page.locator(".sidebar-header button").first.click()
    page.get_by_role("menuitem", name="Server settings").click()
    page.locator(".settings-window nav").get_by_role("button", name="Webhooks").click()
    page.get_by_role("button", name="New webhook").click()
    dialog = page.locator(".dialog")
    page.fill("#webhook-name", "Weather")
    for leave in [lambda: page.mouse.click(5, 5), lambda: page.keyboard.press("Escape"), lambda: page.go_back()]:
        leave()
        expect(dialog.locator(".unsaved")).to_be_visible()
        dialog.get_by_role("button", name="Keep writing").click()
        expect(page.locator("#webhook-name")).to_be_focused()
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".settings-window")).to_be_visible()


def contrast(element):
    """Between the letters of an element and what its notice is filled with (WCAG 2.2)."""
    return element.evaluate(r"""(element) => {
      const light = (colour) => {
        const parts = colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
        const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const notice = getComputedStyle(element.closest(".notice")).backgroundColor;
      const [dark, bright] = [light(getComputedStyle(element).color), light(notice)].sort((a, b) => a - b);
      return (bright + 0.05) / (dark + 0.05);
    }""")


def test_a_page_that_is_older_than_the_server_offers_to_load_anew_and_keeps_what_was_written(person, picture):
    alice = person("alice")
    server, channel = alice.make_server()
    page = alice.page
    gone = lambda route: route.fulfill(status=404, body="")
    for name in ["user-settings", "switcher", "search"]:
        page.route(f"**/{name}.js", gone)
    alice.enter(f"/channels/{server}/{channel}")
    page.fill("#composer-text", "Half a sentence")
    for open_part in [lambda: page.keyboard.press("Control+,"), lambda: page.keyboard.press("Control+k")]:
        open_part()
        notice = page.locator(".notice")
        expect(notice).to_contain_text("newer version")
        for theme in ["light", "dark"]:
            page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
            assert contrast(notice.get_by_role("button", name="Load the new version")) >= 4.5
            picture(page, f"update-{theme}")
        notice.get_by_role("button", name="Close").click()
    page.keyboard.press("Control+f")
    page.unroute("**/search.js")
    page.locator(".panel").get_by_role("button", name="Load the new version").click()
    expect(page.locator("#composer-text")).to_have_value("Half a sentence")
    page.keyboard.press("Control+f")
    expect(page.locator("#search-words")).to_be_visible()


def test_what_was_not_seen_before_says_so_without_a_connection_and_comes_with_it(person, picture):
    alice = person("alice")
    server, first = alice.make_server()
    second = alice.api("POST", f"/servers/{server}/channels", {"name": "second", "type": "text"})["id"]
    alice.api("POST", f"/channels/{second}/messages", {"content": "never seen"})
    page = alice.enter(f"/channels/{server}/{first}").page
    for panel in ["Pinned messages", "Inbox"]:
        page.locator(".channel-header").get_by_label(panel).click()
        expect(page.locator(".panel .empty")).to_be_visible()
    page.locator(".panel").get_by_role("button", name="Close").click()
    alice.context.set_offline(True)
    expect(page.locator(".status-line")).to_contain_text("offline")
    page.locator(f'a[href="/channels/{server}/{second}"]').first.click()
    expect(page.locator(".message-list .loading")).to_contain_text("can't be loaded now")
    page.locator(".channel-header").get_by_label("Pinned messages").click()
    expect(page.locator(".panel .loading")).to_contain_text("can't be loaded now")
    picture(page, "offline-unknown-channel")
    alice.context.set_offline(False)
    alice.sees("never seen")
    expect(page.locator(".panel .empty")).to_be_visible()


@pytest.mark.long
def test_the_list_is_one_stop_of_tab_and_its_insides_are_reached_by_arrows(person):
    alice = person("alice")
    server, channel = alice.make_server()
    for number in range(12):
        text = f"{number} https://example.org/a{number} and https://example.org/b{number}"
        alice.api("POST", f"/channels/{channel}/messages", {"content": text})
    page = alice.enter(f"/channels/{server}/{channel}").page
    last = alice.message("11 https")
    expect(last).to_be_visible()
    is_in = lambda selector: page.evaluate("(selector) => document.activeElement.matches(selector)", selector)

    def presses(key, until):
        count = 0
        while not is_in(until):
            page.keyboard.press(key)
            count += 1
            assert count < 30, (until, page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        return count

    page.locator("#composer-text").focus()
    assert presses("Shift+Tab", ".message-scroller") <= 3
    assert presses("Tab", "#composer-text") <= 3

    presses("Shift+Tab", ".message-scroller")
    page.keyboard.press("ArrowUp")
    expect(last).to_be_focused()
    page.keyboard.press("Enter")
    presses("ArrowRight", '[href$="/a11"]')
    page.keyboard.press("ArrowRight")
    expect(last.locator('[href$="/b11"]')).to_be_focused()
    page.keyboard.press("Escape")
    expect(last).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert presses("Tab", "#composer-text") <= 3

    page.keyboard.press("Control+f")
    expect(page.locator("#search-words")).to_be_focused()
    for part in [".rail a", ".sidebar *", ".message-scroller", "#composer-text", ".panel *", ".rail a"]:
        page.keyboard.press("F6")
        assert is_in(part), part
    page.keyboard.press("Shift+F6")
    assert is_in(".panel *")


def test_what_is_wrong_in_a_form_is_said_in_ones_language(server, browser):
    words = {"": "Fülle dieses Feld aus.", "a b c": "Buchstaben, Ziffern", "ab": "Mindestens 3 Zeichen"}
    context = browser.new_context(locale="de-DE", base_url=server.origin)
    page = context.new_page()
    page.goto("/register")
    field = page.locator("#username")
    for typed, said in words.items():
        field.fill("")
        field.press_sequentially(typed)
        page.locator("form button.primary").click()
        expect(field).to_be_focused()
        assert said in field.evaluate("(field) => field.validationMessage")
    page.fill("#username", "somebody")
    page.fill("#email", "nowhere")
    page.locator("form button.primary").click()
    expect(page.locator("#email")).to_be_focused()
    assert page.locator("#username").evaluate("(field) => field.validity.valid")
    context.close()


def test_back_after_logging_out_shows_nothing_of_who_was_there(server, browser):
    # Browsers keep pages that were left; the tests' own one is told not to.
    browser = browser.browser_type.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    wren = Person(server, browser, "wren")
    nest, channel = wren.make_server("The nest")
    wren.api("POST", f"/channels/{channel}/messages", {"content": "only for wren"})
    path = f"/channels/{nest}/{channel}"
    wren.enter(path).sees("only for wren")
    page = wren.page
    page.locator('a[href="/channels/@me"]').first.click()
    page.wait_for_url("**/@me")
    page.evaluate("window.isKept = true")
    page.locator(".self-card").click()
    page.get_by_role("menuitem", name="Log out").click()
    page.wait_for_url("**/login")
    page.go_back(wait_until="commit")
    page.wait_for_function("() => !window.isKept")
    expect(page.get_by_label("Password")).to_be_visible()
    assert "only for wren" not in page.content()
    assert not wren.faults, wren.faults
    browser.close()


# All that the browser keeps: the keys of IndexedDB, of localStorage, and the texts of the latter.
KEPT = """async () => {
  const database = await new Promise((resolve) => (indexedDB.open("aviary").onsuccess = ({ target }) => resolve(target.result)));
  const keys = await new Promise((resolve) => (database.transaction("values").objectStore("values").getAllKeys().onsuccess = ({ target }) => resolve(target.result)));
  database.close();
  return JSON.stringify([keys, { ...localStorage }]);
}"""


def test_who_logs_out_leaves_nothing_behind_also_when_the_answer_is_late(person):
    wren, robin = person("wren"), person("robin")
    server, channel = wren.make_server()
    page = wren.enter(f"/channels/{server}/{channel}").page
    other = wren.open_page()
    wren.enter(f"/channels/{server}/{channel}", other)
    wren.goes_to(page)

    def late(route):
        # The server ends the connection while its answer is on its way.
        answer = route.fetch()
        time.sleep(1)
        route.fulfill(response=answer)

    page.route("**/auth/logout", late)
    # Each window of the browser would send what waits.
    wren.context.route(re.compile(r"/messages$|/attachments|/upload"), lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    field = page.locator("#composer-text")
    field.fill("a message that waits")
    field.press("Enter")
    page.locator("input[type=file]").first.set_input_files({"name": "secret.txt", "mimeType": "text/plain", "buffer": b"secret" * 999})
    expect(page.locator(".tray-file")).to_have_count(1)
    field.fill("a draft")
    expect(page.locator(".message.pending")).to_be_visible()
    page.wait_for_function(f"() => ({KEPT})().then((kept) => kept.includes('outbox:') && kept.includes('upload:') && kept.includes('a draft'))")
    log_out = page.get_by_role("button", name="Log out")
    for answer in (page.get_by_role("button", name="Cancel"), log_out):
        page.locator(".self-card").click()
        page.get_by_role("menuitem", name="Log out").click()
        expect(page.get_by_text("did not send is lost: 2 messages")).to_be_visible()
        expect(page.locator(".message.pending")).to_be_visible()
        answer.click()
    page.wait_for_url("**/login")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_text("You were logged out")).to_have_count(0)
    expect(other.get_by_label("Password")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert wren.id not in kept and "a draft" not in kept, kept
    # The next one begins where they are at home.
    log_in(robin, page)
    expect(page.locator(".self-card")).to_contain_text(robin.name)
    assert channel not in page.url


@pytest.mark.long
def test_whose_login_has_ended_is_the_only_one_who_comes_back_to_the_place(person):
    wren, robin = person("wren"), person("robin")
    server, channel = wren.make_server()
    page = wren.enter(f"/channels/{server}/{channel}").page
    wren.api("POST", "/auth/logout")
    expect(page.get_by_text("What you were writing is still here")).to_be_visible()
    log_in(robin, page)
    expect(page.locator(".self-card")).to_contain_text(robin.name)
    assert channel not in page.url


@pytest.mark.parametrize("gone", ["server", "channel"])
@pytest.mark.long
def test_settings_of_what_is_gone_close_and_say_so(person, gone):
    alice = person("alice")
    server, channel = alice.make_server("Nest of wrens")
    other = alice.api("POST", f"/servers/{server}/channels", {"name": "passing"})["id"]
    page = alice.enter(f"/channels/{server}/{channel}").page
    if gone == "server":
        alice.server_settings("Roles")
    else:
        page.locator(f'a[href="/channels/{server}/{other}"]').first.click(button="right")
        page.get_by_role("menuitem", name="Settings").click()
    window = page.locator(".settings-window")
    expect(window).to_be_visible()
    if gone == "server":
        alice.api("DELETE", f"/servers/{server}")
    else:
        alice.api("DELETE", f"/channels/{other}")
    expect(window).to_have_count(0)
    expect(page.get_by_text("is not there any more")).to_be_visible()
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(window).to_be_visible()


@pytest.mark.parametrize("place", ["server", "channel"])
@pytest.mark.long
def test_settings_follow_what_one_may_and_what_they_are_of_is_called(person, place):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server("Nest of wrens")
    alice.invite(channel, bob)
    rights = {name: True for name in ("server.manage", "channels.manage", "roles.manage")}
    role = alice.api("POST", f"/servers/{server}/roles", {"name": "keeper", "permissions": rights})["id"]
    alice.api("PUT", f"/servers/{server}/members/{bob.id}/roles/{role}")
    page = bob.enter(f"/channels/{server}/{channel}").page
    if place == "server":
        bob.server_settings("Roles")
        path = f"/servers/{server}"
    else:
        page.locator(f'.sidebar a[href="/channels/{server}/{channel}"]').first.click(button="right")
        page.get_by_role("menuitem", name="Settings").click()
        path = f"/channels/{channel}"
    window = page.locator(".settings-window")
    alice.api("PATCH", path, {"name": "renamed"})
    expect(window.get_by_role("heading", level=2)).to_contain_text("renamed")
    alice.api("PATCH", f"/servers/{server}/roles/{role}", {"permissions": {"server.manage": False, "channels.manage": False}})
    expect(window.get_by_role("button", name="Overview", exact=True)).to_have_count(0)
    alice.api("DELETE", f"/servers/{server}/members/{bob.id}/roles/{role}")
    expect(window).to_have_count(0)
    expect(page.get_by_text("You may not change")).to_contain_text("renamed")


@pytest.mark.long
def test_a_menu_ends_with_what_it_is_about(person):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server("Nest of wrens")
    alice.invite(channel, bob)
    page = bob.enter(f"/channels/{server}/{channel}").page
    page.locator(".server-name").click()
    menu = page.get_by_role("menu", name="Nest of wrens")
    expect(menu).to_be_visible()
    alice.api("DELETE", f"/servers/{server}/members/{bob.id}")
    expect(menu).to_have_count(0)


@pytest.mark.long
def test_the_other_window_of_who_logs_out_shows_and_keeps_nothing_also_while_it_is_slow(person):
    wren, robin = person("wren"), person("robin")
    server, channel = wren.make_server()
    page = wren.enter(f"/channels/{server}/{channel}").page
    other = wren.open_page()
    wren.enter(f"/channels/{server}/{channel}", other)
    wren.api("POST", f"/channels/{channel}/messages", {"content": "for wren alone"})
    wren.sees("for wren alone", other)
    # Nobody can look into a page that is on its way elsewhere, so it tells by itself.
    other.evaluate("() => setInterval(() => localStorage.setItem('probe', document.body?.innerText.trim() ?? ''), 50)")
    held, is_open = [], []

    def hold(route):
        if route.request.resource_type == "document" and not is_open:
            held.append(route)
        else:
            route.continue_()

    other.route("**/*", hold)
    wren.goes_to(page).locator(".self-card").click()
    page.get_by_role("menuitem", name="Log out").click()
    until(other, lambda: held)
    page.wait_for_url("**/login")
    page.wait_for_function("() => localStorage.getItem('probe') === ''")
    # Whatever it asks for from here on is let through, too.
    is_open.append(True)
    for route in held:
        route.continue_()
    expect(other.get_by_label("Password")).to_be_visible()
    assert wren.id not in page.evaluate(KEPT)
    log_in(robin, other)
    expect(other.locator(".self-card")).to_contain_text(robin.name)
    assert channel not in other.url


# Of what is kept for the next visit: makes somebody else of the person, as a page of before did that took a friend for itself.
MISTAKE = """async (friend) => {
  const database = await new Promise((resolve) => (indexedDB.open("aviary").onsuccess = ({ target }) => resolve(target.result)));
  const values = database.transaction("values", "readwrite").objectStore("values");
  const range = IDBKeyRange.bound("snapshot:", "snapshot;");
  const [[key], [kept]] = await Promise.all([values.getAllKeys(range), values.getAll(range)].map((request) =>
    new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))));
  kept.state.me = { ...kept.state.me, id: friend, username: "somebody else" };
  await new Promise((resolve) => (values.put(kept, key).onsuccess = resolve));
  database.close();
}"""


@pytest.mark.long
def test_what_is_kept_as_somebody_else_is_not_believed(person):
    wren, robin = person("wren"), person("robin")
    server, channel = wren.make_server()
    page = wren.enter(f"/channels/{server}/{channel}").page
    expect(page.locator("#composer-text")).to_be_visible()
    page.wait_for_function(f"() => ({KEPT})().then((kept) => kept.includes('snapshot:'))")
    page.goto("/client/none")
    page.evaluate(MISTAKE, robin.id)
    page.goto(f"/channels/{server}/{channel}")
    expect(page.locator("#composer-text")).to_be_visible()
    expect(page.locator(".self-card")).to_contain_text(wren.name)
