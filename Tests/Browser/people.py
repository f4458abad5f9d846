"""People with browsers of their own, and what they do."""

import itertools
import json
import re

from playwright.sync_api import Error, expect

from server import PASSWORD

NUMBERS = itertools.count(1)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

# Requests pass a test that holds them back while the service worker takes over the page, so only tests of what it does have it.
WITHOUT_WORKER = {"service_workers": "block"}
WITH_WORKER = {"service_workers": "allow"}

# Messages of the browser that are no fault of the page: answers that tests ask for.
EXPECTED = re.compile(r"the server responded with a status of|net::ERR_|WebSocket connection|preload|pubKeyCredParams|blocked by Playwright|Cross-Origin-Opener-Policy header has been ignored")


# Looks when the page itself does not: Chromium forgets what is shown in the same moment.
NOTIFICATIONS = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const all = await navigator.locks.request("aviary-notifications", () => registration.getNotifications());
    return all.map(({ title, body, icon, renotify }) => ({ title, body, icon, renotify }));
}"""


def notifications(page, until):
    """The system's notifications as soon as a rule on their texts, which are sorted, holds; after 10 s whichever there are."""
    for _ in range(200):
        told = sorted(page.evaluate(NOTIFICATIONS), key=lambda one: one["body"])
        if until([one["body"] for one in told]):
            break
        page.wait_for_timeout(50)
    return told


def told(page, count):
    """The texts of the system's notifications, as soon as there are so many."""
    return [one["body"] for one in notifications(page, lambda texts: len(texts) == count)]


def until(page, holds):
    """Lets a page go on until something holds that is not to be seen in it; for 20 s at most."""
    for _ in range(400):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


def leave(page):
    """Ends what a page is about: Chromium may never close one that is on its way elsewhere."""
    try:
        page.goto("about:blank")
    except Error as error:
        if "interrupted by another navigation" not in error.message:
            raise
        # The page had begun before; this one follows.
        page.wait_for_url("about:blank")


class Held:
    """Requests that get no answer until they are let go."""

    def __init__(self, page, pattern, method="POST"):
        self.page, self.pattern, self.method = page, pattern, method
        self.routes, self.is_holding = [], True
        page.route(pattern, self.handle)

    def handle(self, route):
        if self.is_holding and route.request.method == self.method:
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self, count):
        """Until so many are held."""
        until(self.page, lambda: len(self.routes) >= count)

    def release(self):
        self.is_holding = False
        for route in self.routes:
            route.continue_()


class Person:
    def __init__(self, server, browser, name, viewport=DESKTOP, **options):
        self.server = server
        self.name = f"{name}{next(NUMBERS)}"
        answer = server.api(
            "POST", "/auth/register",
            {"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD},
        )
        self.token, self.id = answer["token"], answer["user"]["id"]
        self.faults = []
        self.browser = browser
        options = {"base_url": server.origin} | WITHOUT_WORKER | options
        self.context = browser.new_context(viewport=viewport, locale="en-US", **options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.open_page()

    def open_page(self):
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self.hear)
        return page

    def hear(self, message):
        if message.type in ("error", "warning") and not EXPECTED.search(message.text):
            self.faults.append(message.text)

    def api(self, method, path, body=None):
        return self.server.api(method, path, body, self.token)

    def enter(self, path="/", page=None):
        """Opens the client as somebody who logged in before."""
        page = page or self.page
        session = json.dumps({"token": self.token, "userID": self.id})
        page.goto("/client/none", wait_until="commit")
        page.evaluate("(session) => localStorage.setItem('aviary.session', session)", session)
        # Messages may be there before the browser calls the page loaded, and then it waits for their pictures.
        page.goto(path, wait_until="commit")
        expect(page.locator(".self-card")).to_be_attached()
        return self

    def go_to(self, path):
        """Enters an address; a window that was closed a moment before may take the first try back with its own entry."""
        try:
            self.page.goto(path)
        except Error as error:
            if "ERR_ABORTED" not in error.message:
                raise
            self.page.goto(path)

    def log_in_again(self):
        """A new token, for rights that the server remembers with the old one."""
        self.token = self.server.api("POST", "/auth/login", {"username": self.name, "password": PASSWORD})["token"]

    def make_server(self, name="The nest"):
        """A server with its first channel: `(server id, channel id)`."""
        server = self.api("POST", "/servers", {"name": name})
        return server["id"], server["default_channel_id"]

    def invite(self, channel, *others):
        code = self.api("POST", f"/channels/{channel}/invites")["code"]
        for other in others:
            other.api("POST", f"/channels/invites/{code}")
        return code

    def befriend(self, other):
        self.api("POST", "/relationships", {"user_id": other.id})
        other.api("PUT", f"/relationships/{self.id}/accept")

    def server_settings(self, section):
        """Opens the settings of the server that is shown: a section's content."""
        self.page.locator(".server-name").click()
        self.page.get_by_role("menuitem", name="Server settings").click()
        self.page.locator(".settings-window").get_by_role("button", name=section, exact=True).click()
        return self.page.locator(".settings-content")

    def goes_to(self, page):
        """Looks at one of several windows: those behind it draw once a second."""
        if len(self.context.pages) > 1:
            page.bring_to_front()
        return page

    def say(self, text, page=None):
        field = self.goes_to(page or self.page).locator("#composer-text")
        field.fill(text)
        field.press("Enter")

    def sees(self, text, page=None):
        expect(self.message(text, page)).to_be_visible()

    def message(self, text, page=None):
        return (page or self.page).locator(".message-scroller .message", has_text=text).last

    def act(self, text, label):
        """Chooses from the menu of a message."""
        self.message(text).hover()
        self.page.locator(".message-toolbar").get_by_label("More", exact=True).click()
        self.page.get_by_role("menuitem", name=label, exact=True).click()

    def texts(self, page=None):
        """What stands in the list of messages, from the top."""
        return (page or self.page).locator(".message-scroller .message:not(.pending) .message-text").all_inner_texts()

    def close(self):
        for page in self.context.pages:
            leave(page)
        self.context.close()
