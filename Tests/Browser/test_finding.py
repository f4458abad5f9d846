"""Search, the switcher, keys, dates, and channels of any length."""

import re

import pytest
from playwright.sync_api import expect

from people import PHONE, until


def filled(person, count=0):
    server, channel = person.make_server()
    for number in range(count):
        person.api("POST", f"/channels/{channel}/messages", {"content": f"message number {number}"})
    return server, channel


def test_an_old_message_is_found_by_words_and_filters_also_in_japanese(person, picture):
    alice = person("alice")
    server, channel = filled(alice)
    for text in ("The heron stands in the reeds", "東京の空に鶴が飛んでいる", "see https://example.org for more"):
        alice.api("POST", f"/channels/{channel}/messages", {"content": text})
    for number in range(70):
        alice.api("POST", f"/channels/{channel}/messages", {"content": f"filling {number}"})
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    alice.sees("filling 69")
    page.keyboard.press("Control+f")
    field = page.locator("#search-words")
    expect(field).to_be_focused()
    field.fill('"')
    expect(page.locator(".panel")).to_contain_text("Write a word to look for, or a filter.")
    field.fill("heron reeds")
    expect(page.locator(".results .card-message")).to_have_count(1)
    picture(page, "search")
    page.locator(".results").get_by_role("button", name="Go to the message").click()
    expect(page.locator(".message-scroller .message.highlighted")).to_contain_text("The heron")
    field.fill("空に鶴")
    hit = page.locator(".results .card-message", has_text="東京")
    hit.locator(".author").click()
    expect(page.locator(".popup")).to_contain_text(alice.name)
    page.keyboard.press("Escape")
    expect(page.locator(".message-scroller .message.highlighted")).to_have_count(0)
    hit.locator(".message-text").click()
    expect(page.locator(".message-scroller .message.highlighted")).to_contain_text("東京")
    field.fill("")
    field.press_sequentially("has:link ")
    expect(page.locator(".chip")).to_contain_text("link")
    expect(page.locator(".results .card-message")).to_have_count(1)
    expect(page.locator(".results .card-message")).to_contain_text("example.org")
    field.press("Backspace")
    expect(page.locator(".chip")).to_have_count(0)
    page.get_by_role("button", name="To the newest").click()
    alice.sees("filling 69")


def test_the_switcher_goes_anywhere_by_keyboard(person):
    alice, bob = person("alice"), person("bob")
    alice.befriend(bob)
    server, channel = filled(alice)
    alice.api("POST", f"/servers/{server}/channels", {"name": "kingfisher"})
    alice.enter()
    page = alice.page
    page.keyboard.press("Control+k")
    expect(page.locator(".switcher input")).to_be_focused()
    page.keyboard.type("kfish")
    expect(page.get_by_role("option").first).to_contain_text("kingfisher")
    page.keyboard.press("Enter")
    expect(page.locator(".channel-header h1")).to_contain_text("kingfisher")
    page.keyboard.press("Control+k")
    expect(page.locator(".switcher input")).to_be_focused()
    page.keyboard.type(bob.name)
    page.keyboard.press("Enter")
    expect(page.locator(".channel-header h1")).to_contain_text(bob.name)


