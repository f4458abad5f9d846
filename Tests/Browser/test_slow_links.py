"""Slow links: what is seen, and can be used, before the scripts have come."""

import json
import re

import pytest
from playwright.sync_api import expect

from people import until
from server import PASSWORD

HOLD = re.compile(r"/client/.*\.(js|css)$")
# The op of the gateway by which a session goes on.
RESUME = 6


class SlowLink:
    """A stranger's page whose scripts and styles wait until they are let through."""

    def __init__(self, server, browser, **options):
        self.context = browser.new_context(base_url=server.origin, service_workers="block", **options)
        self.page = self.context.new_page()
        self.held, self.faults = [], []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: "Content Security Policy" in message.text and self.faults.append(message.text))
        self.is_open = False
        self.page.route(HOLD, lambda route: route.continue_() if self.is_open else self.held.append(route))

    def open(self, path="/login"):
        self.held.clear()
        self.page.goto(path, wait_until="commit")
        return self.page

    def let_through(self):
        """What was held comes, and whatever is asked for from then on."""
        self.is_open = True
        for route in self.held:
            route.continue_()


@pytest.fixture
def slow_link(server, browser):
    links = []

    def make(**options):
        links.append(SlowLink(server, browser, **options))
        return links[-1]

    yield make
    for link in links:
        link.context.close()
        assert not link.faults, link.faults


def test_the_login_is_painted_and_takes_what_is_typed_before_any_script_has_come(slow_link, person, picture):
    bird = person("bird")
    link = slow_link(locale="en-US")
    page = link.open()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(page.get_by_label("User name or e-mail")).to_be_focused()
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    came = page.evaluate("() => performance.getEntriesByType('resource').filter((one) => /\\.(js|css)$/.test(one.name)).length")
    assert came == 0
    button = page.get_by_role("button", name="Log in")
    assert button.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(15, 118, 110)"
    picture(page, "slow-link-login")

    page.keyboard.type(bird.name)
    field = page.locator("#username").element_handle()
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD[:4])
    link.let_through()
    expect(page.get_by_role("link", name="Make an account")).to_be_visible()
    # The fields are the same ones, with the focus where it was.
    assert page.evaluate("(field) => field === document.querySelector('#username')", field)
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD[4:])
    page.keyboard.press("Enter")
    expect(page.locator(".self-card")).to_contain_text(bird.name)


def test_enter_before_the_scripts_have_come_logs_in_once_they_have(slow_link, person):
    bird = person("bird")
    link = slow_link(locale="en-US")
    page = link.open("/")
    page.get_by_label("User name or e-mail").fill(bird.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log in")).to_be_disabled()
    assert page.url.endswith("/")
    link.let_through()
    expect(page.locator(".self-card")).to_contain_text(bird.name)


@pytest.mark.parametrize("locale, title, direction", [("de-AT", "Willkommen zurück", "ltr"), ("ja-JP", "おかえりなさい", "rtl")])
def test_the_first_sight_is_in_the_persons_language_and_looks(slow_link, picture, locale, title, direction):
    link = slow_link(locale=locale, viewport={"width": 390, "height": 844})
    looks = json.dumps(json.dumps({"theme": "dark", "direction": direction, "textSize": 20}))
    link.context.add_init_script(f"localStorage.setItem('aviary.appearance', {looks})")
    page = link.open()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    seen = page.evaluate(
        "() => [document.documentElement.lang, document.documentElement.dir, getComputedStyle(document.body).colorScheme,"
        " getComputedStyle(document.body).fontSize]"
    )
    assert seen == [locale[:2], direction, "dark", "20px"]
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    picture(page, f"slow-link-login-{locale[:2]}")
    # The words of the language do not wait for the other scripts.
    assert page.locator(f"link[rel=modulepreload][href$='texts/{locale[:2]}/main.js']").count() == 1
    link.let_through()
    expect(page.locator(".links a").first).to_be_visible()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def test_who_is_logged_in_sees_the_splash_and_who_goes_elsewhere_no_login(slow_link, person, picture):
    bird = person("bird")
    link = slow_link()
    for path in ["/register", "/invite/abc", "/reset-password"]:
        page = link.open(path)
        expect(page.locator(".splash .spinner")).to_be_visible()
        expect(page.locator("main.login")).to_have_count(0)
    session = json.dumps(json.dumps({"token": bird.token, "userID": bird.id}))
    link.context.add_init_script(f"localStorage.setItem('aviary.session', {session})")
    page = link.open("/channels/@me")
    expect(page.locator(".splash .logo")).to_be_visible()
    picture(page, "slow-link-splash")
    link.let_through()
    expect(page.locator(".self-card")).to_contain_text(bird.name)
    expect(page.locator("#app > .splash")).to_have_count(0)


def test_the_connection_does_not_wait_for_the_words_of_another_language(person):
    bird = person("bird")
    bird.api("PUT", "/users/@me/settings/client.language", {"value": json.dumps({"code": "de"})})
    bird.enter("/channels/@me")
    page = bird.page
    expect(page.get_by_role("tab", name="Alle")).to_be_visible()
    page.wait_for_function("() => localStorage.getItem('aviary.saved-at') !== null")
    held, sent = [], []
    page.route("**/texts/de/main.js", lambda route: held.append(route))
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(json.loads(frame)["op"])))
    page.reload(wait_until="commit")
    until(page, lambda: RESUME in sent and held)
    expect(page.locator("#app > .splash")).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.get_by_role("tab", name="Alle")).to_be_visible()
