"""A person's hand: the page gets from the browser what a mouse, a touchpad, a finger and a method of input send."""

import time

SCROLLER = ".message-scroller"


class Hand:
    """Up is negative, as in the browser: `turn(-120)` is one notch of a wheel towards older messages."""

    def __init__(self, page):
        self.page = page
        self.devices = page.context.new_cdp_session(page)

    # MARK: Pointing

    def point(self, place=SCROLLER, x=0.5, y=0.5):
        """Goes to a place, at fractions of its width and height, and stays there."""
        box = self.page.locator(place).last.bounding_box()
        self.x, self.y = box["x"] + box["width"] * x, box["y"] + box["height"] * y
        self.page.mouse.move(self.x, self.y)
        return self

    def drag(self, start, end):
        """Draws from one point to another with the button held down."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=8)
        self.page.mouse.up()

    def select(self, first, last):
        """Selects from the beginning of one text to the end of another; returns what is selected."""
        first, last = first.bounding_box(), last.bounding_box()
        self.drag((first["x"] + 1, first["y"] + 8), (last["x"] + last["width"] - 1, last["y"] + last["height"] - 8))
        return self.page.evaluate("getSelection().toString()")

    # MARK: Scrolling

    def turn(self, step_px, times=1, pause_s=0.03):
        """Turns the wheel in steps that the page can tell apart."""
        for _ in range(times):
            self.page.mouse.wheel(0, step_px)
            time.sleep(pause_s)

    def glide(self, px, speed=2000):
        """Two fingers on a touchpad: a train of many small steps, one a frame."""
        self.devices.send(
            "Input.synthesizeScrollGesture",
            {"x": self.x, "y": self.y, "yDistance": -px, "speed": speed, "gestureSourceType": "mouse"},
        )

    def swipe(self, px):
        """A finger on the glass, which rests before it lets go."""
        self.__stroke(px, rest_s=0.5)

    def flick(self, px):
        """A finger that lets go while it moves, so that the list runs on."""
        self.__stroke(px, rest_s=0.001)

    def __stroke(self, px, rest_s, steps=20, step_s=0.008):
        # The times are told with the touches: how fast the finger was does not depend on how busy the machine is.
        start_s = time.time()

        def touch(kind, at_s, *points):
            self.devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, "timestamp": start_s + at_s})

        touch("touchStart", 0, {"x": self.x, "y": self.y})
        for step in range(1, steps + 1):
            touch("touchMove", step * step_s, {"x": self.x, "y": self.y - px * step / steps})
        touch("touchEnd", steps * step_s + rest_s)

    # MARK: Writing with a method of input

    def compose(self, text):
        """Begins to write a word that is not yet accepted."""
        self.devices.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    def accept_as_chrome(self, text):
        """Chrome and Edge tell of the key while the composition lasts, and then of its end."""
        self.__key("Process")
        self.devices.send("Input.insertText", {"text": text})
        self.__key_up()

    def accept_as_safari(self, text):
        """Safari tells of the end first: the key that was its cause comes after it and says nothing of a composition."""
        self.devices.send("Input.insertText", {"text": text})
        self.__key("Enter")
        self.__key_up()

    def accept_as_firefox(self, text):
        """Firefox tells of the key within the composition, of its end, and lets the key go up as a plain Enter."""
        self.page.evaluate(
            """() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
              {key: "Enter", code: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))"""
        )
        self.devices.send("Input.insertText", {"text": text})
        self.__key_up()

    def __key(self, key):
        # 229 is what every browser says of a key that a method of input took.
        self.devices.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": key, "code": "Enter", "windowsVirtualKeyCode": 229})

    def __key_up(self):
        self.devices.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13})
