"""What a text looks like, where its grammar meets the page."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def pair(person):
    """Two members of a server, one of them looking at its first channel."""
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    alice.enter(f"/channels/{server}/{channel}")
    expect(alice.page.locator("#composer-text")).to_be_visible()
    alice.channel = bob.channel = channel
    return alice, bob


def write(alice, text, **more):
    return alice.api("POST", f"/channels/{alice.channel}/messages", {"content": text, **more})


def test_a_spoiler_over_several_paragraphs_is_hidden_until_it_is_pressed(pair, picture):
    alice, bob = pair
    write(bob, "look:\n||The butler\n\n```\ndid it\n```\n|| at last")
    shown = alice.message("look").locator(".markdown")
    expect(shown).to_contain_text("at last")
    expect(shown).not_to_contain_text("butler")
    shown.locator("button.spoiler").click()
    expect(shown.locator(".spoiler.open")).to_contain_text("butler")
    expect(shown.locator(".spoiler.open pre")).to_have_text("did it")
    picture(alice.page, "hidden-blocks")


def test_a_long_spoiler_is_hidden_in_the_line_of_an_answer(pair):
    alice, bob = pair
    secret = write(bob, "||" + "The butler did it. " * 30 + "||")
    write(bob, "wow", reply_to_id=secret["id"])
    line = alice.message("wow").locator(".reply-line")
    expect(line).to_contain_text("▒▒▒")
    expect(line).not_to_contain_text("butler")


def test_a_name_within_an_address_is_part_of_it(pair):
    alice, bob = pair
    address = f"https://example.org/@{bob.name}/post"
    alice.say(f"see {address} by @{bob.name} now")
    message = alice.message("see")
    expect(message.locator(".markdown a")).to_have_attribute("href", address)
    expect(message.locator("button.mention")).to_have_count(1)


def test_what_is_copied_is_what_is_shown(pair):
    alice, bob = pair
    write(bob, f"**hi** <@{alice.id}>")
    alice.sees("hi")
    alice.act("hi", "Copy text")
    expect(alice.page.locator("#notices .notice")).to_be_visible()
    assert alice.page.evaluate("navigator.clipboard.readText()") == f"hi @{alice.name}"