@pytest.mark.long
def test_what_is_typed_after_the_switcher_goes_where_one_arrives_from_the_first_letter(person):
    alice = person("alice")
    server, channel = filled(alice)
    alice.api("POST", f"/servers/{server}/channels", {"name": "kingfisher"})
    page = alice.enter(f"/channels/{server}/{channel}").page
    field = page.locator("#composer-text")
    field.click()
    for name in ("kingfisher", "general") * 3:
        page.keyboard.press("Control+k")
        expect(page.locator(".switcher input")).to_be_focused()
        page.keyboard.type(name)
        expect(page.get_by_role("option").first).to_contain_text(name)
        page.keyboard.press("Enter")
        page.keyboard.type("abcdef")
        expect(page.locator(".channel-header h1")).to_contain_text(name)
        expect(field).to_have_value("abcdef")
        field.fill("")
    # Chromium's caret goes astray when the window's field leaves the page.
    for keys in ("Control+k", "Control+Alt+d") * 4:
        field.click()
        page.keyboard.press(keys)
        expect(page.locator("dialog input")).to_be_focused()
        page.wait_for_timeout(200)
        page.keyboard.press("Escape")
        expect(field).to_be_focused()
        page.wait_for_timeout(200)
        page.keyboard.type("ab", delay=20)
        expect(field).to_have_value("ab")
        field.fill("")
    page.keyboard.press("Control+f")
    expect(page.locator("#search-words")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search-words")).to_have_count(0)
    expect(field).to_be_focused()


def test_keys_walk_through_channels_and_messages(person):
    alice = person("alice")
    server, channel = filled(alice, 3)
    alice.api("POST", f"/servers/{server}/channels", {"name": "second"})
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    alice.sees("message number 2")
    page.keyboard.press("Escape")
    page.locator(".message-scroller").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".message", has_text="message number 2")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("e")
    expect(page.locator(".editor textarea")).to_have_value("message number 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".channel-header h1")).to_contain_text("second")
    page.locator(".message-scroller").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next or previous channel")


def test_who_clicks_on_a_message_and_types_is_writing_and_who_walks_to_it_acts(person):
    alice = person("alice")
    server, channel = filled(alice, 6)
    page = alice.enter(f"/channels/{server}/{channel}").page
    field = page.locator("#composer-text")
    clicked = alice.message("message number 3")
    for part in (clicked.locator(".message-text"), clicked):
        part.click(position={"x": 20, "y": 8})
        page.keyboard.type("puter 1")
        expect(field).to_have_value("puter 1")
        field.fill("")
    clicked.click(button="right", position={"x": 500, "y": 8})
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.type("@upt")
    expect(field).to_have_value("@upt")
    field.fill("")
    assert alice.api("GET", f"/channels/{channel}/pins") == []
    clicked.click(position={"x": 500, "y": 8})
    page.keyboard.press("ArrowUp")
    expect(alice.message("message number 2")).to_be_focused()
    page.keyboard.type("xe")
    expect(page.locator(".editor textarea")).to_be_focused()
    expect(field).to_have_value("")


# As on a machine that is busy: what was chosen is drawn a while later.
SLOW_FRAMES = """() => {
  const frame = requestAnimationFrame;
  globalThis.requestAnimationFrame = (listener) => setTimeout(() => frame(listener), 300);
}"""


def test_in_a_channel_that_was_opened_by_a_pointer_one_writes_at_once(person):
    alice = person("alice")
    server, channel = filled(alice, 3)
    alice.api("POST", f"/servers/{server}/channels", {"name": "second"})
    page = alice.enter(f"/channels/{server}/{channel}").page
    alice.sees("message number 2")
    field, link = page.locator("#composer-text"), page.get_by_role("link", name="second")
    page.evaluate(SLOW_FRAMES)
    link.click()
    page.keyboard.type("7 herons: @")
    expect(page.locator(".channel-header h1")).to_contain_text("second")
    expect(field).to_have_value("7 herons: @")
    page.keyboard.press("Escape")
    page.go_back()
    expect(page.locator(".channel-header h1")).to_contain_text("general")
    page.keyboard.type("@x")
    expect(field).to_have_value("@x")
    for press in (page.locator(".message-scroller").click, page.get_by_role("button", name="Members").click):
        press()
        page.keyboard.type("1a")
    expect(field).to_have_value("@x1a1a")
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".channel-header h1")).to_contain_text("second")
    expect(field).to_have_value("7 herons: @")
    expect(link).to_be_focused()


@pytest.mark.long
def test_on_a_touch_screen_a_channel_opens_without_the_keys(person):
    alice = person("alice", PHONE, has_touch=True, is_mobile=True)
    server, channel = filled(alice, 1)
    page = alice.enter(f"/channels/{server}").page
    page.get_by_role("link", name="general").tap()
    alice.sees("message number 0")
    expect(page.locator("#composer-text")).not_to_be_focused()


