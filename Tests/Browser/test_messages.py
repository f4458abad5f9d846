"""Two people talk: everything that one does with messages."""

import base64
import io
import pathlib
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from people import Held, until
from server import ROOT

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def pair(person):
    """Two members of a server, both looking at its first channel."""
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    for each in (alice, bob):
        each.enter(f"/channels/{server}/{channel}")
        expect(each.page.locator("#composer-text")).to_be_visible()
    alice.channel = bob.channel = channel
    alice.place = bob.place = server
    return alice, bob


def test_what_one_writes_the_other_sees_and_answers(pair, picture):
    alice, bob = pair
    alice.page.locator("#composer-text").press_sequentially("He")
    expect(bob.page.locator(".typing")).to_contain_text(f"{alice.name} is writing")
    alice.say("Hello, Bob!")
    alice.sees("Hello, Bob!")
    bob.sees("Hello, Bob!")
    bob.message("Hello, Bob!").hover()
    bob.page.get_by_role("button", name="Reply").click()
    expect(bob.page.locator(".reply-bar")).to_contain_text(alice.name)
    bob.say("Hello yourself")
    expect(alice.message("Hello yourself").locator(".reply-line")).to_contain_text("Hello, Bob!")
    assert alice.texts() == bob.texts() == ["Hello, Bob!", "Hello yourself"]
    picture(alice.page, "conversation")


def test_messages_are_edited_deleted_and_what_they_said_before_is_kept(pair):
    alice, bob = pair
    alice.say("Frist!")
    bob.sees("Frist!")
    alice.sees("Frist!")
    expect(alice.page.locator(".message.pending")).to_have_count(0)
    alice.page.locator("#composer-text").press("ArrowUp")
    editor = alice.page.locator(".editor textarea")
    expect(editor).to_have_value("Frist!")
    editor.fill("First!")
    editor.press("Enter")
    bob.sees("First!")
    expect(bob.message("First!").locator(".edited")).to_be_visible()
    bob.act("First!", "Earlier versions")
    expect(bob.page.get_by_role("dialog")).to_contain_text("Frist!")
    bob.page.keyboard.press("Escape")
    alice.act("First!", "Delete")
    alice.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(bob.page.locator(".message")).to_have_count(0)
    expect(alice.page.locator(".message")).to_have_count(0)


def test_reactions_are_counted_for_both_and_taken_back(pair):
    alice, bob = pair
    alice.say("Cake?")
    bob.message("Cake?").hover()
    bob.page.get_by_role("button", name="React", exact=True).click()
    bob.page.get_by_label("Search emoji").fill("birthday cake")
    bob.page.get_by_role("button", name="birthday cake").click()
    reaction = alice.message("Cake?").locator(".reaction")
    expect(reaction).to_contain_text("1")
    expect(reaction).to_have_attribute("aria-pressed", "false")
    reaction.click()
    expect(bob.message("Cake?").locator(".reaction")).to_contain_text("2")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    bob.message("Cake?").locator(".reaction").click()
    expect(reaction).to_contain_text("1")
    reaction.click(button="right")
    expect(alice.page.get_by_role("dialog")).to_contain_text(alice.name)


def test_markdown_is_shown_and_nothing_of_it_runs(pair, picture):
    alice, bob = pair
    alice.say(
        "# Big\n**bold** *soft* ~~gone~~ ||secret|| `code` [site](https://example.org)\n> quoted\n- one\n- two\n"
        "```swift\nlet x = 1 // why\n```\n<img src=x onerror=alert(1)> <script>alert(2)</script> javascript:alert(3)"
    )
    bob.sees("Big")
    text = bob.message("Big").locator(".markdown")
    expect(text.locator("strong")).to_have_text("bold")
    expect(text.locator("s")).to_have_text("gone")
    expect(text.locator("blockquote")).to_have_text("quoted")
    expect(text.locator("li")).to_have_text(["one", "two"])
    expect(text.locator("pre .code-keyword")).to_have_text("let")
    expect(text.locator("a")).to_have_attribute("href", "https://example.org/")
    expect(text.locator("img, script")).to_have_count(0)
    expect(text).to_contain_text("<script>alert(2)</script>")
    expect(text.locator("button.spoiler")).to_be_visible()
    text.locator("button.spoiler").click()
    expect(text.locator(".spoiler.open")).to_have_text("secret")
    picture(bob.page, "markdown")


