"""Coming in: accounts, two factors, passkeys, invites."""

from urllib.error import HTTPError

import pyotp
import pytest
from playwright.sync_api import expect

from people import NUMBERS, PHONE
from server import PASSWORD, Server
from test_everyone import check


def test_a_stranger_makes_an_account_a_server_and_an_invite_and_a_second_one_comes_by_it(server, browser, picture):
    first, second = browser.new_page(base_url=server.origin), browser.new_page(base_url=server.origin)
    first.context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = f"robin{next(NUMBERS)}"
    first.goto("/")
    first.get_by_role("link", name="Make an account").click()
    first.get_by_label("User name").fill(name)
    first.get_by_label("E-mail").fill(f"{name}@example.org")
    first.get_by_label("Password", exact=True).fill("short")
    expect(first.locator(".rules .met")).to_have_count(0)
    first.get_by_label("Password", exact=True).fill(PASSWORD)
    expect(first.locator(".rules .met")).to_have_count(4)
    picture(first, "register")
    first.get_by_role("button", name="Make account").click()
    expect(first.get_by_role("heading", name=f"Welcome, {name}")).to_be_visible()
    picture(first, "welcome")
    first.get_by_role("button", name="Add a server").last.click()
    first.get_by_label("Name of the server").fill("Robin's nest")
    first.get_by_role("button", name="Make server").click()
    expect(first.get_by_role("heading", name="Welcome to #general")).to_be_visible()
    first.get_by_role("main").get_by_role("button", name="Invite people").click()
    expect(first.get_by_label("Invite link")).not_to_have_value("")
    link = first.get_by_label("Invite link").input_value()
    first.get_by_role("button", name="Copy", exact=True).click()
    assert first.evaluate("navigator.clipboard.readText()") == link

    second.goto(link)
    expect(second.get_by_role("heading", name="You are invited")).to_be_visible()
    other = f"wren{next(NUMBERS)}"
    second.get_by_label("User name").fill(other)
    second.get_by_label("E-mail").fill(f"{other}@example.org")
    second.get_by_label("Password", exact=True).fill(PASSWORD)
    second.get_by_role("button", name="Make account").click()
    expect(second.locator("#composer-text")).to_be_visible()
    second.locator("#composer-text").fill("Hello from the second one")
    second.locator("#composer-text").press("Enter")
    first.keyboard.press("Escape")
    expect(first.locator(".message", has_text="Hello from the second one")).to_be_visible()
    for page in (first, second):
        page.context.close()


def test_who_has_an_account_sees_where_an_invite_leads_and_joins(person, picture):
    host, guest = person("host"), person("guest").enter()
    place, channel = host.make_server("The branch")
    begin = {"channel_id": channel, "description": "Say hello here", "emoji": "👋"}
    words = {"enabled": True, "description": "Birds of all feathers", "channels": [begin]}
    host.api("PUT", f"/servers/{place}/welcome-screen", words)
    code = host.invite(channel)
    guest.page.goto(f"/invite/{code}")
    expect(guest.page.get_by_role("heading", name="The branch")).to_be_visible()
    expect(guest.page.get_by_text("Birds of all feathers")).to_be_visible()
    expect(guest.page.get_by_role("list", name="Begin here")).to_contain_text("Say hello here")
    check(guest.page, "invite with words of the server")
    picture(guest.page, "invite")
    guest.page.get_by_role("button", name="Join").click()
    expect(guest.page.get_by_role("heading", name="Welcome to #general")).to_be_visible()
    guest.page.goto("/invite/nosuchcode")
    expect(guest.page.get_by_text("The invite is not valid, or not any more.")).to_be_visible()


def test_who_has_an_account_and_is_not_logged_in_keeps_the_invite_on_every_way_in(person):
    host, guest = person("host"), person("guest", PHONE)
    server, channel = host.make_server("The branch")
    code, page = host.invite(channel), guest.page
    page.goto(f"/invite/{code}")
    expect(page.get_by_role("button", name="Make account")).to_have_count(1)
    page.get_by_role("button", name="I have an account").click()
    page.get_by_role("link", name="Make an account").click()
    page.get_by_role("link", name="I have an account").click()
    page.get_by_label("User name or e-mail").fill(guest.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#composer-text")).to_be_visible()
    expect(page).to_have_url(f"{guest.server.origin}/channels/{server}/{channel}")


def test_wrong_passwords_are_explained_and_right_ones_lead_in(person):
    bird = person("bird")
    page = bird.page
    page.goto("/login")
    page.get_by_label("User name or e-mail").fill(bird.name)
    page.get_by_label("Password").fill("Wrong horse 1!")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".self-card")).to_contain_text(bird.name)
    # The account says whether one is an administrator: nothing is asked for that is refused to most.
    expect(page.get_by_role("link", name="Administration")).to_have_count(0)
    assert any("/api/v1/" in url for url in asked)
    assert not any("/admin" in url for url in asked)


