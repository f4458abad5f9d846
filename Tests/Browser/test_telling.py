"""What people are told: names, counts, mentions, timeouts, maintenance; and what is kept from them until they ask."""

import pytest
from playwright.sync_api import expect


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


def test_the_name_of_a_thread_does_not_tell_what_a_message_hides(pair):
    alice, bob = pair
    write(bob, "look ||" + "The butler did it. " * 10 + "||")
    alice.act("look", "Start a thread")
    expect(alice.page.get_by_role("dialog").get_by_label("Name")).to_have_value("look ▒▒▒")