def test_names_channels_and_emoji_are_completed(pair):
    alice, bob = pair
    field = alice.page.locator("#composer-text")
    field.press_sequentially(f"Hi @{bob.name[:3]}")
    expect(alice.page.get_by_role("option").first).to_contain_text(bob.name)
    field.press("Tab")
    field.press_sequentially("see #gen")
    expect(alice.page.get_by_role("option").first).to_contain_text("general")
    field.press("Enter")
    field.press_sequentially(":tada")
    expect(alice.page.get_by_role("option").first).to_contain_text("party popper")
    field.press("Enter")
    field.press("Enter")
    message = bob.message("see")
    expect(message.locator(".mention.own")).to_have_text(f"@{bob.name}")
    expect(message.locator("a.mention")).to_have_text("#general")
    expect(message).to_contain_text("🎉")
    expect(message).to_have_class(re.compile("for-me"))


def test_pictures_and_files_are_sent_shown_and_downloaded(pair, picture, tmp_path):
    alice, bob = pair
    photo = tmp_path / "photo.png"
    photo.write_bytes((ROOT / "Web/icons/aviary-512.png").read_bytes())
    text = tmp_path / "words.txt"
    text.write_text("some words")
    with alice.page.expect_file_chooser() as chooser:
        alice.page.get_by_role("button", name="Add a file or a poll").click()
        alice.page.get_by_role("menuitem", name="Upload files").click()
    chooser.value.set_files([photo, text])
    expect(alice.page.locator(".tray-file")).to_have_count(2)
    expect(alice.page.locator(".tray-file progress")).to_have_count(0)
    alice.say("Look!")
    image = bob.message("Look!").locator(".picture img")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    with bob.page.expect_download() as download:
        bob.message("Look!").get_by_label("Download words.txt").click()
    assert pathlib.Path(download.value.path()).read_text() == "some words"
    image.click()
    expect(bob.page.locator(".viewer img")).to_be_visible()
    picture(bob.page, "viewer")
    bob.page.keyboard.press("Escape")
    picture(bob.page, "pictures")


def test_a_pasted_picture_is_uploaded_and_can_be_taken_out_again(pair):
    alice, _ = pair
    alice.page.locator("#composer-text").focus()
    alice.page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], "dot.png", {type: "image/png"}));
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        base64.b64encode(DOT).decode(),
    )
    expect(alice.page.locator(".tray-file")).to_contain_text("dot.png")
    alice.page.get_by_role("button", name="Remove dot.png").click()
    expect(alice.page.locator(".tray-file")).to_have_count(0)


def test_polls_are_asked_answered_and_ended(pair, picture):
    alice, bob = pair
    alice.page.get_by_role("button", name="Add a file or a poll").click()
    alice.page.get_by_role("menuitem", name="New poll").click()
    alice.page.get_by_label("Question").fill("Tea or coffee?")
    alice.page.get_by_label("Answer 1", exact=True).fill("Tea")
    alice.page.get_by_label("Answer 2", exact=True).fill("Coffee")
    alice.page.get_by_role("button", name="Ask").click()
    option = bob.page.locator(".poll-option", has_text="Tea")
    option.click()
    expect(option).to_have_attribute("aria-pressed", "true")
    expect(alice.page.locator(".poll-option", has_text="Tea")).to_contain_text("1 vote")
    expect(alice.page.locator(".poll-option", has_text="Tea")).to_have_attribute("aria-pressed", "false")
    alice.page.locator(".poll-option", has_text="Coffee").click()
    expect(option).to_contain_text("50 %")
    picture(bob.page, "poll")
    alice.page.get_by_role("button", name="End it").click()
    alice.page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(option).to_be_disabled()


def test_messages_are_pinned_kept_forwarded_and_opened_from_their_link(pair):
    alice, bob = pair
    alice.say("Remember this")
    alice.sees("Remember this")
    alice.act("Remember this", "Pin")
    bob.page.get_by_role("button", name="Pinned messages").click()
    expect(bob.page.locator(".panel .card-message")).to_contain_text("Remember this")
    bob.act("Remember this", "Bookmark")
    bob.page.get_by_role("button", name="Inbox").click()
    bob.page.locator(".panel").get_by_role("button", name="Bookmarks").click()
    expect(bob.page.locator(".panel .card-message")).to_contain_text("Remember this")
    bob.act("Remember this", "Copy link")
    link = bob.page.evaluate("navigator.clipboard.readText()")
    bob.page.goto(link)
    expect(bob.page.locator(".message.highlighted")).to_contain_text("Remember this")
    alice.act("Remember this", "Forward")
    alice.page.get_by_role("dialog").get_by_role("listitem").first.get_by_role("button").click()
    expect(bob.page.locator(".forwarded")).to_contain_text("Remember this")


