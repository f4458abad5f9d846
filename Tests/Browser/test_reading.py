"""Reading: the list moves as the hand moves it, and never by itself."""

import re
import time

import pytest
from playwright.sync_api import expect

from frames import ROUNDING_PX, Frames, against
from hand import Hand
from people import DESKTOP, PHONE, Person, until
from room import LONG, LatePictures, Room, film, picture

UP, DOWN, RESTING = 1, -1, 0


@pytest.fixture(scope="module")
def room(server, browser):
    """110 messages with pictures and a film; the last ones are short."""
    authors = [Person(server, browser, name) for name in ("owner", "second", "third")]
    room = Room(*authors)
    room.target = room.say("the first one")
    room.fill(88, pictures_every=22, films_at=[80])
    for number in range(20):
        room.say(f"short {number}", number // 4 % 3)
    room.answer = room.say("the last one", reply_to_id=room.target["id"])
    yield room
    for author in authors:
        author.close()


@pytest.fixture
def reader(room, person):
    """Opens the room as a new member, at its end."""

    def make(viewport=DESKTOP, **options):
        reader = room.join(person("reader", viewport, **options)).enter(room.path)
        expect(reader.page.locator(f'[data-id="{room.answer["id"]}"]')).to_be_visible()
        reader.hand = Hand(reader.page).point()
        to_end(reader.page)
        return reader

    return make


# The id of the first message of which anything is seen.
FIRST_IN_SIGHT = """() => {
  const list = document.querySelector(".message-scroller");
  return [...list.querySelectorAll("[data-id]")].find((row) => row.offsetTop + row.offsetHeight > list.scrollTop).dataset.id;
}"""


def to_end(page):
    """The end of the list, where a reader begins."""
    frames = Frames(page)
    page.locator(".message-scroller").evaluate("(list) => list.scrollTop = list.scrollHeight")
    frames.at_rest()
    assert below(page) <= ROUNDING_PX


def below(page):
    """How far the end of the list is, in pixels."""
    return page.locator(".message-scroller").evaluate("(list) => list.scrollHeight - list.scrollTop - list.clientHeight")


def in_sight(page, message):
    return page.evaluate(
        """(id) => {
          const list = document.querySelector(".message-scroller").getBoundingClientRect();
          const row = document.querySelector(`.message-scroller [data-id="${id}"]`)?.getBoundingClientRect();
          return Boolean(row) && row.bottom > list.top && row.top < list.bottom;
        }""",
        message["id"],
    )


# MARK: Scrolling up always wins


@pytest.mark.long
def test_each_turn_of_the_wheel_moves_the_list_by_as_much_wherever_the_pointer_rests(reader):
    page, lost = reader().page, []
    hand = Hand(page)
    for step in (20, 60, 120, 300, 600):
        for y in (0.96, 0.8):
            to_end(page)
            hand.point(y=y)
            frames = Frames(page)
            hand.turn(-step)
            moves = frames.at_rest()
            if against(moves, UP) or abs(sum(moves) - step) > ROUNDING_PX:
                lost.append(f"{step} px at {y}: moved {sum(moves):.0f}, against the hand {against(moves, UP)}")
    assert not lost, "\n".join(lost)


def test_a_touchpad_moves_the_list_in_both_directions_over_short_messages(reader):
    page = reader().page
    hand = Hand(page).point(y=0.85)
    frames = Frames(page)
    hand.turn(-20, times=30, pause_s=0.01)
    moves = frames.at_rest()
    assert (against(moves, UP), round(sum(moves))) == ([], 600)
    frames = Frames(page)
    hand.glide(-1500)
    moves = frames.at_rest()
    assert against(moves, UP) == []
    assert 1400 < sum(moves) < 1600
    frames = Frames(page)
    hand.glide(1000)
    moves = frames.at_rest()
    assert against(moves, DOWN) == []
    assert -1100 < sum(moves) < -900


@pytest.mark.long
def test_a_finger_moves_the_list_in_both_directions_and_lets_it_run_on(reader):
    phone = reader(PHONE, has_touch=True, is_mobile=True)
    page, hand = phone.page, phone.hand
    for gesture, px, direction in ((hand.swipe, -300, UP), (hand.flick, -400, UP), (hand.swipe, 200, DOWN), (hand.flick, -400, UP)):
        frames = Frames(page)
        gesture(px)
        moves = frames.at_rest()
        assert against(moves, direction) == []
        assert sum(moves) * direction > abs(px) * 0.8
    assert below(page) > 600


def test_keys_move_the_list_and_leave_it_where_they_brought_it(reader):
    page = reader().page
    page.locator(".message-scroller").focus()
    for key in ("PageUp", "PageUp", "ArrowUp", "Home"):
        frames, before = Frames(page), below(page)
        page.keyboard.press(key)
        moves = frames.at_rest()
        assert against(moves, UP) == [], key
        assert key == "ArrowUp" or below(page) > before + 300, key
    frames = Frames(page)
    page.keyboard.press("PageDown")
    moves = frames.at_rest()
    assert against(moves, DOWN) == []
    assert sum(moves) < -300


# MARK: The list never moves by itself


def test_late_pictures_embeds_and_new_messages_move_nothing_under_the_hand(room, person):
    reader = room.join(person("reader"))
    late = LatePictures(reader.page)
    hook = room.owner.api("POST", "/webhooks", {"channel_id": room.channel, "name": "Builder"})
    address = f"/webhooks/{hook['id']}/{hook['token']}"
    built = [room.owner.server.api("POST", f"{address}?wait=true", {"content": f"built {number}"}) for number in range(3)]
    for number in range(8):
        room.say(f"after it {number}")
    page = reader.enter(room.path).page
    reader.sees("after it 7")
    hand = Hand(page).point(y=0.9)
    to_end(page)
    embed = {"title": "A build", "description": LONG, "fields": [{"name": "lines", "value": "one\ntwo"}]}
    moved = []
    for turn in range(14):
        frames = Frames(page)
        hand.turn(-150)
        if turn % 4 == 1 and built:
            room.owner.server.api("PATCH", f"{address}/messages/{built.pop()['id']}", {"embeds": [embed]})
        if turn % 3 == 0:
            room.say(f"meanwhile {turn}")
        late.come()
        moved += against(frames.at_rest(4), UP)
    assert moved == []
    assert below(page) > 14 * 150
    frames = Frames(page)
    room.say("while the hand rests")
    expect(page.locator(".message", has_text="while the hand rests")).to_be_attached()
    late.come_all()
    assert against(frames.at_rest(), RESTING) == []


def test_who_reads_at_the_end_stays_there_whatever_comes(reader, room):
    page = reader().page
    frames = Frames(page)
    said = room.say("one more\n\nwith a picture", attachments=[room.upload("p.png", picture(2))])
    expect(page.locator(f'[data-id="{said["id"]}"] img')).to_be_visible()
    frames.at_rest()
    assert max(frame["below"] for frame in frames.all()) <= ROUNDING_PX


@pytest.mark.long
def test_who_is_at_the_end_stays_there_when_thirty_messages_come_in_one_frame(person):
    writer = person("writer")
    server, channel = writer.make_server()
    say = lambda text: writer.api("POST", f"/channels/{channel}/messages", {"content": text})
    say("the first one")
    page = writer.enter(f"/channels/{server}/{channel}").page
    writer.sees("the first one")
    frames = Frames(page)
    frames.at_rest()
    page.evaluate("() => void setTimeout(() => { const end = performance.now() + 2000; while (performance.now() < end); })")
    for number in range(30):
        say(f"line {number}")
    writer.sees("line 29")
    frames.at_rest()
    assert frames.all()[-1]["below"] <= ROUNDING_PX
    expect(page.locator(".message-scroller .message")).to_have_count(31)


def test_who_came_by_an_invite_sees_the_newest_message_from_the_first_frame(room, person):
    guest = person("guest").enter()
    late = LatePictures(guest.page)
    for number in range(3):
        room.say(f"look {number}", attachments=[room.upload("p.png", picture(number))])
    last = room.say("", attachments=[room.upload("film.mp4", film())])
    frames = Frames.from_the_first(guest.page)
    guest.page.goto(f"/invite/{room.code}")
    guest.page.get_by_role("button", name="Join").click()
    expect(guest.page.locator(f'[data-id="{last["id"]}"]')).to_be_visible()
    frames.at_rest()
    late.come_all()
    frames.at_rest()
    seen = [frame["below"] for frame in frames.all() if frame["rows"]]
    assert max(seen) <= ROUNDING_PX, seen


def test_who_comes_back_sees_the_unread_line_and_late_pictures_leave_it_there(room, person):
    guest = room.join(person("guest"))
    guest.api("POST", f"/channels/{room.channel}/messages/ack?message_id={room.answer['id']}")
    for number in range(4):
        room.say(f"look again {number}", attachments=[room.upload("p.png", picture(number))])
    for number in range(10):
        room.say(f"unread {number}")
    late = LatePictures(guest.page)
    frames = Frames.from_the_first(guest.page)
    guest.enter(room.path)
    expect(guest.page.locator(".new-line")).to_be_visible()
    frames.at_rest()
    late.come_all()
    frames.at_rest()
    lines = [frame["line"] for frame in frames.all() if frame["rows"]]
    assert None not in lines
    assert 0 <= min(lines) and max(lines) <= frames.all()[0]["height"], lines
    assert max(lines) - min(lines) <= ROUNDING_PX, lines


def test_the_unread_line_stands_from_the_first_frame_while_the_answer_is_awaited(person):
    owner, guest = person("owner"), person("guest")
    server, channel = owner.make_server()
    owner.invite(channel, guest)
    read, *_ = [owner.api("POST", f"/channels/{channel}/messages", {"content": f"line {number}"}) for number in range(40)]
    guest.api("POST", f"/channels/{channel}/messages/ack?message_id={read['id']}")
    answers = []

    def second_is_late(route):
        # The page asks by itself first, and again when it knows what it was told meanwhile.
        answers.append(route.request.url)
        if len(answers) == 2:
            time.sleep(1.5)
        route.continue_()

    guest.page.route(f"**/channels/{channel}/messages?limit=*", second_is_late)
    frames = Frames.from_the_first(guest.page)
    guest.enter(f"/channels/{server}/{channel}")
    expect(guest.page.locator(".new-line")).to_be_visible()
    frames.at_rest()
    assert len(answers) >= 2
    lines = [frame["line"] for frame in frames.all() if frame["rows"]]
    assert None not in lines
    assert max(lines) - min(lines) <= ROUNDING_PX, lines


@pytest.mark.long
def test_who_goes_elsewhere_while_the_newest_messages_are_awaited_is_not_led_back(room, person):
    room.say("an answer", reply_to_id=room.target["id"])
    visitor, held = room.join(person("visitor")), []
    page = visitor.page

    def hold_the_second(route):
        held.append(route)
        if len(held) != 2:
            route.continue_()

    page.route(f"**/channels/{room.channel}/messages?limit=50", hold_the_second)
    visitor.enter(room.path)
    until(page, lambda: len(held) == 2)
    visitor.message("an answer").locator(".reply-line").click()
    expect(visitor.message("the first one")).to_be_in_viewport()
    frames = Frames(page)
    with page.expect_response(lambda answer: answer.request == held[1].request):
        held[1].continue_()
    assert against(frames.at_rest(), RESTING) == []
    page.go_back()
    expect(visitor.message("an answer")).to_be_in_viewport()


@pytest.mark.long
def test_who_sends_four_pictures_stays_at_the_end_while_they_come(reader):
    sender = reader()
    page = sender.page
    page.set_input_files(
        "input[type=file]",
        [{"name": f"{number}.png", "mimeType": "image/png", "buffer": picture(number)} for number in range(4)],
    )
    expect(page.locator(".tray-file")).to_have_count(4)
    expect(page.locator(".tray-file progress")).to_have_count(0, timeout=60_000)
    late = LatePictures(page)
    sender.say("four at once")
    expect(page.locator(".message:not(.pending)", has_text="four at once").locator(".picture")).to_have_count(4)
    frames = Frames(page)
    frames.at_rest()
    late.come_all()
    frames.at_rest()
    assert max(frame["below"] for frame in frames.all()) <= ROUNDING_PX


@pytest.mark.long
def test_who_waits_at_the_end_of_what_is_loaded_does_not_sink_when_the_last_message_comes(person):
    writer = person("writer")
    server, channel = writer.make_server()
    say = lambda text: writer.api("POST", f"/channels/{channel}/messages", {"content": text})
    first = say("the first one")
    for number in range(60):
        say(f"line {number}")
    around = writer.api("GET", f"/channels/{channel}/messages?around={first['id']}&limit=50")
    # One message more than the pages after that hold.
    for number in range(len(around) + 50 + 1 - 61):
        say(f"later {number}")
    waiting = []
    writer.page.route("**/messages?*after=*", lambda route: waiting.append(route))
    page = writer.enter(f"/channels/{server}/{channel}/{first['id']}").page
    writer.sees("the first one")
    hand = Hand(page).point()
    frames = Frames(page)
    moved, answers = [], 0
    while answers < 2:
        hand.turn(600, times=4)
        frames.at_rest()
        if waiting:
            frames = Frames(page)
            waiting.pop().continue_()
            page.wait_for_function("(count) => performance.getEntriesByType('resource').filter((one) => one.name.includes('after=')).length > count", arg=answers)
            moved += against(frames.at_rest(), RESTING)
            answers += 1
    assert moved == []


@pytest.mark.long
def test_the_way_to_the_newest_message_lies_above_the_buttons_of_what_is_under_it(reader, room):
    page = (someone := reader()).page
    someone.hand.turn(-400, times=3)
    pill = page.get_by_role("button", name="To the newest")
    expect(pill).to_be_visible()
    box = pill.bounding_box()
    # Wherever the row under the pointer has its buttons.
    for step in range(-60, 61, 6):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + step)
        covered = pill.evaluate(
            """(pill) => {
              const { left, right, top, height } = pill.getBoundingClientRect();
              const at = (share) => document.elementFromPoint(left + (right - left) * share, top + height / 2);
              return [0.1, 0.3, 0.5, 0.7, 0.9].filter((share) => !pill.contains(at(share)));
            }"""
        )
        assert covered == [], step
    pill.click()
    newest = room.owner.api("GET", f"/channels/{room.channel}/messages?limit=1")[0]["id"]
    expect(page.locator(f'[data-id="{newest}"]')).to_be_in_viewport()


