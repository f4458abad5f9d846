"""Writing a message: its files, its emoji, its keys, and how it leaves."""

import base64
import re

import pytest
from playwright.sync_api import expect

import room
from people import PHONE, Held, until

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
SMALL = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some notes"}
EMPTY = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
TWO_CHUNKS = b"0123456789abcde\n" * 330_000


@pytest.fixture
def writer(person):
    """Somebody with a server of two channels, looking at the first one."""
    return settle(person("anna"))


def settle(anna):
    anna.place, anna.channel = anna.make_server()
    anna.other = anna.api("POST", f"/servers/{anna.place}/channels", {"name": "other"})["id"]
    anna.enter(f"/channels/{anna.place}/{anna.channel}")
    expect(field(anna)).to_be_visible()
    return anna


def field(anna):
    return anna.page.locator("#composer-text")


def attach(anna, *files):
    anna.page.set_input_files(".composer input[type=file]", list(files))


def go(anna, name):
    anna.page.get_by_role("link", name=f"{name}, Text").click()
    expect(anna.page.locator(".channel-header h1")).to_contain_text(name)


def sent(anna):
    """What the server has, oldest first: texts and the names of files."""
    messages = anna.api("GET", f"/channels/{anna.channel}/messages")
    return [(each["content"] or "", [file["filename"] for file in each["attachments"]]) for each in reversed(messages)]


def has_left(anna, text):
    anna.sees(text)
    expect(pending(anna)).to_have_count(0)


def pending(anna):
    return anna.page.locator(".message.pending")


def test_enter_during_an_upload_queues_the_message_which_leaves_with_its_files_and_in_its_order(writer, picture):
    uploads = Held(writer.page, "**/attachments")
    attach(writer, SMALL)
    expect(writer.page.locator(".tray-file progress")).to_be_visible()
    writer.say("with a file")
    expect(pending(writer)).to_contain_text("notes.txt")
    expect(pending(writer).locator("progress")).to_be_visible()
    expect(field(writer)).to_have_value("")
    expect(writer.page.locator(".tray")).to_have_count(0)
    writer.say("and after it")
    expect(pending(writer)).to_have_count(2)
    expect(pending(writer).last).to_have_class("message pending continued")
    picture(writer.page, "queued")
    go(writer, "other")
    go(writer, "general")
    expect(pending(writer)).to_have_count(2)
    assert sent(writer) == []
    uploads.release()
    has_left(writer, "and after it")
    assert sent(writer) == [("with a file", ["notes.txt"]), ("and after it", [])]


def test_a_message_that_waits_for_its_files_can_be_taken_back(writer):
    Held(writer.page, "**/attachments")
    attach(writer, SMALL)
    writer.say("#other, not yet")
    field(writer).fill("next")
    pending(writer).get_by_role("button", name="Cancel").click()
    expect(pending(writer)).to_have_count(0)
    expect(field(writer)).to_have_value("#other, not yet\nnext")
    expect(writer.page.locator(".tray-file")).to_contain_text("notes.txt")
    writer.page.get_by_role("button", name="Remove notes.txt").click()
    expect(writer.page.locator(".tray")).to_have_count(0)
    assert sent(writer) == []


def test_an_upload_and_its_queued_message_go_on_after_the_page_was_loaded_again(writer, tmp_path):
    large = tmp_path / "large.txt"
    large.write_bytes(TWO_CHUNKS)
    first_chunks = []
    writer.page.on("request", lambda request: request.url.endswith("/0") and first_chunks.append(request.url))
    held = Held(writer.page, "**/media/upload/*/1", "PUT")
    attach(writer, large)
    writer.say("a large one")
    expect(pending(writer)).to_contain_text("large.txt")
    while not held.routes:
        writer.page.wait_for_timeout(20)
    held.routes.clear()
    held.is_holding = False
    writer.page.reload()
    expect(writer.message("a large one").get_by_role("link", name="large.txt", exact=True)).to_be_visible()
    expect(pending(writer)).to_have_count(0)
    assert len(first_chunks) == 1
    assert sent(writer) == [("a large one", ["large.txt"])]


def test_files_of_a_draft_and_begun_edits_survive_a_change_of_channel_and_a_new_page(writer):
    writer.say("a thought")
    has_left(writer, "a thought")
    field(writer).press("ArrowUp")
    editor = writer.page.locator(".editor textarea")
    expect(editor).to_be_focused()
    editor.fill("a better thought")
    attach(writer, SMALL, {**SMALL, "name": "more.txt"})
    field(writer).fill("half a text")
    go(writer, "other")
    expect(writer.page.locator(".tray-file")).to_have_count(0)
    for _ in range(2):
        go(writer, "general")
        expect(field(writer)).to_have_value("half a text")
        expect(writer.page.locator(".tray-file bdi")).to_have_text(["notes.txt", "more.txt"])
        expect(editor).to_have_value("a better thought")
        expect(editor).not_to_be_focused()
        go(writer, "other")
        writer.page.reload()
    go(writer, "general")
    editor.press("Enter")
    writer.sees("a better thought")
    expect(editor).to_have_count(0)
    field(writer).press("Enter")
    has_left(writer, "half a text")
    assert sent(writer)[1] == ("half a text", ["notes.txt", "more.txt"])
    go(writer, "other")
    go(writer, "general")
    expect(editor).to_have_count(0)
    expect(writer.page.locator(".tray-file")).to_have_count(0)