def test_a_thread_is_started_from_a_message_and_the_other_writes_in_it(pair):
    alice, bob = pair
    alice.say("A wide field")
    alice.message("A wide field").hover()
    alice.page.get_by_role("button", name="Start a thread").click()
    alice.page.get_by_role("dialog").get_by_label("Name").fill("The field")
    alice.page.get_by_role("dialog").get_by_role("button", name="Make").click()
    expect(alice.page.locator(".channel-header h1")).to_contain_text("The field")
    alice.say("In the thread")
    bob.message("A wide field").locator(".thread-link").click()
    bob.sees("In the thread")
    bob.say("Me too")
    alice.sees("Me too")
    alice.page.reload()
    alice.sees("Me too")
    expect(alice.page.locator(".channel-header h1")).to_contain_text("The field")


def test_drafts_are_kept_for_each_channel_also_when_the_page_is_loaded_again(pair):
    alice, _ = pair
    other = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "other"})
    alice.page.locator("#composer-text").fill("not yet")
    alice.page.get_by_role("link", name="other, Text").click()
    expect(alice.page.locator("#composer-text")).to_have_value("")
    alice.page.reload()
    alice.page.get_by_role("link", name="general, Text").click()
    expect(alice.page.locator("#composer-text")).to_have_value("not yet")
    assert other["name"] == "other"


def test_what_is_unread_is_counted_marked_with_a_line_and_read_when_seen(pair):
    alice, bob = pair
    other = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "other"})
    bob.page.get_by_role("link", name="other, Text").click()
    expect(bob.page.locator(".channel-header h1")).to_contain_text("other")
    alice.say("one")
    alice.say(f"@{bob.name} two")
    link = bob.page.locator(".sidebar .channel-link", has_text="general")
    expect(link).to_have_class(re.compile("unread"))
    expect(link.locator(".badge")).to_contain_text("1")
    expect(bob.page).to_have_title(re.compile(r"^\(1\)"))
    link.click()
    expect(bob.page.locator(".new-line")).to_be_visible()
    expect(link.locator(".badge")).to_have_count(0)
    bob.page.get_by_role("link", name="other, Text").click()
    expect(link).not_to_have_class(re.compile("unread"))
    bob.page.reload()
    expect(link).not_to_have_class(re.compile("unread"))
    assert bob.api("GET", "/users/@me/unread")["unread_counts"] == {}
    link.click()
    bob.act("one", "Mark as unread")
    bob.page.get_by_role("link", name="other, Text").click()
    expect(link).to_have_class(re.compile("unread"))
    assert other["id"]


def test_no_message_breaks_the_list(pair):
    alice, bob = pair
    for text in ("https://[", "https://%", "https://a:99999999", "<https://[x>", "[x](https://[y)", "https://\u202eevil", "<t:999999999999:R>", "`" * 50, "> " * 200, "a" + "\u0301" * 500, "🏳️‍🌈" * 100):
        alice.api("POST", f"/channels/{alice.channel}/messages", {"content": text})
    alice.api("POST", f"/channels/{alice.channel}/messages", {"content": "still here"})
    bob.sees("still here")
    expect(bob.page.locator(".message")).to_have_count(12)
    expect(bob.page.get_by_text("This message can't be shown")).to_have_count(0)


@pytest.mark.long
def test_a_channel_is_printed_over_as_many_pages_as_it_takes(pair, picture):
    alice, _ = pair
    page = alice.page
    for number in range(12):
        alice.api("POST", f"/channels/{alice.channel}/messages", {"content": f"line {number} " + "words " * 200})
    alice.sees("line 11")
    place = "document.querySelector('.message-scroller').scrollTop"
    before = page.evaluate(place)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) > 2
    assert page.evaluate(place) == before > 0
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    for part in ("#composer-text", ".sidebar", ".rail", ".channel-header button"):
        expect(page.locator(part).first).to_be_hidden()
    expect(alice.message("line 0 ")).to_be_visible()
    picture(page, "printed")