@pytest.mark.long
def test_a_selection_over_several_messages_stays_while_others_are_pointed_at_and_come(room, reader):
    lines = [f"line {number} of three" for number in range(3)]
    for line in lines:
        room.say(line)
    page = reader().page
    hand = Hand(page)
    first, last = (page.locator(".message", has_text=line).last.locator(".markdown p").last for line in (lines[0], lines[2]))
    expect(last).to_be_in_viewport()
    selected = hand.select(first, last)
    assert [line for line in selected.split("\n") if line.startswith("line")] == lines
    hand.point(y=0.3)
    said = room.say("while one selects")
    expect(page.locator(f'[data-id="{said["id"]}"]')).to_be_attached()
    assert page.evaluate("getSelection().toString()") == selected


# MARK: What one presses is shown


@pytest.mark.long
def test_reply_lines_links_pins_and_hits_lead_to_the_message_every_time(room, reader):
    room.owner.api("PUT", f"/channels/{room.channel}/pins/{room.target['id']}")
    room.say(f"link {room.owner.server.origin}{room.path}/{room.target['id']}")
    room.say("answered", reply_to_id=room.target["id"])
    visitor = reader()
    page, lost = visitor.page, []
    visitor.sees("answered")
    # So that the target is loaded, as far away as it is.
    visitor.message("answered").locator(".reply-line").click()
    expect(visitor.message("the first one")).to_be_in_viewport()

    # Back leads to where one was.
    page.go_back()
    expect(visitor.message("answered")).to_be_in_viewport()
    target = page.locator(f'.message-scroller [data-id="{room.target["id"]}"]')
    expect(target).not_to_be_in_viewport()
    page.locator(".message .markdown a", has_text=room.target["id"]).last.click()
    expect(target).to_be_in_viewport()
    page.go_back()
    expect(visitor.message(f"link {room.owner.server.origin}")).to_be_in_viewport()
    visitor.message("answered").locator(".reply-line").click()
    expect(target).to_be_in_viewport()

    def press(what, place):
        for time in ("once", "twice"):
            page.get_by_role("button", name="To the newest").click()
            to_end(page)
            frames = Frames(page)
            place.click()
            expect(page.locator(".message-scroller .message.highlighted")).to_be_attached()
            frames.at_rest()
            if not in_sight(page, room.target):
                lost.append(f"{what}, {time}")

    press("the reply line", visitor.message("answered").locator(".reply-line"))
    press("the link", page.locator(".message .markdown a", has_text=room.target["id"]).last)
    page.get_by_role("button", name="Pinned messages").click()
    press("the pin", page.locator(".panel .card-message").get_by_role("button", name="Go to the message"))
    page.keyboard.press("Control+f")
    page.locator("#search-words").fill("the first one")
    press("the hit", page.locator(".results .card-message", has_text="the first one").get_by_role("button", name="Go to the message").first)
    assert lost == []
    # What was pressed beside the list leads back as well: to the end, and to what stood at the top.
    page.get_by_role("button", name="To the newest").click()
    to_end(page)
    for turns in (0, 12):
        Hand(page).point().turn(-300, times=turns)
        Frames(page).at_rest()
        before = page.evaluate(FIRST_IN_SIGHT)
        page.locator(".results .card-message", has_text="the first one").get_by_role("button", name="Go to the message").first.click()
        expect(target).to_be_in_viewport()
        page.go_back()
        expect(page.locator(f'.message-scroller [data-id="{before}"]')).to_be_in_viewport()
        expect(target).not_to_be_in_viewport()
        if turns == 0:
            expect(page.get_by_role("button", name="To the newest")).to_have_count(0)


