"""Open pages of settings show at once what somebody else does, and nothing is lost by it."""

import re

import pytest
from playwright.sync_api import expect

from people import until

FOCUSED_ROW = "() => document.activeElement.closest('li')?.innerText ?? document.activeElement.innerText"


@pytest.fixture
def nest(person):
    """An owner on their server's page; a warden who may do everything, and a member."""
    owner, warden, member = person("owner"), person("warden"), person("member")
    server, channel = owner.make_server()
    owner.code = owner.invite(channel, warden, member)
    role = owner.api("POST", f"/servers/{server}/roles", {"name": "Warden", "permissions": {"administrator": True}})
    owner.api("PUT", f"/servers/{server}/members/{warden.id}/roles/{role['id']}")
    owner.enter(f"/channels/{server}/{channel}")
    owner.place, owner.channel, owner.role = server, channel, role["id"]
    return owner, warden, member


def names(content):
    return content.locator(".people strong")


@pytest.mark.long
def test_bans_come_and_go_and_the_focus_stays_in_the_list(nest, person):
    owner, warden, member = nest
    other = person("other")
    owner.invite(owner.channel, other)
    content = owner.server_settings("Bans")
    expect(content).to_contain_text("Nobody is banned")
    bans = f"/servers/{owner.place}/bans"
    warden.api("PUT", f"{bans}/{other.id}", {"reason": "too loud"})
    expect(content).to_contain_text("too loud")
    content.get_by_role("button", name="Lift").focus()
    warden.api("PUT", f"{bans}/{member.id}", {"reason": "louder"})
    # As the server lists them: who came first stands first.
    expect(names(content)).to_have_text([member.name, other.name])
    assert other.name in owner.page.evaluate(FOCUSED_ROW)
    warden.api("DELETE", f"{bans}/{other.id}")
    expect(names(content)).to_have_text([member.name])
    assert member.name in owner.page.evaluate(FOCUSED_ROW)
    warden.api("DELETE", f"{bans}/{member.id}")
    expect(content).to_contain_text("Nobody is banned")
    assert owner.page.evaluate(FOCUSED_ROW) == "Bans"


@pytest.mark.long
def test_a_list_that_comes_late_does_not_hide_what_happened_meanwhile(nest):
    owner, warden, member = nest
    heard, held = [], []
    devices = owner.context.new_cdp_session(owner.page)
    devices.send("Network.enable")
    devices.on("Network.webSocketFrameReceived", lambda event: heard.append(event["response"]["payloadData"]))
    owner.page.route("**/bans?*", lambda route: held.append((route, route.fetch())))
    content = owner.server_settings("Bans")
    until(owner.page, lambda: held)
    warden.api("PUT", f"/servers/{owner.place}/bans/{member.id}", {"reason": "too loud"})
    until(owner.page, lambda: any("GUILD_BAN_ADD" in frame for frame in heard))
    [(route, answer)] = held
    assert answer.json() == []
    route.fulfill(response=answer)
    expect(content).to_contain_text("too loud")


@pytest.mark.long
def test_invites_come_and_go(nest):
    owner, warden, _ = nest
    content = owner.server_settings("Invites")
    expect(content.locator("code")).to_have_text([owner.code])
    code = warden.api("POST", f"/channels/{owner.channel}/invites")["code"]
    expect(content.locator("code")).to_have_text([code, owner.code])
    expect(content.locator("li").first).to_contain_text(warden.name)
    warden.api("DELETE", f"/channels/invites/{owner.code}")
    expect(content.locator("code")).to_have_text([code])


@pytest.mark.long
def test_webhooks_come_and_go_while_another_one_is_being_named(nest):
    owner, warden, _ = nest
    content = owner.server_settings("Webhooks")
    content.get_by_role("button", name="New webhook").click()
    field = owner.page.get_by_role("dialog").get_by_label("Name")
    field.press_sequentially("Wea")
    hook = warden.api("POST", "/webhooks", {"name": "Tides", "channel_id": owner.channel})
    expect(names(content)).to_have_text(["Tides"])
    expect(field).to_be_focused()
    field.press_sequentially("ther")
    expect(field).to_have_value("Weather")
    warden.api("PATCH", f"/webhooks/{hook['id']}", {"name": "Ebbs"})
    expect(names(content)).to_have_text(["Ebbs"])
    warden.api("DELETE", f"/webhooks/{hook['id']}")
    expect(names(content)).to_have_count(0)
    expect(field).to_have_value("Weather")


@pytest.mark.long
def test_the_audit_log_goes_on_above_what_one_reads(nest):
    owner, warden, _ = nest
    for number in range(60):
        owner.api("PATCH", f"/channels/{owner.channel}", {"name": f"general-{number}"})
    content = owner.server_settings("Audit log")
    entries = content.locator(".audit > li")
    expect(entries).to_have_count(50)
    content.get_by_role("button", name="More").click()
    expect(entries).to_have_count(content_of_the_log(owner))
    read = entries.nth(40)
    read.locator("summary").click()
    read.evaluate("(row) => row.scrollIntoView({ block: 'center' })")
    changes = read.locator(".changes").inner_text()
    before = read.bounding_box()["y"]
    warden.api("PATCH", f"/channels/{owner.channel}", {"name": "quiet"})
    expect(entries.first).to_contain_text(warden.name)
    moved = entries.nth(41)
    assert moved.locator(".changes").inner_text() == changes
    expect(moved.locator("details")).to_have_attribute("open", "")
    expect(moved.locator("summary")).to_be_focused()
    assert abs(moved.bounding_box()["y"] - before) < 2


def content_of_the_log(owner):
    return len(owner.api("GET", f"/servers/{owner.place}/audit-logs?limit=100"))


@pytest.mark.long
def test_newcomers_are_found_by_what_is_written_already(nest, person):
    owner, warden, member = nest
    content = owner.server_settings("Members")
    expect(names(content)).to_have_text([owner.name, warden.name, member.name])
    field = content.get_by_label("Find a member")
    field.fill("newcomer")
    expect(content.locator(".empty")).to_be_visible()
    newcomer = person("newcomer")
    owner.invite(owner.channel, newcomer)
    expect(names(content)).to_have_text([newcomer.name])
    expect(field).to_be_focused()
    expect(field).to_have_value("newcomer")
    field.fill("")
    expect(names(content)).to_have_count(4)
    warden.api("DELETE", f"/servers/{owner.place}/members/{newcomer.id}")
    expect(names(content)).to_have_text([owner.name, warden.name, member.name])


@pytest.mark.long
def test_who_may_what_is_told_anew_when_it_changes(nest):
    owner, warden, _ = nest
    content = owner.server_settings("Who may what")
    content.get_by_label("Who", exact=True).select_option(label=warden.name)
    row = content.locator(".why details", has_text="Ban")
    expect(row.locator("summary.yes").first).to_be_visible()
    owner.api("DELETE", f"/servers/{owner.place}/members/{warden.id}/roles/{owner.role}")
    expect(row.locator("summary.no").first).to_be_visible()
    expect(content.get_by_label("Who", exact=True)).to_have_value(re.compile(warden.id))