# MARK: The arrow up, which changes one's last message


def editor(anna):
    return anna.page.locator(".editor textarea")


def test_the_arrow_up_right_after_sending_changes_what_was_sent_and_not_the_message_before(writer):
    writer.say("first one")
    has_left(writer, "first one")
    held = Held(writer.page, "**/messages")
    writer.say("second one")
    field(writer).press("ArrowUp")
    held.wait(1)
    expect(editor(writer)).to_have_count(0)
    held.release()
    expect(editor(writer)).to_have_value("second one")
    expect(editor(writer)).to_be_focused()


@pytest.mark.long
def test_whoever_goes_on_writing_is_not_led_away_by_an_arrow_up_of_before(writer):
    held = Held(writer.page, "**/messages")
    writer.say("first one")
    field(writer).press("ArrowUp")
    held.wait(1)
    field(writer).press_sequentially("and then")
    held.release()
    has_left(writer, "first one")
    expect(field(writer)).to_be_focused()
    expect(editor(writer)).to_have_count(0)


@pytest.mark.long
def test_the_arrow_up_takes_back_a_message_that_waits_for_its_files(writer):
    held = Held(writer.page, re.compile("/attachments|/uploads"))
    attach(writer, SMALL)
    held.wait(1)
    writer.say("with notes")
    expect(pending(writer)).to_have_count(1)
    field(writer).press("ArrowUp")
    expect(field(writer)).to_have_value("with notes")
    expect(writer.page.locator(".tray-file bdi")).to_have_text(["notes.txt"])
    expect(pending(writer)).to_have_count(0)
    held.release()


@pytest.mark.long
def test_the_arrow_up_leads_from_far_up_to_the_newest_of_ones_messages(writer, person):
    other = person("other")
    writer.invite(writer.channel, other)
    say = lambda who, text: who.api("POST", f"/channels/{writer.channel}/messages", {"content": text})
    old = say(writer, "mine of long ago")
    for number in range(130):
        say(other, f"line {number}")
    say(writer, "mine newest")
    writer.page.goto(f"/channels/{writer.place}/{writer.channel}/{old['id']}")
    expect(writer.message("mine of long ago")).to_be_in_viewport()
    field(writer).click()
    field(writer).press("ArrowUp")
    expect(editor(writer)).to_have_value("mine newest")
    expect(editor(writer)).to_be_in_viewport()


# Whether the messages that the browser keeps for the next visit have a text.
IS_KEPT = """async (text) => {
  const database = await new Promise((resolve) => (indexedDB.open("aviary").onsuccess = ({ target }) => resolve(target.result)));
  const messages = database.transaction("values").objectStore("values").getAll(IDBKeyRange.bound("messages:", "messages;"));
  await new Promise((resolve) => (messages.onsuccess = resolve));
  database.close();
  return JSON.stringify(messages.result).includes(text);
}"""


def leave_for_long(page):
    """The next page begins a new session, which is told nothing of what was before it."""
    page.goto("/client/none")
    page.evaluate(
        """async () => {
          localStorage.removeItem("aviary.saved-at");
          const database = await new Promise((resolve) => (indexedDB.open("aviary").onsuccess = ({ target }) => resolve(target.result)));
          const change = database.transaction("values", "readwrite");
          change.objectStore("values").delete(IDBKeyRange.bound("snapshot:", "snapshot;"));
          await new Promise((resolve) => (change.oncomplete = resolve));
          database.close();
        }"""
    )


@pytest.mark.long
def test_the_arrow_up_waits_for_what_was_written_since_the_last_visit(writer):
    page = writer.page
    writer.say("mine of the last visit")
    has_left(writer, "mine of the last visit")
    until(page, lambda: page.evaluate(IS_KEPT, "mine of the last visit"))
    leave_for_long(page)
    writer.api("POST", f"/channels/{writer.channel}/messages", {"content": "mine from elsewhere"})
    held = Held(page, "**/messages?limit=50", "GET")
    page.goto(f"/channels/{writer.place}/{writer.channel}")
    writer.sees("mine of the last visit")
    held.wait(2)
    field(writer).press("ArrowUp")
    expect(editor(writer)).to_have_count(0)
    held.release()
    expect(editor(writer)).to_have_value("mine from elsewhere")


@pytest.mark.long
def test_the_arrow_up_changes_the_words_of_a_file_and_not_the_text_before_it(writer):
    writer.say("an older text")
    has_left(writer, "an older text")
    attach(writer, SMALL)
    expect(writer.page.locator(".tray-file progress")).to_have_count(0)
    field(writer).press("Enter")
    has_left(writer, "notes.txt")
    field(writer).press("ArrowUp")
    expect(editor(writer)).to_have_value("")
    editor(writer).fill("some words about it")
    editor(writer).press("Enter")
    writer.sees("some words about it")
    assert sent(writer) == [("an older text", []), ("some words about it", ["notes.txt"])]


