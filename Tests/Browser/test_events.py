"""Scheduled events: planning, answering, changing, and being told."""

from playwright.sync_api import expect

from people import DESKTOP, PHONE
from test_everyone import check


def test_an_event_is_planned_answered_and_called_off(person, picture):
    alice, bob = person("alice"), person("bob")
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    page = alice.enter(f"/channels/{server}/{channel}").page
    page.get_by_role("button", name="Events").click()
    page.get_by_role("button", name="Plan an event").click()
    form = page.locator("dialog").last
    form.get_by_label("Name").fill("Choir practice")
    form.get_by_label("Place or address").fill("The old mill")
    form.get_by_label("Begins").fill("2030-03-05T19:00")
    form.get_by_label("Ends", exact=True).fill("2030-03-05T21:00")
    form.get_by_label("Repeats").select_option("weekly")
    form.get_by_label("Tuesday").check()
    form.get_by_label("Time zone").select_option("Europe/Berlin")
    check(page, "event form")
    picture(page, "event-form")
    form.get_by_role("button", name="Save").click()
    shown = page.locator("dialog").last
    expect(shown).to_contain_text("Choir practice")
    expect(shown).to_contain_text("Repeats weekly on Tuesday")
    expect(shown).to_contain_text("This date ends")
    event = alice.api("GET", f"/servers/{server}/events")[0]
    assert event["recurrence"]["by_weekday"] == ["tu"] and event["timezone"] == "Europe/Berlin"
    assert event["starts_at"] == 1898964000, "the clocks of Berlin are an hour ahead"

    other = bob.enter(f"/channels/{server}/{channel}").page
    other.get_by_role("button", name="Events 1 planned").click()
    expect(other.get_by_role("button", name="Choir practice")).to_contain_text("Repeats weekly on Tuesday")
    picture(other, "events")
    other.get_by_role("button", name="Choir practice").click()
    details = other.locator("dialog").last
    details.get_by_role("button", name="Going", exact=True).click()
    expect(details).to_contain_text("1 is going")
    details.get_by_label("An hour before").check()
    expect(shown).to_contain_text("1 is going")
    assert bob.api("GET", "/users/@me/events")[0]["me"]["remind_minutes_before"] == [15, 60]
    check(other, "event")
    other.set_viewport_size(PHONE)
    check(other, "event on a phone")
    picture(other, "event-phone")
    other.set_viewport_size(DESKTOP)
    picture(other, "event")
    with other.expect_download() as download:
        details.get_by_role("button", name="Calendar file").click()
    assert download.value.suggested_filename == f"event-{event['id']}.ics"

    # One date by itself: he does not come to the second, and she moves it.
    details.get_by_text("Next dates").click()
    second = details.locator(".event-dates li").nth(1)
    second.get_by_role("combobox").select_option("Not going")
    expect(second.get_by_role("combobox")).to_have_value("not_going")
    expect(details.locator(".event-dates li").nth(0).get_by_role("combobox")).to_have_value("going")
    second.get_by_role("combobox").select_option("No answer of its own")
    expect(second.get_by_role("combobox")).to_have_value("going")
    check(other, "event dates")
    shown.get_by_text("Next dates").click()
    shown.locator(".event-dates li").nth(1).get_by_role("button", name="Move").click()
    moving = page.get_by_role("dialog", name="Move")
    moving.get_by_label("Begins").fill("2030-03-13T18:30")
    moving.get_by_label("Ends", exact=True).fill("2030-03-13T20:00")
    picture(page, "event-move")
    moving.get_by_role("button", name="Save").click()
    expect(shown.locator(".event-dates li").nth(1)).to_contain_text("13")
    assert alice.api("GET", f"/servers/{server}/events/{event['id']}/occurrences")[1]["starts_at"] == 1899653400
    picture(page, "event-dates")

    shown.get_by_role("button", name="Call off").click()
    page.locator("dialog").last.get_by_role("button", name="Call off").click()
    expect(shown).to_contain_text("Cancelled")
    expect(other.locator("#notices")).to_contain_text("Choir practice on")
    other.keyboard.press("Escape")
    other.keyboard.press("Escape")
    other.get_by_role("button", name="Events").click()
    other.get_by_role("button", name="Show past events").click()
    expect(other.get_by_role("button", name="Choir practice")).to_contain_text("Cancelled")
    other.keyboard.press("Escape")
    other.get_by_role("button", name="Inbox").click()
    expect(other.locator(".inbox-text").first).to_contain_text("was called off")
