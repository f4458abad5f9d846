"""What holds when the network or the server does not."""

import json
import re

import pytest
from playwright.sync_api import expect

from people import WITH_WORKER
from server import Server


@pytest.fixture
def own_server():
    server = Server()
    yield server
    server.close()


def pair(person, **options):
    alice, bob = person("alice", **options), person("bob", **options)
    server, channel = alice.make_server()
    alice.invite(channel, bob)
    for each in (alice, bob):
        each.enter(f"/channels/{server}/{channel}")
    return alice, bob, channel


def test_offline_one_reads_on_and_what_is_written_is_sent_once_afterwards(person, picture):
    alice, bob, _ = pair(person, **WITH_WORKER)
    alice.say("before")
    bob.sees("before")
    alice.context.set_offline(True)
    expect(alice.page.get_by_text("You are offline.")).to_be_visible()
    alice.say("first while away")
    alice.say("second while away")
    expect(alice.page.locator(".message.pending")).to_have_count(2)
    picture(alice.page, "offline")
    bob.say("meanwhile")
    # What came last is kept a moment after it came.
    alice.page.wait_for_timeout(1500)
    alice.page.reload()
    expect(alice.page.locator(".message", has_text="before")).to_be_visible()
    expect(alice.page.locator(".message.pending")).to_have_count(2)
    alice.context.set_offline(False)
    expect(alice.page.locator(".message.pending")).to_have_count(0, timeout=20_000)
    bob.sees("second while away")
    wanted = ["before", "meanwhile", "first while away", "second while away"]
    expect(alice.page.locator(".message-scroller .message-text")).to_have_text(wanted)
    expect(bob.page.locator(".message-scroller .message-text")).to_have_text(wanted)


@pytest.mark.long
def test_the_network_is_cut_and_the_server_killed_and_both_show_the_same(person, own_server, picture):
    alice, bob, channel = pair(person, server=own_server)
    said = []

    def both_say(round_number):
        for each in (alice, bob):
            for number in range(2):
                said.append(f"{each.name} {round_number}.{number}")
                each.say(said[-1])

    both_say(1)
    alice.context.set_offline(True)
    both_say(2)
    alice.context.set_offline(False)
    both_say(3)
    own_server.kill()
    both_say(4)
    expect(alice.page.locator(".status-line")).to_contain_text("can't be reached")
    picture(alice.page, "server-gone")
    own_server.start()
    both_say(5)
    for each in (alice, bob):
        expect(each.page.locator(".message.pending")).to_have_count(0, timeout=40_000)
        expect(each.page.locator(".message-scroller .message-text")).to_have_count(len(said), timeout=40_000)
    kept = [message["content"] for message in reversed(alice.api("GET", f"/channels/{channel}/messages?limit=100"))]
    assert sorted(kept) == sorted(said)
    assert alice.texts() == bob.texts() == kept
    # Each one's own order is kept.
    for each in (alice, bob):
        own = [text for text in kept if text.startswith(each.name)]
        assert own == sorted(own)


