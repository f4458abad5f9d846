"""Writing with a method of input, as the browsers tell of it."""

from playwright.sync_api import expect

from hand import Hand


def test_the_enter_that_accepts_a_word_never_sends_and_the_next_one_does(person):
    writer = person("writer")
    server, channel = writer.make_server()
    page = writer.enter(f"/channels/{server}/{channel}").page
    field, hand = page.locator("#composer-text"), Hand(page)
    field.click()
    for accept in (hand.accept_as_chrome, hand.accept_as_firefox, hand.accept_as_safari):
        hand.compose("にほん")
        accept("日本")
        expect(field, accept.__name__).to_have_value("日本")
        field.press("Enter")
        expect(field).to_have_value("")
    expect(page.locator(".message:not(.pending)")).to_have_count(3)
    assert writer.texts() == ["日本"] * 3
