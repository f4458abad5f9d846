import pathlib

import pytest
from playwright.sync_api import expect, sync_playwright

from people import DESKTOP, Person
from server import ROOT, Server

SCREENSHOTS = ROOT / ".build/browser"

# A machine that is busy with other things is slow, and not wrong.
expect.set_options(timeout=20_000)


def pytest_configure(config):
    config.addinivalue_line("markers", "long: what `make test-long` runs in addition")


@pytest.fixture(scope="session")
def server():
    # Each device sends to each; test_forwarding.py has a media server.
    server = Server(**{"voice.sfu": "off"})
    yield server
    server.close()


@pytest.fixture(scope="session")
def playwright():
    """There can be one at a time."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    # A name that is not this machine's own, so that browsers do not trust it without TLS.
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP plain.test 127.0.0.1"]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def person(server, browser):
    """Makes people; at the end, none of their pages may have had a fault."""
    people = []

    def make(name, viewport=DESKTOP, server=server, **options):
        people.append(Person(server, browser, name, viewport, **options))
        return people[-1]

    yield make
    for each in people:
        each.close()
    faults = [fault for each in people for fault in each.faults]
    assert not faults, faults


@pytest.fixture
def picture(request):
    """Keeps a picture of a page, for looking at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def keep(page, name):
        page.screenshot(path=str(pathlib.Path(SCREENSHOTS) / f"{name}.png"))

    return keep