# MARK: Coming back


@pytest.mark.long
def test_who_opens_the_page_again_begins_at_what_came_meanwhile(room, person):
    guest = room.join(person("guest"))
    page = guest.enter(room.path).page
    expect(page.locator(f'[data-id="{room.answer["id"]}"]')).to_be_visible()
    # What came last is kept a moment after it came.
    page.wait_for_timeout(1500)
    page.goto("/client/none")
    first, *_ = [room.say(f"meanwhile {number}") for number in range(45)]
    page.goto(room.path)
    line = page.locator(".new-line")
    expect(line).to_be_in_viewport()
    expect(page.locator(".new-line + [data-id]")).to_have_attribute("data-id", first["id"])
    Frames(page).at_rest()
    assert guest.api("GET", f"/channels/{room.channel}/messages/unread")["unread_count"] > 0


@pytest.fixture
def returner(person):
    """Somebody who has been in #general and is in #other by now; 45 messages have come in the former meanwhile."""
    owner, guest = person("owner"), person("guest")
    room = guest.room = Room(owner)
    other = owner.api("POST", f"/servers/{room.server}/channels", {"name": "other"})["id"]
    room.join(guest)
    for number in range(20):
        room.say(f"long ago {number}")
    last = room.say("seen by then")
    guest.api("POST", f"/channels/{room.channel}/messages/ack?message_id={last['id']}")
    page = guest.enter(room.path).page
    guest.sees("seen by then")
    guest.badge = page.locator(".sidebar .channel-link", has_text="general")
    page.get_by_role("link", name="other, Text").click()
    expect(page.locator(".channel-header h1")).to_contain_text("other")
    guest.news = [room.say(f"<@{guest.id}> needle" if number == 10 else f"news {number}") for number in range(45)]
    guest.target = guest.news[10]
    owner.api("POST", f"/channels/{other}/messages", {"content": f"link {owner.server.origin}{room.path}/{guest.target['id']}"})
    expect(guest.badge).to_have_class(re.compile("unread"))
    guest.sees("link")
    yield guest
    # What was not in sight is not read.
    unread = guest.api("GET", f"/channels/{room.channel}/messages/unread")["unread_count"]
    assert unread > 0