@pytest.mark.long
def test_signs_upon_a_letter_stay_in_their_row(pair):
    alice, bob = pair
    marks = "".join(chr(0x300 + number % 0x6F) for number in range(1500))
    joined = "\u200d".join(["👨"] * 1001)
    for text in (".", f"far from the edge e{marks}", ".", f"{joined}"):
        alice.api("POST", f"/channels/{alice.channel}/messages", {"content": text})
    text = bob.message("far from the edge").locator(".message-text")
    expect(text).to_be_visible()
    place = text.bounding_box()
    for top in (place["y"] - 26, place["y"] + place["height"] + 10):
        strip = {"x": place["x"] + 60, "y": top, "width": 160, "height": 16}
        colours = Image.open(io.BytesIO(bob.page.screenshot(clip=strip))).convert("RGB").getcolors()
        assert len(colours) == 1
    assert bob.page.locator(".message-scroller").evaluate("(list) => list.scrollWidth - list.clientWidth") == 0


# As Chromium's and other translators do it.
TRANSLATE = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const all = [];
  while (texts.nextNode()) if (texts.currentNode.data.trim()) all.push(texts.currentNode);
  for (const text of all) {
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    inner.textContent = text.data.toUpperCase();
    outer.append(inner);
    text.replaceWith(outer);
  }
}"""


@pytest.mark.long
def test_a_page_that_is_translated_says_nothing_twice(pair):
    alice, bob = pair
    message = alice.api("POST", f"/channels/{alice.channel}/messages", {"content": "the heron"})
    bob.sees("the heron")
    page = bob.page
    for number in range(2):
        page.evaluate(TRANSLATE)
        expect(page.locator(".message-text font").first).to_be_visible()
        alice.api("PATCH", f"/channels/{alice.channel}/messages/{message['id']}", {"content": f"the heron {number}"})
        alice.api("PUT", f"/channels/{alice.channel}/messages/{message['id']}/reactions/%F0%9F%91%8D")
        alice.api("PATCH", f"/channels/{alice.channel}", {"name": f"reeds{number}"})
        expect(page.locator(".sidebar")).to_contain_text(f"reeds{number}")
        bob.sees(f"the heron {number}")
        assert page.locator(".message-text").inner_text().lower().count("heron") == 1
        assert page.locator(".sidebar").inner_text().lower().count("reeds") == 1


def test_a_mention_that_was_read_where_it_was_said_does_not_count_at_the_bell(pair):
    alice, bob = pair
    server, channel = alice.place, alice.channel
    other = alice.api("POST", f"/servers/{server}/channels", {"name": "other"})["id"]
    bob.page.get_by_role("link", name="other, Text").click()
    bell = bob.page.locator(".channel-header .with-badge .badge")
    alice.api("POST", f"/channels/{channel}/messages", {"content": f"<@{bob.id}> are you there?"})
    expect(bell).to_contain_text("1")
    bob.page.get_by_role("link", name=re.compile("general")).first.click()
    bob.sees("are you there?")
    expect(bell).to_have_count(0)
    bob.page.reload()
    bob.sees("are you there?")
    expect(bell).to_have_count(0)


@pytest.mark.long
def test_a_message_that_is_changed_to_name_one_while_one_looks_at_it_does_not_count_at_the_bell(pair):
    alice, bob = pair
    message = alice.api("POST", f"/channels/{alice.channel}/messages", {"content": "somebody should look"})
    bob.sees("somebody should look")
    told = lambda: bob.api("GET", "/users/@me/notifications")
    until(bob.page, lambda: bob.api("GET", f"/channels/{bob.channel}/messages/unread")["unread_count"] == 0)
    alice.api("PATCH", f"/channels/{alice.channel}/messages/{message['id']}", {"content": f"<@{bob.id}> should look"})
    bob.sees("should look")
    until(bob.page, lambda: told() and all(each["read"] for each in told()))
    expect(bob.page.locator(".channel-header .with-badge .badge")).to_have_count(0)


@pytest.mark.long
def test_what_is_marked_as_unread_right_after_it_was_seen_stays_so(pair):
    alice, bob = pair
    bob.page.locator(".self-card").wait_for()
    bob.page.goto("/channels/@me")
    alice.api("POST", f"/channels/{alice.channel}/messages", {"content": f"<@{bob.id}> read me twice"})
    bob.page.goto(f"/channels/{bob.place}/{bob.channel}")
    bob.message("read me twice").wait_for()
    bob.act("read me twice", "Mark as unread")
    # Longer than it takes until what was seen is told to the server.
    bob.page.wait_for_timeout(1500)
    assert bob.api("GET", f"/channels/{bob.channel}/messages/unread")["unread_count"] == 1


@pytest.mark.long
def test_a_message_is_forwarded_as_it_is_by_then_and_not_after_its_end(pair):
    alice, bob = pair
    for end in ("edit", "delete", "delete its channel"):
        channel = alice.channel
        if end == "delete its channel":
            channel = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "passing"})["id"]
        message = bob.api("POST", f"/channels/{channel}/messages", {"content": f"first words, then {end}"})
        if channel != alice.channel:
            alice.page.get_by_role("link", name="passing, Text").click()
        alice.sees(f"then {end}")
        alice.act(f"then {end}", "Forward")
        dialog = alice.page.get_by_role("dialog", name="Forward")
        expect(dialog.get_by_role("listitem").first).to_be_visible()
        path = f"/channels/{channel}/messages/{message['id']}"
        if end == "edit":
            bob.api("PATCH", path, {"content": "second words"})
            alice.sees("second words")
            dialog.get_by_role("listitem").first.get_by_role("button").click()
            expect(dialog).to_have_count(0)
            expect(alice.page.locator(".forwarded")).to_contain_text("second words")
            continue
        if end == "delete":
            bob.api("DELETE", path)
        else:
            alice.api("DELETE", f"/channels/{channel}")
        expect(dialog).to_have_count(0)
        notice = alice.page.locator(".notice", has_text="is not there any more")
        expect(notice).to_be_visible()
        notice.evaluate("(notice) => notice.remove()")


def test_who_is_named_in_a_thread_is_in_it_and_counts_it_as_the_server_does(pair):
    alice, bob = pair
    other = alice.api("POST", f"/servers/{alice.place}/channels", {"name": "other"})["id"]
    thread = alice.api("POST", f"/channels/{alice.channel}/threads", {"name": "aside"})["id"]
    alice.api("POST", f"/channels/{thread}/messages", {"content": "before bob came"})
    alice.api("POST", f"/channels/{thread}/messages", {"content": f"<@{bob.id}> come here"})
    row = bob.page.locator(".channel-link.thread", has_text="aside")
    expect(row.locator(".badge")).to_contain_text("1")
    # Counting anew changes nothing.
    passing = alice.api("POST", f"/channels/{other}/messages", {"content": "a slip"})
    expect(bob.page.locator(".channel-link", has_text="other")).to_have_class(re.compile("unread"))
    alice.api("DELETE", f"/channels/{other}/messages/{passing['id']}")
    expect(bob.page.locator(".channel-link", has_text="other")).not_to_have_class(re.compile("unread"))
    expect(row.locator(".badge")).to_contain_text("1")
    counts = bob.api("GET", f"/channels/{thread}/messages/unread")
    assert (counts["unread_count"], counts["mention_count"]) == (1, 1)
    bob.page.reload()
    expect(row.locator(".badge")).to_contain_text("1")


@pytest.mark.long
def test_what_was_written_for_a_channel_that_is_gone_is_handed_back_and_lost_by_nothing(pair):
    alice, bob = pair
    places = [alice.api("POST", f"/servers/{alice.place}/channels", {"name": f"passing-{number}"})["id"] for number in (1, 2)]
    page = bob.page
    page.get_by_role("link", name="passing-1, Text").click()
    page.locator("#composer-text").fill("half a thought")
    held = Held(page, "**/messages", "POST")
    page.get_by_role("link", name="passing-2, Text").click()
    bob.say("on its way")
    held.wait(1)
    page.get_by_role("link", name="general, Text").click()
    for place in places:
        alice.api("DELETE", f"/channels/{place}")
    held.release()
    for text in ("half a thought", "on its way"):
        expect(page.locator(".notice", has_text=text)).to_contain_text("a channel that is gone")
    page.locator(".notice", has_text="half a thought").get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "half a thought"
    page.locator(".self-card").click()
    page.get_by_role("menuitem", name="Log out").click()
    page.wait_for_url("**/login")


@pytest.mark.long
def test_an_answer_that_is_on_its_way_to_a_message_that_is_deleted_can_be_sent_without_it(pair):
    alice, bob = pair
    question = alice.api("POST", f"/channels/{alice.channel}/messages", {"content": "a question"})
    bob.sees("a question")
    bob.act("a question", "Reply")
    held = Held(bob.page, "**/messages", "POST")
    bob.say("an answer")
    held.wait(1)
    alice.api("DELETE", f"/channels/{alice.channel}/messages/{question['id']}")
    expect(bob.page.locator(f'[data-id="{question["id"]}"]')).to_have_count(0)
    held.release()
    expect(bob.page.locator(".failed-line")).to_contain_text("The message that this answers")
    bob.page.get_by_role("button", name="Try again").click()
    alice.sees("an answer")
    expect(alice.message("an answer").locator(".reply-line")).to_have_count(0)