def test_two_factor_login_is_turned_on_and_asked_for(person, picture):
    bird = person("bird").enter()
    page = bird.page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Security", exact=True).click()
    page.get_by_role("button", name="Turn on two-factor login").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_alt_text("QR code for the app")).to_be_visible()
    assert page.get_by_alt_text("QR code for the app").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    secret = page.locator(".secret").inner_text().replace(" ", "")
    picture(page, "two-factor")
    page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on", exact=True).click()
    expect(page.get_by_role("heading", name="Backup codes")).to_be_visible()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("10 backup codes are left.")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.locator(".self-card").click()
    page.get_by_role("menuitem", name="Log out").click()
    page.get_by_label("User name or e-mail").fill(bird.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".self-card")).to_be_visible()


def test_a_passkey_is_made_and_opens_the_account(person):
    bird = person("bird").enter()
    page = bird.page
    devices = bird.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                     "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Security", exact=True).click()
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the passkey").fill("My key")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("My key")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.locator(".self-card").click()
    page.get_by_role("menuitem", name="Log out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".self-card")).to_contain_text(bird.name)


def test_a_login_that_was_ended_elsewhere_leads_back_and_keeps_what_was_written(person):
    bird = person("bird")
    _, channel = bird.make_server()
    server = bird.api("GET", "/servers")[0]["id"]
    bird.enter(f"/channels/{server}/{channel}")
    page = bird.page
    page.locator("#composer-text").fill("half a thought")
    bird.api("POST", "/auth/sessions/revoke-all", {"except_current": False})
    expect(page.get_by_text("What you were writing is still here.")).to_be_visible()
    page.get_by_label("User name or e-mail").fill(bird.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#composer-text")).to_have_value("half a thought")


@pytest.mark.long
def test_a_browser_that_refuses_to_keep_anything_has_a_login_that_lasts_as_long_as_the_page(person, server, browser):
    alice = person("alice")
    guild, channel = alice.make_server()
    context = browser.new_context(base_url=server.origin, locale="en-US", service_workers="block")
    # Cookies are blocked, and IndexedDB never answers.
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
          Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
        }
        window.BroadcastChannel = class { constructor() { throw new DOMException("denied", "SecurityError"); } };
        LockManager.prototype.request = () => Promise.reject(new DOMException("denied", "SecurityError"));
        IDBFactory.prototype.open = () => new EventTarget();"""
    )
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/channels/{guild}/{channel}")
    page.get_by_label("User name or e-mail").fill(alice.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    alice.say("kept by the server", page)
    expect(page.locator(".message-scroller .message:not(.pending)", has_text="kept by the server")).to_be_visible()
    assert faults == []
    context.close()


def test_who_makes_an_account_says_their_age_where_the_instance_asks(browser, picture):
    server = Server(**{"registration.age_gate": "dob", "registration.minimum_age": 16})
    context = browser.new_context(base_url=server.origin, locale="en-US", service_workers="block")
    page = context.new_page()
    page.goto("/register")
    page.get_by_label("User name").fill("young")
    page.get_by_label("E-mail").fill("young@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    born = page.get_by_label("Date of birth")
    expect(page.get_by_text("You have to be 16 or older")).to_be_visible()
    born.fill("2024-01-01")
    picture(page, "register-age")
    page.get_by_role("button", name="Make account").click()
    expect(page.get_by_role("alert")).to_have_text("You are too young for an account here.")
    born.fill("1990-05-06")
    page.get_by_role("button", name="Make account").click()
    expect(page.locator(".self-card")).to_be_visible()
    context.close()
    server.close()


def test_what_happened_to_ones_account_stands_in_the_settings_and_the_inbox_leads_there(person, server, picture):
    alice = person("alice")
    page = alice.enter("/channels/@me").page
    for _ in range(5):
        with pytest.raises(HTTPError):
            server.api("POST", "/auth/login", {"username": alice.name, "password": "Wrong horse 1!"})
    page.get_by_role("button", name="Inbox").click()
    page.get_by_text("Something happened to your account").click()
    log = page.locator(".security-log")
    expect(log.locator("li").first).to_contain_text("Logins locked for a while")
    expect(log.locator("li").nth(1)).to_contain_text("Login failed")
    expect(log.locator("li").nth(1)).to_contain_text("5 times")
    expect(log).to_contain_text("Account made")
    picture(page, "security-log")