def click_on_general(page):
    page.get_by_role("link", name="general, Text").click()


def step_to_what_is_unread(page):
    page.keyboard.press("Alt+Shift+ArrowDown")


@pytest.mark.parametrize("go", [click_on_general, pytest.param(step_to_what_is_unread, marks=pytest.mark.long)])
def test_who_comes_back_to_a_channel_begins_at_what_came_meanwhile(returner, go):
    page = returner.page
    frames = Frames(page)
    go(page)
    line = page.locator(".new-line")
    expect(line).to_be_in_viewport()
    expect(page.locator(".new-line + [data-id]")).to_have_attribute("data-id", returner.news[0]["id"])
    frames.at_rest()
    expect(line).to_be_in_viewport()
    lines = [frame["line"] for frame in frames.all() if returner.news[0]["id"] in frame["rows"]]
    assert max(lines) - min(lines) <= ROUNDING_PX, lines
    # What lies below the window is unread still.
    expect(returner.badge).to_have_attribute("aria-label", re.compile("unread"))


def press_the_link(page):
    page.locator(".message .markdown a", has_text="/channels/").click()


def press_the_mention(page):
    page.keyboard.press("Control+Alt+i")
    page.locator(".panel .inbox-entry button.person").first.click()


def press_the_hit(page):
    page.keyboard.press("Control+f")
    page.locator("#search-words").fill("needle")
    page.locator(".results .card-message", has_text="needle").get_by_role("button", name="Go to the message").first.click()