@pytest.mark.parametrize("key", ["Enter", "Escape"])
@pytest.mark.long
def test_after_a_change_by_the_arrow_up_the_field_has_the_focus_again(writer, key):
    writer.say("a thought")
    has_left(writer, "a thought")
    for text in ("a better thought", "the best thought"):
        field(writer).press("ArrowUp")
        expect(editor(writer)).to_be_focused()
        editor(writer).fill(text)
        editor(writer).press(key)
        expect(editor(writer)).to_have_count(0)
        expect(field(writer)).to_be_focused()
    assert sent(writer) == [("the best thought" if key == "Enter" else "a thought", [])]


@pytest.mark.long
def test_after_a_change_of_the_message_that_one_walked_to_it_has_the_focus_again(writer):
    for text in ("one", "two"):
        writer.say(text)
        has_left(writer, text)
    page = writer.page
    page.keyboard.press("Shift+F6")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(writer.message("one")).to_be_focused()
    page.keyboard.press("e")
    expect(editor(writer)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" more")
    page.keyboard.press("Enter")
    expect(writer.message("one more")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(writer.message("two")).to_be_focused()


@pytest.mark.long
def test_after_a_change_by_the_mouse_what_is_typed_goes_to_the_field(writer):
    writer.say("a thought")
    has_left(writer, "a thought")
    writer.message("a thought").hover()
    writer.page.locator(".message-toolbar").get_by_label("Edit", exact=True).click()
    editor(writer).fill("a better thought")
    editor(writer).press("Enter")
    expect(editor(writer)).to_have_count(0)
    writer.page.keyboard.type("perhaps")
    expect(field(writer)).to_have_value("perhaps")


# MARK: Messages that go while one changes them


def begin_to_change(anna, text, change):
    anna.message(text).hover()
    anna.page.locator(".message-toolbar").get_by_label("Edit", exact=True).click()
    editor(anna).fill(change)


def delete_elsewhere(anna, *texts):
    messages = {each["content"]: each["id"] for each in anna.api("GET", f"/channels/{anna.channel}/messages")}
    for text in texts:
        anna.api("DELETE", f"/channels/{anna.channel}/messages/{messages[text]}")


@pytest.mark.long
def test_the_change_of_a_message_that_is_deleted_meanwhile_goes_to_the_empty_field(writer):
    for text in ("one", "two"):
        writer.say(text)
        has_left(writer, text)
    begin_to_change(writer, "one", "one, and more")
    begin_to_change(writer, "two", "two, and more")
    delete_elsewhere(writer, "two")
    expect(field(writer)).to_have_value("two, and more")
    expect(field(writer)).to_be_focused()
    expect(writer.page.locator("#notices")).to_contain_text("was deleted")
    # The other one, which was begun before, is there still.
    expect(editor(writer)).to_have_value("one, and more")
    writer.page.reload()
    expect(editor(writer)).to_have_value("one, and more")
    expect(field(writer)).to_have_value("two, and more")


@pytest.mark.long
def test_the_change_of_a_message_that_is_deleted_meanwhile_does_not_mix_with_what_one_writes(writer):
    writer.say("one")
    has_left(writer, "one")
    field(writer).fill("something else")
    begin_to_change(writer, "one", "one, and more")
    go(writer, "other")
    delete_elsewhere(writer, "one")
    notice = writer.page.locator(".notice")
    expect(notice).to_contain_text("one, and more")
    go(writer, "general")
    expect(field(writer)).to_have_value("something else")
    expect(editor(writer)).to_have_count(0)
    notice.get_by_role("button", name="Put it into the field").click()
    expect(field(writer)).to_have_value("something else\none, and more")


@pytest.mark.long
def test_the_change_of_a_message_whose_deletion_no_event_told_goes_to_the_field(writer):
    page = writer.page
    for text in ("one", "two"):
        writer.say(text)
        has_left(writer, text)
    begin_to_change(writer, "one", "one, and more")
    begin_to_change(writer, "two", "two, and more")
    leave_for_long(page)
    delete_elsewhere(writer, "two")
    page.goto(f"/channels/{writer.place}/{writer.channel}")
    expect(field(writer)).to_have_value("two, and more")
    expect(page.locator("#notices")).to_contain_text("was deleted")
    expect(editor(writer)).to_have_value("one, and more")
    page.reload()
    expect(editor(writer)).to_have_value("one, and more")
    expect(page.locator(".notice")).to_have_count(0)
    assert "two, and more" not in page.evaluate("""() => JSON.stringify(
      Object.entries(localStorage).filter(([key]) => key.startsWith("aviary.drafts.")).map(([, value]) => JSON.parse(value).edits)
    )""")


@pytest.mark.long
def test_what_one_deletes_oneself_leaves_nothing_in_the_field(writer):
    writer.say("one")
    has_left(writer, "one")
    begin_to_change(writer, "one", "one, and more")
    editor(writer).fill("")
    editor(writer).press("Enter")
    writer.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(writer.page.locator(".message-scroller .message")).to_have_count(0)
    expect(writer.page.locator(".notice")).to_have_count(0)
    expect(field(writer)).to_have_value("")


@pytest.mark.long
def test_a_draft_that_one_window_has_sent_can_not_be_sent_by_another(writer):
    other = writer.open_page()
    other.goto(writer.page.url)
    field(writer).fill("only once")
    draft = other.locator("#composer-text")
    expect(draft).to_have_value("only once")
    draft.press("End")
    field(writer).press("Enter")
    expect(draft).to_have_value("")
    draft.press("Enter")
    has_left(writer, "only once")
    expect(writer.page.locator(".message", has_text="only once")).to_have_count(1)


def test_a_failed_file_is_said_before_anything_is_sent(writer, picture):
    attach(writer, SMALL, EMPTY)
    failed = writer.page.locator(".tray-file.failed")
    expect(failed).to_contain_text("The file is empty.")
    writer.say("both")
    expect(failed).to_contain_text("Nothing was sent")
    picture(writer.page, "failed-file")
    expect(field(writer)).to_have_value("both")
    assert sent(writer) == []
    writer.page.get_by_role("button", name="Remove empty.txt").click()
    field(writer).press("Enter")
    has_left(writer, "both")
    assert sent(writer) == [("both", ["notes.txt"])]


def test_a_days_limit_says_when_it_ends_also_for_a_message_that_waits(writer):
    def refuse(route):
        body = {"error": {"code": 429, "message": "Rate limited", "retry_after": 7200}}
        route.fulfill(status=429, json=body)

    writer.page.route("**/attachments", refuse)
    attach(writer, SMALL)
    expect(writer.page.locator(".tray-file.failed")).to_contain_text("That is the last file for today. More from")
    writer.page.get_by_role("button", name="Remove notes.txt").click()
    writer.page.unroute("**/attachments")
    uploads = Held(writer.page, "**/attachments")
    attach(writer, SMALL)
    writer.say("with a file")
    expect(pending(writer)).to_be_visible()
    uploads.wait(1)
    # Who comes a moment later to wait for the file has it uploaded once more.
    writer.page.route("**/attachments", refuse)
    for route in uploads.routes:
        refuse(route)
    expect(writer.page.locator(".message.pending.failed")).to_contain_text("More from")
    writer.page.unroute("**/attachments")
    pending(writer).get_by_role("button", name="Try again").click()
    expect(pending(writer)).to_have_count(0)
    assert sent(writer) == [("with a file", ["notes.txt"])]


def test_a_message_stands_once_and_in_its_place_also_when_the_answer_is_slow_or_lost(writer):
    writer.say("first")
    has_left(writer, "first")
    posts = Held(writer.page, "**/messages")
    writer.say("slow")
    expect(pending(writer)).to_be_visible()
    expect(pending(writer).locator(".message-head")).to_have_count(0)
    place = pending(writer).bounding_box()
    posts.wait(1)
    slow = posts.routes[0].fetch()
    has_left(writer, "slow")
    assert writer.message("slow").bounding_box() == place
    # The next one does not wait for the answer either.
    writer.say("next")
    expect(pending(writer)).to_be_visible()
    posts.wait(2)
    posts.routes[1].fetch()
    has_left(writer, "next")
    assert writer.texts() == ["first", "slow", "next"]
    posts.routes[0].fulfill(response=slow)
    posts.routes[1].abort()
    writer.page.reload()
    has_left(writer, "next")
    assert writer.texts() == ["first", "slow", "next"]


COMPOSED_ENTER = """(element) => element.dispatchEvent(new KeyboardEvent("keydown", {
  key: "Enter", code: "Enter", keyCode: 229, which: 229, isComposing: false, bubbles: true, cancelable: true}))"""


def test_the_enter_that_ends_a_composition_acts_nowhere(writer):
    protocol = writer.page.context.new_cdp_session(writer.page)

    def compose(text):
        protocol.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    field(writer).click()
    compose("にほん")
    # As Chromium and Firefox send it, and as Safari does.
    field(writer).evaluate(COMPOSED_ENTER.replace("isComposing: false", "isComposing: true").replace("229", "13"))
    field(writer).evaluate(COMPOSED_ENTER)
    expect(field(writer)).to_have_value("にほん")
    protocol.send("Input.insertText", {"text": "日本語"})
    expect(field(writer)).to_have_value("日本語")
    field(writer).press("Enter")
    has_left(writer, "日本語")
    assert sent(writer) == [("日本語", [])]
    writer.page.keyboard.press("Control+k")
    query = writer.page.get_by_role("combobox", name="Find or begin a conversation")
    query.fill("other")
    query.evaluate(COMPOSED_ENTER)
    expect(query).to_be_visible()
    query.press("Enter")
    expect(writer.page.locator(".channel-header h1")).to_contain_text("other")


@pytest.mark.long
def test_faces_stay_faces_and_short_codes_become_emoji(writer):
    for text in (":-D", ":DD", ":-p", "wow :-o", "at 10:30:00"):
        field(writer).press_sequentially(text)
        field(writer).press("Enter")
        writer.sees(text)
    writer.say("good :thumbsup: not `:thumbsup:`")
    writer.sees("good 👍 not :thumbsup:")
    field(writer).press_sequentially("so :fire")
    expect(writer.page.locator(".completion").first).to_contain_text(":fire:")
    field(writer).press("Enter")
    expect(field(writer)).to_have_value("so 🔥 ")


@pytest.mark.long
def test_undo_takes_back_formats_completions_picked_emoji_and_pastes(writer):
    keys = writer.page.keyboard
    field(writer).press_sequentially("hello world")
    keys.press("Control+a")
    keys.press("Control+b")
    expect(field(writer)).to_have_value("**hello world**")
    keys.press("Control+z")
    expect(field(writer)).to_have_value("hello world")
    keys.press("Control+y")
    expect(field(writer)).to_have_value("**hello world**")
    # The same keys take it off, and step out of it.
    keys.press("Control+a")
    keys.press("Control+b")
    expect(field(writer)).to_have_value("hello world")
    keys.press("End")
    for sign in ("b", "i"):
        keys.press(f"Control+{sign}")
        keys.type(sign)
        keys.press(f"Control+{sign}")
    expect(field(writer)).to_have_value("hello world**b***i*")
    field(writer).fill("**hello world**")
    keys.press("End")
    field(writer).press_sequentially(" :tada")
    expect(writer.page.locator(".completion").first).to_contain_text(":tada:")
    keys.press("Tab")
    expect(field(writer)).to_have_value("**hello world** 🎉 ")
    keys.press("Control+z")
    expect(field(writer)).to_have_value("**hello world** :tada")
    keys.press("Escape")
    writer.page.get_by_role("button", name="Choose an emoji").click()
    writer.page.get_by_role("searchbox", name="Search emoji").fill("rocket")
    writer.page.locator(".emoji-button").first.click()
    expect(field(writer)).to_have_value("**hello world** :tada🚀 ")
    keys.press("Control+z")
    expect(field(writer)).to_have_value("**hello world** :tada")
    writer.page.evaluate("navigator.clipboard.writeText(' pasted')")
    keys.press("Control+v")
    expect(field(writer)).to_have_value("**hello world** :tada pasted")
    keys.press("Control+z")
    expect(field(writer)).to_have_value("**hello world** :tada")


@pytest.mark.long
def test_undo_goes_through_pastes_of_several_lines_and_what_was_made_of_them(writer):
    keys = writer.page.keyboard
    cells, table = "a\tb\n1\t2\n3\t4", "```\na  b\n1  2\n3  4\n```"
    field(writer).click()
    writer.page.evaluate("(text) => navigator.clipboard.writeText(text)", cells)
    keys.press("Control+v")
    writer.page.get_by_role("button", name="Set as a table").click()
    expect(field(writer)).to_have_value(table)
    for key, values in (("Control+z", [cells, ""]), ("Control+Shift+z", [cells, table])):
        for value in values:
            keys.press(key)
            expect(field(writer)).to_have_value(value)


def test_neither_undo_nor_redo_brings_back_what_was_sent(writer):
    keys = writer.page.keyboard
    field(writer).press_sequentially("first message")
    keys.press("Enter")
    has_left(writer, "first message")
    for key in ("Control+z", "Control+Shift+z", "Control+y"):
        keys.press(key)
    expect(field(writer)).to_have_value("")
    keys.type("second")
    keys.press("Control+z")
    expect(field(writer)).to_have_value("")
    keys.press("Control+Shift+z")
    expect(field(writer)).to_have_value("second")


def test_a_file_that_comes_while_one_writes_does_not_move_the_caret(writer):
    keys = writer.page.keyboard
    field(writer).press_sequentially("two three")
    keys.press("Home")
    keys.type("on")
    attach(writer, SMALL)
    expect(writer.page.locator(".tray-file")).to_have_count(1)
    keys.type("e ")
    expect(field(writer)).to_have_value("one two three")


@pytest.mark.long
def test_after_a_message_undo_goes_back_through_what_was_written_and_cut_since(writer):
    keys = writer.page.keyboard
    writer.say("first message")
    has_left(writer, "first message")
    field(writer).press_sequentially("precious words")
    for key in ("Control+a", "Control+x", "x"):
        keys.press(key)
    for text in ("", "precious words"):
        keys.press("Control+z")
        expect(field(writer)).to_have_value(text)
    for _ in range(6):
        keys.press("Control+z")
    expect(field(writer)).to_have_value("")


@pytest.mark.long
def test_a_table_of_many_lines_is_taken_back_at_once_with_what_stood_before_it(writer):
    cells = "\n".join(f"row {number}\t{number}" for number in range(230))
    field(writer).press_sequentially("see: ")
    writer.page.evaluate("(text) => navigator.clipboard.writeText(text)", cells)
    writer.page.keyboard.press("Control+v")
    before = field(writer).input_value()
    writer.page.get_by_role("button", name="Set as a table").click()
    expect(field(writer)).not_to_have_value(before)
    writer.page.keyboard.press("Control+z")
    expect(field(writer)).to_have_value(before)


@pytest.mark.long
def test_what_answers_a_message_that_is_deleted_answers_nothing(writer, person):
    bob = person("bob")
    writer.invite(writer.channel, bob)
    messages = [bob.api("POST", f"/channels/{place}/messages", {"content": "a question"}) for place in (writer.channel, writer.other)]
    page = writer.page
    bar = page.locator(".reply-bar")
    for name in ("other", "general"):
        go(writer, name)
        writer.act("a question", "Reply")
        expect(bar).to_be_visible()
        field(writer).fill(f"an answer in {name}")
    field(writer).press("Home")
    for message in messages:
        bob.api("DELETE", f"/channels/{message['channel_id']}/messages/{message['id']}")
    expect(bar).to_have_count(0)
    expect(page.get_by_text("was deleted")).to_be_visible()
    page.keyboard.type("so ")
    expect(field(writer)).to_have_value("so an answer in general")
    page.keyboard.press("Enter")
    has_left(writer, "so an answer in general")
    go(writer, "other")
    expect(field(writer)).to_have_value("an answer in other")
    expect(bar).to_have_count(0)


COPY = """async ([types, dot]) => {
  const bytes = Uint8Array.from(atob(dot), (letter) => letter.charCodeAt(0));
  const parts = Object.entries({...types, "image/png": bytes}).map(([type, part]) => [type, new Blob([part], {type})]);
  await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
}"""


def test_cells_of_a_spreadsheet_paste_as_text_and_a_picture_as_a_file(writer):
    cells = {"text/plain": "Name\tQty\nApples\t3", "text/html": "<table><tr><td>Name</td></tr></table>"}
    dot = base64.b64encode(DOT).decode()
    field(writer).click()
    writer.page.evaluate(COPY, [cells, dot])
    writer.page.keyboard.press("Control+v")
    expect(field(writer)).to_have_value("Name\tQty\nApples\t3")
    expect(writer.page.locator(".tray-file")).to_have_count(0)
    writer.page.get_by_role("button", name="Set as a table").click()
    expect(field(writer)).to_have_value("```\nName    Qty\nApples  3\n```")
    writer.page.keyboard.press("Control+z")
    expect(field(writer)).to_have_value("Name\tQty\nApples\t3")
    writer.page.evaluate(COPY, [{}, dot])
    writer.page.keyboard.press("Control+v")
    expect(writer.page.locator(".tray-file")).to_contain_text("image.png")
    expect(field(writer)).to_have_value("Name\tQty\nApples\t3")


def test_on_a_touch_screen_enter_begins_a_line_unless_it_was_set_to_send(person):
    anna = settle(person("anna", PHONE, has_touch=True, is_mobile=True))
    field(anna).tap()
    anna.page.keyboard.type("first")
    anna.page.keyboard.press("Enter")
    anna.page.keyboard.type("second")
    expect(field(anna)).to_have_value("first\nsecond")
    anna.page.get_by_role("button", name="Send", exact=True).tap()
    has_left(anna, "second")
    # The screen's keys stay.
    expect(field(anna)).to_be_focused()
    assert sent(anna) == [("first\nsecond", [])]
    value = '{"sendWith": "enter"}'
    anna.api("PUT", "/users/@me/settings/client.keyboard", {"value": value})
    anna.page.reload()
    field(anna).tap()
    anna.page.keyboard.type("third")
    anna.page.keyboard.press("Enter")
    anna.sees("third")


@pytest.fixture
def plain(person, server):
    """Somebody whose server has no TLS, where browsers withhold part of what they can."""
    anna = settle(person("anna", base_url=f"http://plain.test:{server.port}"))
    assert anna.page.evaluate("isSecureContext") is False
    return anna


def test_without_tls_messages_and_files_are_sent_as_with_it(plain):
    attach(plain, SMALL)
    expect(plain.page.locator(".tray-file")).to_contain_text("notes.txt")
    plain.say("in plain words")
    has_left(plain, "in plain words")
    assert sent(plain) == [("in plain words", ["notes.txt"])]


@pytest.mark.long
def test_what_can_not_be_queued_goes_back_to_the_field_with_what_was_written_since(writer):
    writer.page.evaluate("() => { crypto.getRandomValues = crypto.randomUUID = () => { throw new Error('worn out'); }; }")
    writer.say("a long thought")
    expect(field(writer)).to_have_value("a long thought")
    expect(writer.page.locator(".notice.error")).to_contain_text("The message could not be sent")
    assert sent(writer) == []
    writer.page.reload()
    expect(field(writer)).to_have_value("a long thought")
    field(writer).press("Enter")
    has_left(writer, "a long thought")


def completions(anna):
    return anna.page.locator(".completion")


def begin_mention(anna, text, *found):
    """Writes the beginning of a name, until the list shows who is meant."""
    field(anna).fill("")
    field(anna).press_sequentially(text)
    for each in found:
        expect(completions(anna).filter(has_text=f"@{each.name}")).to_be_visible()


def test_completions_belong_to_the_place_of_the_caret_and_close_when_it_leaves(writer, person):
    bob = person("bob")
    writer.invite(writer.channel, bob)
    keys = writer.page.keyboard
    for leave in (
        lambda: keys.press("Home"),
        lambda: [keys.press("ArrowLeft") for _ in range(2)],
        lambda: keys.press("Shift+ArrowLeft"),
        lambda: field(writer).click(position={"x": 12, "y": 12}),
    ):
        begin_mention(writer, "please ask @bob", bob)
        leave()
        expect(completions(writer)).to_have_count(0)
        expect(field(writer)).to_have_value("please ask @bob")
    begin_mention(writer, "please ask @bob", bob)
    # The key comes before the page has heard of the caret.
    writer.page.evaluate("""() => {
      const field = document.querySelector("#composer-text");
      field.setSelectionRange(0, 0);
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true, cancelable: true }));
    }""")
    expect(completions(writer)).to_have_count(0)
    expect(field(writer)).to_have_value("please ask @bob")
    begin_mention(writer, "please ask @bob", bob)
    keys.press("Tab")
    expect(field(writer)).to_have_value(f"please ask @{bob.name} ")


def test_shift_tab_leaves_the_field_and_completes_nothing(writer, person):
    bob = person("bob")
    writer.invite(writer.channel, bob)
    begin_mention(writer, "ask @bob", bob)
    writer.page.keyboard.press("Shift+Tab")
    expect(completions(writer)).to_have_count(0)
    expect(field(writer)).to_have_value("ask @bob")
    expect(field(writer)).not_to_be_focused()


@pytest.fixture
def crowd(writer, person):
    """Three whose names begin alike, in a server whose members are not known beforehand."""
    bob, bobby, boa = (person(name) for name in ("bob", "bobby", "boa"))
    writer.invite(writer.channel, bob, bobby, boa)
    Held(writer.page, "**/members?*", "GET")
    writer.page.reload()
    begin_mention(writer, "@bob", bob, bobby)
    expect(completions(writer).filter(has_text=boa.name)).to_have_count(0)
    return bob, bobby, boa


@pytest.fixture
def among_strangers(person):
    """A writer in a server with `bob`, whom the client has never seen."""
    writer = person("anna")
    writer.bob = person("bob")
    server, writer.channel = writer.make_server()
    writer.api("POST", f"/servers/{server}/channels", {"name": "other"})
    writer.invite(writer.channel, writer.bob)
    Held(writer.page, "**/members?*", "GET")
    writer.enter(f"/channels/{server}/{writer.channel}")
    expect(writer.page.locator(".self-card")).to_contain_text("Online")
    return writer


@pytest.mark.long
def test_who_is_named_in_full_is_mentioned_also_where_one_has_never_seen_them(among_strangers, person):
    writer, bob, boa = among_strangers, among_strangers.bob, person("boa")
    field(writer).fill(f"@{bob.name}, are you there? @{boa.name} is not, nor is @nobody.")
    field(writer).press("Enter")
    has_left(writer, "are you there?")
    assert sent(writer)[0][0] == f"<@{bob.id}>, are you there? @{boa.name} is not, nor is @nobody."


@pytest.mark.long
def test_a_text_that_becomes_too_long_by_a_mention_says_so_and_can_be_changed(among_strangers):
    writer = among_strangers
    text = f"@{writer.bob.name} ".ljust(3999, "x")
    field(writer).fill(text)
    field(writer).press("Enter")
    expect(writer.page.locator(".failed-line")).to_contain_text("4,000")
    writer.page.get_by_role("button", name="Change").click()
    expect(field(writer)).to_have_value(text)


@pytest.fixture
def unanswered(among_strangers):
    """A writer to whom the gateway says nothing of members, and who asks for one in each message."""
    among_strangers.page.evaluate("""() => {
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) { if (!String(data).includes('"query"')) send.call(this, data); };
    }""")
    return among_strangers


@pytest.mark.long
def test_a_message_whose_names_are_looked_up_is_there_at_once_and_survives_a_reload(unanswered):
    writer = unanswered
    writer.say("a word to @nobodyatall")
    expect(writer.page.locator(".message.pending")).to_contain_text("a word to @nobodyatall")
    writer.page.reload()
    has_left(writer, "a word to @nobodyatall")
    assert len(sent(writer)) == 1


@pytest.mark.long
def test_what_is_written_elsewhere_or_anew_while_names_are_looked_up_stays(unanswered):
    writer = unanswered
    writer.say("a word to @nobodyatall")
    go(writer, "other")
    go(writer, "general")
    field(writer).fill("a new draft")
    has_left(writer, "a word to @nobodyatall")
    writer.page.reload()
    expect(field(writer)).to_have_value("a new draft")


@pytest.mark.long
def test_who_goes_on_writing_while_a_change_is_looked_up_is_not_done(unanswered):
    writer = unanswered
    writer.say("a word")
    has_left(writer, "a word")
    field(writer).press("ArrowUp")
    editor = writer.page.locator(".editor textarea")
    editor.press("End")
    keys = writer.page.keyboard
    keys.type(" to @nobodyatall")
    keys.press("Enter")
    keys.type(" and more")
    # Longer than names are waited for.
    writer.page.wait_for_timeout(2000)
    expect(editor).to_have_value("a word to @nobodyatall and more")
    keys.press("Enter")
    keys.press("Escape")
    writer.page.wait_for_timeout(2000)
    expect(editor).to_have_count(0)
    assert sent(writer)[0][0] == "a word"


@pytest.mark.long
def test_who_was_chosen_stays_so_when_others_are_found_later(writer, crowd):
    keys = writer.page.keyboard
    name = completions(writer).nth(1).locator(".soft").inner_text()
    keys.press("Backspace")
    keys.press("ArrowDown")
    chosen = writer.page.locator(".completion[aria-selected=true]")
    # Longer than the client waits before it asks.
    writer.page.wait_for_timeout(1000)
    expect(completions(writer)).to_have_count(3)
    expect(chosen).to_contain_text(name)
    keys.press("Enter")
    expect(field(writer)).to_have_value(f"{name} ")


@pytest.mark.long
def test_a_list_that_was_refused_does_not_come_back_with_a_late_answer(writer, crowd):
    keys = writer.page.keyboard
    keys.press("Backspace")
    keys.press("Escape")
    # Longer than the client waits before it asks.
    writer.page.wait_for_timeout(1000)
    expect(completions(writer)).to_have_count(0)
    keys.press("Enter")
    has_left(writer, "@bo")
    assert sent(writer) == [("@bo", [])]


@pytest.mark.long
def test_emoji_that_come_after_they_were_refused_complete_nothing(writer):
    emoji = Held(writer.page, "**/emoji/*.js", "GET")
    writer.page.reload()
    field(writer).press_sequentially(":smi")
    emoji.wait(1)
    keys = writer.page.keyboard
    keys.press("Escape")
    emoji.release()
    writer.page.wait_for_function("performance.getEntriesByType('resource').some(({ name }) => name.includes('/emoji/'))")
    writer.page.wait_for_timeout(300)
    expect(completions(writer)).to_have_count(0)
    keys.press("Enter")
    has_left(writer, ":smi")
    assert sent(writer) == [(":smi", [])]


def files_in(page):
    return page.locator(".tray-file bdi")


@pytest.mark.long
def test_a_file_belongs_to_one_tab_and_goes_to_another_when_that_is_closed(writer):
    other = writer.open_page()
    attach(writer, SMALL)
    expect(files_in(writer.page)).to_have_text(["notes.txt"])
    other.goto(writer.page.url)
    expect(other.locator("#composer-text")).to_be_visible()
    other.set_input_files(".composer input[type=file]", [{**SMALL, "name": "mine.txt"}])
    expect(files_in(other)).to_have_text(["mine.txt"])
    attach(writer, {**SMALL, "name": "more.txt"})
    expect(files_in(writer.page)).to_have_text(["notes.txt", "more.txt"])
    writer.say("from one")
    has_left(writer, "from one")
    expect(files_in(other)).to_have_text(["mine.txt"])
    writer.say("from two", other)
    writer.sees("from two", other)
    expect(other.locator(".message.pending")).to_have_count(0)
    assert sent(writer) == [("from one", ["notes.txt", "more.txt"]), ("from two", ["mine.txt"])]
    attach(writer, SMALL)
    expect(files_in(writer.page)).to_have_text(["notes.txt"])
    other.reload()
    expect(other.locator("#composer-text")).to_be_visible()
    expect(files_in(other)).to_have_count(0)
    writer.page.close()
    expect(files_in(other)).to_have_text(["notes.txt"])
    writer.say("from the one that is left", other)
    until(other, lambda: sent(writer)[2:] == [("from the one that is left", ["notes.txt"])])


@pytest.mark.long
def test_without_tls_a_file_that_one_tab_has_sent_is_in_no_other(plain):
    other = plain.open_page()
    attach(plain, SMALL)
    expect(files_in(plain.page)).to_have_text(["notes.txt"])
    other.goto(plain.page.url)
    expect(files_in(other)).to_have_text(["notes.txt"])
    plain.say("from one")
    has_left(plain, "from one")
    expect(files_in(other)).to_have_count(0)
    plain.say("from two", other)
    has_left(plain, "from two")
    assert sent(plain) == [("from one", ["notes.txt"]), ("from two", [])]


def test_without_tls_texts_are_copied_or_shown_to_be_copied_by_hand(plain):
    plain.say("worth keeping")
    has_left(plain, "worth keeping")
    plain.act("worth keeping", "Copy text")
    expect(plain.page.locator(".notice", has_text="Copied")).to_be_visible()
    field(plain).click()
    plain.page.keyboard.press("Control+v")
    expect(field(plain)).to_have_value("worth keeping")
    plain.page.evaluate("() => { document.execCommand = () => false; }")
    plain.act("worth keeping", "Copy text")
    shown = plain.page.get_by_role("dialog").locator("textarea")
    expect(shown).to_have_value("worth keeping")
    expect(shown).to_be_focused()
    assert plain.page.evaluate("String(getSelection())") == "worth keeping"


def test_what_is_pasted_beside_the_field_goes_into_it(writer):
    writer.say("something to read")
    has_left(writer, "something to read")
    writer.page.evaluate("navigator.clipboard.writeText('from elsewhere')")
    writer.message("something to read").click()
    writer.page.keyboard.press("Control+v")
    expect(field(writer)).to_have_value("from elsewhere")
    expect(field(writer)).to_be_focused()
    writer.page.evaluate(COPY, [{}, base64.b64encode(DOT).decode()])
    writer.message("something to read").click()
    writer.page.keyboard.press("Control+v")
    expect(files_in(writer.page)).to_have_text(["image.png"])
    expect(field(writer)).to_have_value("from elsewhere")


@pytest.mark.long
def test_a_picture_of_the_list_that_is_dropped_on_the_list_is_no_file(writer):
    attach(writer, {"name": "dot.png", "mimeType": "image/png", "buffer": room.picture()})
    writer.say("a picture")
    has_left(writer, "a picture")
    shown = writer.page.locator(".message-scroller .picture img")
    expect(shown).to_be_visible()
    # A browser without a screen gives no file to a drag of its own.
    drag = """(picture, starts) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], starts ? "own.png" : "foreign.png", { type: "image/png" }));
      const tell = (name) => picture.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
      for (const name of starts ? ["dragstart", "drop", "dragend"] : ["drop"]) tell(name);
    }"""
    shown.evaluate(drag, True)
    shown.evaluate(drag, False)
    expect(files_in(writer.page)).to_have_text(["foreign.png"])
