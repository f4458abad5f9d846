"""Chromium, with an authenticator of its own, on the server's page.

    passkey_browser.py ORIGIN TOKEN PASSWORD

Prints, as JSON, what became of making passkeys and of logging in with them.
"""

import json
import sys

from playwright.sync_api import sync_playwright

CEREMONIES = """
async ({kind, options}) => {
    const credential = kind === "create"
        ? await navigator.credentials.create(
            {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})
        : await navigator.credentials.get(
            {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)});
    return credential.toJSON();
}
"""

REQUEST = """
async ({path, token, body}) => {
    const headers = {"Content-Type": "application/json"};
    if (token) headers["Authorization"] = `Bearer ${token}`;
    const reply = await fetch(
        "/api/v1/auth/passkeys" + path, {method: "POST", headers, body: JSON.stringify(body)});
    return {status: reply.status, body: await reply.json()};
}
"""


class Browser:
    def __init__(self, page, token, password):
        self.page = page
        self.token = token
        self.password = password
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")

    def add_authenticator(self, is_user_verified):
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": is_user_verified,
            "automaticPresenceSimulation": True,
        }
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return made["authenticatorId"]

    def verify_user(self, authenticator, is_verified):
        self.session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": is_verified}
        )

    def send(self, path, body, token=None):
        return self.page.evaluate(REQUEST, {"path": path, "token": token, "body": body})

    def ceremony(self, kind, options):
        return self.page.evaluate(CEREMONIES, {"kind": kind, "options": options})

    def creation_options(self):
        return self.send("/options/register", {"password": self.password}, self.token)["body"]

    def register(self):
        credential = self.ceremony("create", self.creation_options())
        return self.send("/register", {"credential": credential, "name": "Chromium"}, self.token)

    def log_in(self, **changes):
        options = self.send("/options/authenticate", {})["body"]
        credential = self.ceremony("get", {**options, **changes})
        return self.send("/authenticate", {"credential": credential})

    def refusal(self, action):
        """What the browser itself refuses."""
        try:
            return action()
        except Exception as error:
            return next((name for name in ["InvalidStateError", "NotAllowedError"] if name in str(error)), str(error))


def story(browser):
    authenticator = browser.add_authenticator(is_user_verified=True)
    yield "made", browser.register()
    yield "login", browser.log_in()
    yield "second_login", browser.log_in()
    yield "made_twice", browser.refusal(browser.register)
    browser.verify_user(authenticator, False)
    yield "unverified_in_browser", browser.refusal(browser.log_in)
    # A page that asks for less than the server told it to.
    yield "unverified_at_server", browser.log_in(userVerification="discouraged")
    browser.verify_user(authenticator, True)
    yield "verified_again", browser.log_in()


origin, token, password = sys.argv[1:]
with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = chromium.new_page()
    page.goto(f"{origin}/docs")
    print(json.dumps(dict(story(Browser(page, token, password)))))
    chromium.close()