@pytest.mark.parametrize("go", [
    press_the_link, pytest.param(press_the_mention, marks=pytest.mark.long),
    pytest.param(press_the_hit, marks=pytest.mark.long),
])
def test_links_mentions_and_hits_lead_to_a_message_of_a_channel_that_one_has_been_in(returner, go):
    page = returner.page
    frames = Frames(page)
    go(page)
    target = page.locator(f'.message-scroller [data-id="{returner.target["id"]}"]')
    expect(target).to_be_in_viewport()
    frames.at_rest()
    expect(target).to_be_in_viewport()
    tops = [frame["rows"].get(returner.target["id"]) for frame in frames.all() if returner.news[9]["id"] in frame["rows"]]
    assert None not in tops and max(tops) - min(tops) <= ROUNDING_PX, tops


@pytest.mark.long
def test_where_the_first_unread_message_is_further_up_one_begins_at_the_end_with_the_way_to_it(person):
    owner, guest = person("owner"), person("guest")
    room = Room(owner)
    room.join(guest)
    last = [room.say(f"long ago {number}") for number in range(3)][-1]
    guest.api("POST", f"/channels/{room.channel}/messages/ack?message_id={last['id']}")
    news = [room.say(f"news {number}") for number in range(70)]
    page = guest.enter(room.path).page
    newest = page.locator(f'[data-id="{news[-1]["id"]}"]')
    expect(newest).to_be_in_viewport()
    Frames(page).at_rest()
    expect(newest).to_be_in_viewport()
    page.locator(".jump-bar.top").get_by_role("button", name=re.compile("^70 new")).click()
    expect(page.locator(".new-line")).to_be_in_viewport()
    expect(page.locator(".new-line + [data-id]")).to_have_attribute("data-id", news[0]["id"])


