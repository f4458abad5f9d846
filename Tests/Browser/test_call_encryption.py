"""Frames of a call between connections of one page: who has the key hears and sees, and nobody else."""

import pathlib

import pytest

from people import until

LISTENING = (pathlib.Path(__file__).parent / "listening.js").read_text()


@pytest.fixture(scope="module")
def browser(playwright):
    """One that plays at once."""
    arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def page(person):
    alice = person("alice")
    alice.enter()
    root = alice.page.evaluate("document.querySelector('script[src*=\"/client/\"]').src.replace(/[^/]*$/, '')")
    alice.page.evaluate(LISTENING, root + "call/encryption/encryption.js")
    return alice.page


def heard(page):
    return page.evaluate("listening.heard()")


def test_who_has_the_key_hears_and_sees_and_nobody_else(page):
    def is_heard(name):
        one = heard(page)[name]
        return one["tone"] > 0.9 and one["pictures"] > 20

    until(page, lambda: is_heard("right"))
    for _ in range(20):
        now = heard(page)
        assert now["right"]["tone"] > 0.9
        for name in ["wrong", "none", "bare"]:
            assert now[name]["tone"] < 0.3, (name, now)
            assert now[name]["pictures"] == 0, (name, now)
        page.wait_for_timeout(50)
    assert now["right"]["opened"] > 100 and now["right"]["clear"] == 0
    for name in ["wrong", "none"]:
        assert now[name]["dropped"] > 50 and now[name]["opened"] == now[name]["clear"] == 0, now
    sent = page.evaluate("listening.sent()")
    assert sent["sealed"] > 400 and sent["clear"] == 0

    # The same ears hear all when it is not encrypted.
    page.evaluate("listening.open()")
    for name in ["right", "wrong", "none", "bare"]:
        until(page, lambda: is_heard(name))

    # Encrypted again, those without the key are where they were.
    page.evaluate("listening.leave()")
    until(page, lambda: heard(page)["bare"]["tone"] < 0.3)
    opened = heard(page)["right"]["opened"]
    until(page, lambda: heard(page)["right"]["opened"] > opened + 50)
    until(page, lambda: heard(page)["right"]["tone"] > 0.9)
    assert heard(page)["bare"]["tone"] < 0.3


def test_odd_messages_leave_the_call_as_it_is(page):
    until(page, lambda: heard(page)["right"]["tone"] > 0.9)
    page.evaluate("listening.trouble()")
    opened = heard(page)["right"]["opened"]
    until(page, lambda: heard(page)["right"]["opened"] > opened + 50)
    assert heard(page)["right"]["tone"] > 0.9
