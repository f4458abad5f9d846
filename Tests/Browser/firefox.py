"""Firefox over WebDriver BiDi, which it speaks at its own `--remote-debugging-port`: what the core paths need of it, and no
more. https://w3c.github.io/webdriver-bidi/"""

import base64
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from websockets.sync.client import connect

PROGRAM = "/usr/bin/firefox-esr"
ENTER, ARROW_UP, CONTROL = "\ue007", "\ue013", "\ue009"

# A first start looks for nothing elsewhere and shows no page of its own.
PREFERENCES = {
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "en-US",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://localhost:1",
    "toolkit.telemetry.enabled": False,
}

# The last element in sight that has a text or a label.
FIND = """(selector, text) => [...document.querySelectorAll(selector)].filter((element) =>
  element.getClientRects().length > 0 &&
  (!text || [element.innerText, element.getAttribute("aria-label"), element.value].some((one) => one?.includes(text)))).at(-1)"""


class Firefox:
    def __init__(self, width=1280, height=800, **preferences):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="aviary-firefox-"))
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (PREFERENCES | preferences).items()]
        (self.folder / "user.js").write_text("\n".join(lines))
        self.log = self.folder / "firefox.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--headless", "--no-remote", "--profile", str(self.folder), "--remote-debugging-port", "0",
                 f"--width={width}", f"--height={height}", "about:blank"],
                stdout=log, stderr=log,
            )
        self.ids = itertools.count(1)
        self.faults = []
        self.connection = connect(self.__address() + "/session", max_size=None)
        self.socket = self.connection.__enter__()
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])
        self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]
        self.send("browsingContext.setViewport", context=self.context, viewport={"width": width, "height": height})

    def __address(self):
        for _ in range(1200):
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", self.log.read_text(errors="replace")):
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(self.log.read_text(errors="replace")[-2000:])

    def send(self, method, longest_s=60, **params):
        number, end = next(self.ids), time.monotonic() + longest_s
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv(timeout=max(0, end - time.monotonic())))
            if answer.get("method") == "log.entryAdded":
                self.__hear(answer["params"])
            elif answer.get("id") == number:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['message']}")
                return answer["result"]

    def __hear(self, entry):
        if entry["type"] == "javascript" and entry["level"] == "error":
            self.faults.append(entry["text"])

    def close(self):
        self.connection.__exit__(None, None, None)
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # MARK: The page

    def open(self, url):
        self.send("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def reload(self):
        self.send("browsingContext.reload", context=self.context, wait="complete")

    def call(self, function, *arguments):
        """What a function of the page returns, for plain values. A page that is replaced while it waits may never answer."""
        result = self.send(
            "script.callFunction",
            longest_s=10,
            functionDeclaration=f"async (text) => JSON.stringify(await ({function})(...JSON.parse(text)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self.context},
            awaitPromise=True,
        )
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    def until(self, function, *arguments, longest_s=30):
        """Asks until the answer is yes; a page that is being replaced can't be asked."""
        end, answer = time.monotonic() + longest_s, None
        while time.monotonic() < end:
            try:
                if answer := self.call(function, *arguments):
                    return answer
            except (RuntimeError, TimeoutError) as error:
                answer = error
            time.sleep(0.05)
        raise AssertionError(f"not so within {longest_s} s: {function} {arguments}: {answer}")

    def sees(self, selector, text=None):
        """Waits for an element; returns its middle, once that rests."""
        return self.until(
            f"""async (...what) => {{
              const place = () => {{
                const box = ({FIND})(...what)?.getBoundingClientRect();
                return box && [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
              }};
              const before = place();
              await new Promise(requestAnimationFrame);
              return before && String(before) === String(place()) && before;
            }}""",
            selector, text,
        )

    def sees_no(self, selector, text=None):
        self.until(f"(...what) => !({FIND})(...what)", selector, text)

    def screenshot(self, path):
        picture = self.send("browsingContext.captureScreenshot", context=self.context)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(picture))

    # MARK: The hand

    def hover(self, selector, text=None):
        x, y = self.sees(selector, text)
        self.__act("pointer", {"type": "pointerMove", "x": x, "y": y})
        return x, y

    def click(self, selector, text=None):
        x, y = self.sees(selector, text)
        self.__act(
            "pointer",
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    def type(self, *keys):
        """Presses each letter and key; what is given as a tuple is held down together."""
        actions = []
        for key in keys:
            for one in [key] if isinstance(key, tuple) else key:
                chord = one if isinstance(one, tuple) else (one,)
                actions += [{"type": "keyDown", "value": part} for part in chord]
                actions += [{"type": "keyUp", "value": part} for part in reversed(chord)]
        self.__act("key", *actions)

    def wheel(self, x, y, px):
        self.__act("wheel", {"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": px})

    def choose_files(self, selector, *paths):
        nodes = self.send("browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": selector})["nodes"]
        self.send("input.setFiles", context=self.context, element={"sharedId": nodes[0]["sharedId"]}, files=[str(path) for path in paths])

    def __act(self, kind, *actions):
        self.send("input.performActions", context=self.context, actions=[{"type": kind, "id": kind, "actions": list(actions)}])