@pytest.mark.long
def test_what_comes_behind_the_list_of_channels_on_a_phone_is_not_read(person):
    owner, guest = person("owner"), person("guest", PHONE)
    server, channel = owner.make_server()
    owner.invite(channel, guest)
    say = lambda text: owner.api("POST", f"/channels/{channel}/messages", {"content": text})
    unread = lambda: guest.api("GET", f"/channels/{channel}/messages/unread")["unread_count"]
    page = guest.enter(f"/channels/{server}/{channel}").page
    say("seen")
    guest.sees("seen")
    until(page, lambda: unread() == 0)
    page.get_by_label("Show channels").click()
    expect(page.locator(".message-scroller")).to_be_hidden()
    first, *_ = [say(f"news {number}") for number in range(45)]
    badge = page.locator(".sidebar .channel-link", has_text="general")
    expect(badge).to_have_attribute("aria-label", re.compile("45 unread"))
    expect(page.locator(".message-scroller .message")).to_have_count(46)
    Frames(page).at_rest()
    assert unread() == 45
    page.go_back()
    expect(page.locator(".new-line")).to_be_in_viewport()
    expect(page.locator(".new-line + [data-id]")).to_have_attribute("data-id", first["id"])
    # What is in sight now is read, and nothing else.
    until(page, lambda: 0 < unread() < 45)


@pytest.mark.long
def test_what_was_said_before_one_came_is_not_new(room, person):
    guest = person("guest")
    # The time of joining is told in whole seconds.
    guest.page.wait_for_timeout(1000)
    room.join(guest)
    first, *_ = [room.say(f"since then {number}") for number in range(3)]
    page = guest.enter(room.path).page
    line = page.locator(".new-line")
    expect(line).to_be_in_viewport()
    assert line.evaluate("(line) => line.nextElementSibling.dataset.id") == first["id"]


@pytest.mark.long
def test_who_goes_to_another_server_and_back_finds_one_list_and_one_field(room, person):
    guest = room.join(person("guest"))
    place, _ = guest.make_server("The cliffs")
    page = guest.enter(room.path).page
    for target in (place, room.server, place, room.server):
        page.locator(f'.rail a[href^="/channels/{target}"]').click()
        expect(page.locator(".message-scroller .message, .beginning").last).to_be_visible()
        expect(page.locator(".message-list")).to_have_count(1)
        expect(page.locator("#composer-text")).to_have_count(1)
