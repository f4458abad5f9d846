"""Private threads, receipts, and words that one waits for."""

import pytest
from playwright.sync_api import expect

from people import PHONE
from test_everyone import check


@pytest.fixture
def pair(person):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server("The aviary")
    alice.invite(channel, bob)
    alice.place, alice.channel = server, channel
    return alice, bob


def test_a_private_thread_is_begun_and_somebody_is_brought_into_it(pair, picture):
    alice, bob = pair
    bob.enter(f"/channels/{alice.place}/{alice.channel}")
    page = alice.enter(f"/channels/{alice.place}/{alice.channel}").page
    page.get_by_role("button", name="Threads").click()
    page.get_by_role("button", name="Start a thread").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("Name").fill("A surprise")
    dialog.get_by_label("Private").focus()
    page.keyboard.press("Space")
    expect(dialog.get_by_label("Members bring others")).to_be_checked()
    check(page, "a thread that is begun")
    picture(page, "thread-start")
    dialog.get_by_role("button", name="Make").click()
    expect(page.locator(".channel-header .tag")).to_have_text("Private")
    # A thread has no threads: nothing stays open that offers to start one.
    expect(page.locator(".panel")).to_be_hidden()
    alice.say("Bob has his birthday soon")
    page.get_by_role("button", name="Members").first.click()
    panel = page.locator(".panel")
    expect(panel.locator("li")).to_have_count(1)
    panel.get_by_role("button", name="Bring people").click()
    dialog.get_by_label("Search").fill(bob.name)
    dialog.get_by_role("button", name=f"Bring {bob.name}").click()
    expect(dialog.get_by_text("Is in it")).to_be_visible()
    check(page, "people to bring")
    picture(page, "thread-bring")
    page.keyboard.press("Escape")
    expect(panel.locator("li")).to_have_count(2)
    check(page, "members of a thread")
    picture(page, "thread-members")
    thread = page.url.rsplit("/", 1)[-1]
    bob.page.goto(f"{bob.page.url.rsplit('/', 1)[0]}/{thread}")
    bob.sees("Bob has his birthday soon")
    page.set_viewport_size(PHONE)
    picture(page, "thread-members-phone")
    panel.get_by_role("button", name=f"Put {bob.name} out").click()
    expect(panel.locator("li")).to_have_count(1)
    expect(bob.page.get_by_text("Bob has his birthday soon")).to_have_count(0)


def test_who_wrote_sees_who_has_read(pair, picture):
    alice, bob = pair
    alice.api("PATCH", f"/channels/{alice.channel}", {"read_receipts": True})
    page = alice.enter(f"/channels/{alice.place}/{alice.channel}").page
    alice.say("Is anybody there?")
    bob.enter(f"/channels/{alice.place}/{alice.channel}")
    bob.sees("Is anybody there?")
    receipt = page.locator(".receipt")
    expect(receipt).to_have_text("Read by 1")
    check(page, "a receipt")
    picture(page, "receipt")
    receipt.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog.locator("li")).to_contain_text(bob.name)
    check(page, "readers")
    picture(page, "readers")
    page.keyboard.press("Escape")
    alice.say("Good.")
    expect(page.locator(".receipt")).to_have_count(1)


def test_one_waits_for_a_word(pair, picture):
    alice, bob = pair
    page = alice.enter(f"/channels/{alice.place}/{alice.channel}").page
    page.keyboard.press("Control+,")
    page.locator(".settings-window").get_by_role("button", name="Notifications", exact=True).click()
    page.get_by_label("New word").fill("heron")
    page.keyboard.press("Enter")
    expect(page.locator(".keyword-list")).to_contain_text("heron")
    page.get_by_role("combobox", name="Not in these channels").select_option("general")
    page.get_by_role("button", name="Hear of #general again").wait_for()
    assert alice.api("GET", "/users/@me/keyword-alerts")["exclude_channel_ids"] == [alice.channel]
    check(page, "words")
    picture(page, "keywords")
    page.get_by_role("button", name="Hear of #general again").click()
    expect(page.get_by_role("button", name="Hear of #general again")).to_have_count(0)
    page.keyboard.press("Escape")
    bob.api("POST", f"/channels/{alice.channel}/messages", {"content": "A Heron!"})
    page.get_by_role("button", name="Inbox").click()
    expect(page.locator(".inbox-entry")).to_contain_text("said “heron”")
    picture(page, "keyword-told")