def test_two_windows_of_one_person_agree(person):
    alice, bob, channel = pair(person)
    other = alice.open_page()
    server = alice.api("GET", "/servers")[0]["id"]
    alice.enter(f"/channels/{server}/{channel}", page=other)
    alice.say("from the first")
    alice.sees("from the first", other)
    alice.say("from the second", other)
    alice.sees("from the second")
    bob.say(f"@{alice.name} look")
    alice.sees("look", other)
    expect(other).to_have_title(re.compile(r"^#general"))
    expect(alice.page).to_have_title(re.compile(r"^#general"))
    alice.goes_to(alice.page).locator(".self-card").click()
    alice.page.get_by_role("menuitem", name="Log out").click()
    expect(other.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_a_refused_message_says_why_and_can_be_changed(person):
    alice, bob, channel = pair(person)
    server = alice.api("GET", "/servers")[0]["id"]
    everyone = next(role for role in alice.api("GET", f"/servers/{server}/roles") if role["is_default"])
    # The page does not know of it yet when the message is sent.
    bob.page.route("**/messages", lambda route: (alice.api("PUT", f"/channels/{channel}/overwrites/{everyone['id']}", {"type": "role", "deny": ["messages.send"]}), route.continue_()) if route.request.method == "POST" else route.continue_())
    bob.say("may I?")
    expect(bob.page.locator(".message.failed")).to_contain_text("You are not allowed to do that.")
    alice.api("DELETE", f"/channels/{channel}/overwrites/{everyone['id']}")
    bob.page.unroute("**/messages")
    bob.page.locator(".message.failed").get_by_role("button", name="Try again").click()
    alice.sees("may I?")


@pytest.mark.long
def test_what_several_tabs_wrote_offline_is_sent_by_those_that_are_left_in_order_and_once(person):
    alice = person("alice")
    server, channel = alice.make_server()
    second, third = alice.open_page(), alice.open_page()
    for page in (alice.page, second, third):
        alice.enter(f"/channels/{server}/{channel}", page)
        expect(page.locator("#composer-text")).to_be_visible()
    alice.context.set_offline(True)
    pending = third.locator(".message.pending")
    for number, (text, page) in enumerate([("first", alice.page), ("second", second), ("no", alice.page), ("third", third)]):
        alice.say(text, page)
        expect(pending).to_have_count(number + 1)
    # Each tab has all of them, and may take back what was not sent.
    second.locator(".message.pending", has_text="no").get_by_role("button", name="Change").click()
    expect(second.locator("#composer-text")).to_have_value("no")
    expect(pending).to_have_count(3)
    alice.page.close()
    sent = []
    alice.context.on("request", lambda request: request.method == "POST" and request.url.endswith("/messages") and sent.append(request.post_data_json["content"]))
    alice.context.set_offline(False)
    wanted = ["first", "second", "third"]
    for page in (second, third):
        expect(page.locator(".message.pending")).to_have_count(0, timeout=20_000)
        expect(page.locator(".message-scroller .message-text")).to_have_text(wanted)
    assert sent == wanted
    assert [message["content"] for message in alice.api("GET", f"/channels/{channel}/messages")][::-1] == wanted


@pytest.mark.long
def test_a_message_that_the_server_may_have_is_not_taken_back(person):
    alice = person("alice")
    server, channel = alice.make_server()
    alice.enter(f"/channels/{server}/{channel}")
    expect(alice.page.locator("#composer-text")).to_be_visible()
    held = []
    alice.page.route("**/messages", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    alice.say("under way")
    pending = alice.page.locator(".message.pending")
    expect(pending).to_have_count(1)
    alice.say("behind it")
    expect(pending.last.get_by_role("button", name="Change")).to_be_visible()
    expect(pending.first.get_by_role("button")).to_have_count(0)
    pending.last.get_by_role("button", name="Change").click()
    expect(alice.page.locator("#composer-text")).to_have_value("behind it")
    held[0].continue_()
    expect(pending).to_have_count(0)
    assert alice.texts() == ["under way"]


def test_an_answer_that_was_lost_makes_no_second_message(person):
    alice, bob, channel = pair(person)
    lost = []

    def lose_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    alice.page.route(f"**/channels/{channel}/messages", lose_first)
    alice.say("only once")
    bob.sees("only once")
    expect(alice.page.locator(".message.pending")).to_have_count(0)
    assert len(lost) == 1
    assert alice.texts() == bob.texts() == ["only once"]


def test_a_page_that_is_too_old_asks_for_an_update(person):
    alice = person("alice").enter()
    envelope = '{"error":{"code":"VERSION_OUTDATED","message":"Client version a.1.0-1 is no longer supported","update_url":"https://example.org/new"}}'
    alice.page.route("**/api/v1/relationships**", lambda route: route.fulfill(status=426, body=envelope, content_type="application/json"))
    alice.page.get_by_role("tab", name="Add friend").click()
    alice.page.get_by_label("User name").fill("somebody")
    alice.page.get_by_role("button", name="Send request").click()
    expect(alice.page.get_by_role("heading", name="There is an update")).to_be_visible()


@pytest.mark.long
def test_limits_are_waited_for_as_long_as_the_server_says(person):
    alice, bob, channel = pair(person)
    answers = []

    def refuse_once(route):
        if route.request.method == "POST" and not answers:
            answers.append(429)
            route.fulfill(status=429, body='{"error":{"code":429,"message":"Rate limited","retry_after":0.7}}', content_type="application/json")
        else:
            route.continue_()

    alice.page.route(f"**/channels/{channel}/messages", refuse_once)
    alice.say("patience")
    bob.sees("patience")
    assert alice.texts() == ["patience"]


def test_a_page_opens_one_connection_which_identifies_once_and_resumes_the_next_time(person):
    alice = person("alice")
    server, channel = alice.make_server()
    sockets = []
    alice.page.on("websocket", lambda socket: sockets.append(frames_of(socket)))
    alice.enter(f"/channels/{server}/{channel}")
    alice.say("here")
    alice.sees("here")
    alice.page.wait_for_timeout(2500)
    alice.page.reload()
    alice.sees("here")
    alice.say("again")
    alice.sees("again")
    assert [[op for op in ops if op in (2, 6)] for ops in sockets] == [[2], [6]]


def frames_of(socket):
    """The operations that the page sends over a connection, as they come."""
    ops = []
    socket.on("framesent", lambda frame: ops.append(json.loads(frame)["op"]))
    return ops