@pytest.mark.long
def test_keys_go_on_from_what_is_in_sight_and_reach_both_ends_of_a_channel(person):
    alice = person("alice")
    server, channel = filled(alice, 160)
    page = alice.enter(f"/channels/{server}/{channel}").page
    alice.sees("message number 159")
    is_in_sight = """() => {
      const row = document.activeElement.getBoundingClientRect();
      const list = document.querySelector(".message-scroller").getBoundingClientRect();
      return document.activeElement.matches(".message") && row.top >= list.top - 1 && row.bottom <= list.bottom + 1;
    }"""
    page.locator(".message-scroller").focus()
    page.keyboard.press("ArrowUp")
    expect(alice.message("message number 159")).to_be_focused()
    page.locator(".message-scroller").evaluate("(list) => list.scrollBy(0, -900)")
    expect(alice.message("message number 159")).not_to_be_in_viewport()
    page.keyboard.press("ArrowUp")
    assert page.evaluate(is_in_sight)
    expect(alice.message("message number 159")).not_to_be_in_viewport()

    page.keyboard.press("Home")
    expect(page.get_by_role("heading", name="Welcome to #general")).to_be_in_viewport()
    expect(page.locator(".message").first).to_contain_text("message number 0")
    expect(page.locator(".message-scroller")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".message").first).to_be_focused()
    page.keyboard.press("End")
    expect(alice.message("message number 159")).to_be_in_viewport()
    expect(page.locator(".message-scroller")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(alice.message("message number 159")).to_be_focused()


@pytest.mark.long
def test_from_the_empty_field_keys_lead_through_the_channel_and_in_a_text_through_that(person):
    alice = person("alice")
    server, channel = filled(alice, 160)
    page = alice.enter(f"/channels/{server}/{channel}").page
    field = page.locator("#composer-text")
    newest = alice.message("message number 159")
    expect(newest).to_be_in_viewport()
    field.focus()
    page.keyboard.press("PageUp")
    expect(newest).not_to_be_in_viewport()
    page.keyboard.press("PageDown")
    expect(newest).to_be_in_viewport()
    for focus in (field.focus, lambda: page.evaluate("document.activeElement.blur()")):
        focus()
        page.keyboard.press("Home")
        expect(page.locator(".message").first).to_contain_text("message number 0")
        expect(page.locator(".message").first).to_be_in_viewport()
        focus()
        page.keyboard.press("End")
        expect(newest).to_be_in_viewport()
    field.fill("words")
    for key, place in (("Home", 0), ("End", 5)):
        page.keyboard.press(key)
        assert field.evaluate("(field) => field.selectionStart") == place
        expect(newest).to_be_in_viewport()


@pytest.mark.long
def test_a_long_channel_is_scrolled_through_in_little_memory_and_keeps_its_place(person, picture):
    alice = person("alice")
    server, channel = filled(alice, 420)
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    alice.sees("message number 419")
    scroller = page.locator(".message-scroller")
    most = 0
    for _ in range(60):
        before = page.evaluate("() => { const rows = [...document.querySelectorAll('.message')]; const top = document.querySelector('.message-scroller').getBoundingClientRect().top; const row = rows.find((row) => row.getBoundingClientRect().bottom > top + 40); return {text: row.innerText, top: row.getBoundingClientRect().top}; }")
        page.wait_for_timeout(120)
        after = page.evaluate("(text) => { const row = [...document.querySelectorAll('.message')].find((row) => row.innerText === text); return row?.getBoundingClientRect().top; }", before["text"])
        # Whatever came above or below, what one reads stays where it is.
        assert after is None or abs(after - before["top"]) < 3, (before, after)
        most = max(most, page.locator(".message").count())
        if page.get_by_role("heading", name="Welcome to #general").count():
            break
        scroller.evaluate("(scroller) => scroller.scrollBy(0, -1500)")
    expect(page.get_by_role("heading", name="Welcome to #general")).to_be_visible()
    expect(page.locator(".message").first).to_contain_text("message number 0")
    assert most <= 300, most
    page.get_by_role("button", name="To the newest").click()
    alice.sees("message number 419")


@pytest.mark.long
def test_a_date_leads_to_its_first_message(person):
    alice = person("alice")
    server, channel = filled(alice, 60)
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    alice.sees("message number 59")
    page.keyboard.press("Control+Alt+d")
    page.get_by_role("dialog").get_by_label("Date").fill("2025-01-01")
    page.get_by_role("dialog").get_by_role("button", name="Go").click()
    expect(page.locator(".message.highlighted")).to_contain_text("message number 0")
    expect(page).to_have_url(re.compile(r"/channels/\d+/\d+/\d+"))


@pytest.mark.long
def test_letters_go_where_one_presses_while_the_switcher_is_awaited(person):
    alice = person("alice")
    server, channel = filled(alice)
    page = alice.enter(f"/channels/{server}/{channel}").page
    field = page.locator("#composer-text")
    expect(field).to_be_visible()
    held = []
    page.route(re.compile("switcher"), lambda route: held.append(route))
    page.keyboard.press("Control+k")
    field.click()
    page.keyboard.type("hello")
    expect(field).to_have_value("hello")
    assert held


@pytest.mark.long
def test_commands_work_on_a_keyboard_of_another_script(person):
    alice = person("alice")
    server, channel = filled(alice)
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    field = page.locator("#composer-text")
    expect(field).to_be_visible()
    session = page.context.new_cdp_session(page)

    def press(letter, code, modifiers=2):
        key = {"key": letter, "code": code, "modifiers": modifiers, "windowsVirtualKeyCode": ord(code[-1])}
        for kind in ("rawKeyDown", "keyUp"):
            session.send("Input.dispatchKeyEvent", {"type": kind, **key})

    field.fill("heron")
    field.press("Control+a")
    press("и", "KeyB")
    expect(field).to_have_value("**heron**")
    press("а", "KeyF")
    expect(page.locator("#search-words")).to_be_focused()
    press("л", "KeyK")
    expect(page.locator(".switcher input")).to_be_focused()


@pytest.mark.long
def test_a_place_that_is_not_there_holds_nothing(person):
    alice = person("alice")
    server, channel = filled(alice)
    for number in range(2):
        alice.api("POST", f"/channels/{channel}/messages", {"content": f"filling {number}"})
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    page.keyboard.press("Control+f")
    field = page.locator("#search-words")
    field.press_sequentially("filling")
    hits = page.locator(".results .card-message")
    expect(hits).to_have_count(2)
    field.press("Home")
    field.press_sequentially("in:nosuchplace ")
    expect(page.locator(".chip")).to_have_text(re.compile("nosuchplace"))
    expect(field).to_have_value("filling")
    expect(hits).to_have_count(0)
    field.press_sequentially("in:general ")
    expect(page.locator(".chip")).to_have_count(1)
    expect(hits).to_have_count(2)


@pytest.mark.long
def test_arrows_in_the_table_of_emoji_go_to_the_neighbours(person):
    alice = person("alice")
    server, channel = filled(alice)
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    page.get_by_role("button", name="Choose an emoji").click()
    expect(page.locator(".emoji-button").first).to_be_visible()
    place = "() => { const { x, y } = document.activeElement.getBoundingClientRect();" \
        " return { x, y: y + document.querySelector('.emoji-body').scrollTop }; }"
    page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    before = page.evaluate(place)
    for _ in range(30):
        page.keyboard.press("ArrowDown")
        after = page.evaluate(place)
        # The next row, or the first of the next group, which has a title and may be shorter.
        assert 0 < after["y"] - before["y"] < 120 and after["x"] <= before["x"], (before, after)
        before = after
    page.keyboard.press("ArrowUp")
    assert page.evaluate(place)["y"] < before["y"]


@pytest.mark.parametrize("by", ["keys", "button"])
@pytest.mark.long
def test_what_is_looked_for_is_not_said_while_the_search_is_awaited(person, by):
    alice = person("alice")
    server, channel = filled(alice)
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    field = page.locator("#composer-text")
    field.fill("a draft")
    held = []
    page.route(re.compile("views/search/search"), lambda route: held.append(route))
    if by == "keys":
        page.keyboard.press("Control+f")
    else:
        page.get_by_role("button", name="Search", exact=True).click()
    page.keyboard.type("my illnesx")
    page.keyboard.press("Backspace")
    page.keyboard.type("s")
    page.keyboard.press("Enter")
    until(page, lambda: held)
    for route in held:
        route.continue_()
    expect(page.locator("#search-words")).to_have_value("my illness")
    expect(field).to_have_value("a draft")
    assert alice.api("GET", f"/channels/{channel}/messages") == []


def test_enter_sends_no_draft_while_the_switcher_is_awaited_and_leads_where_it_would(person):
    alice = person("alice")
    server, channel = filled(alice)
    alice.api("POST", f"/servers/{server}/channels", {"name": "genuine"})
    alice.enter(f"/channels/{server}/{channel}")
    page = alice.page
    field = page.locator("#composer-text")
    field.fill("half a draft")
    held = []
    page.route(re.compile("switcher"), lambda route: held.append(route))
    page.keyboard.press("Control+k")
    page.keyboard.type("genu")
    page.keyboard.press("Enter")
    page.keyboard.type("hello")
    until(page, lambda: held)
    for route in held:
        route.continue_()
    # Enter does what it does once the window is there.
    expect(page.locator(".channel-header h1")).to_contain_text("genuine")
    expect(page.locator(".switcher")).to_have_count(0)
    expect(field).to_have_value("hello")
    assert alice.api("GET", f"/channels/{channel}/messages") == []
    page.go_back()
    expect(field).to_have_value("half a draft")
