"""A channel with much to read: short lines, long ones, pictures and a film, by several people."""

import functools
import io
import json
import subprocess
import tempfile
import urllib.request
import uuid

from PIL import Image

LONG = "The heron stands in the reeds and waits, and whoever looks long enough sees that it has moved. " * 5
SIZES = [(320, 240), (200, 400), (640, 360), (90, 90)]


class Room:
    def __init__(self, owner, *authors):
        self.owner = owner
        self.authors = [owner, *authors]
        self.server, self.channel = owner.make_server("The reeds")
        owner.invite(self.channel, *authors)
        self.code = owner.api("POST", f"/channels/{self.channel}/invites")["code"]

    @property
    def path(self):
        return f"/channels/{self.server}/{self.channel}"

    def say(self, text, author=0, **parts):
        return self.authors[author].api("POST", f"/channels/{self.channel}/messages", {"content": text, **parts})

    def fill(self, count, pictures_every=9, films_at=()):
        """Writes messages as people do: some lines alone, some in a row, each ninth with a picture."""
        for number in range(count):
            author = number // 3 % len(self.authors)
            if number in films_at:
                self.say(f"film {number}", author, attachments=[self.upload("film.mp4", film(), author)])
            elif number % pictures_every == pictures_every - 1:
                self.say(f"picture {number}", author, attachments=[self.upload("p.png", picture(number), author)])
            else:
                self.say(LONG if number % 13 == 5 else f"message {number}", author)

    def upload(self, name, content, author=0):
        server, token = self.owner.server, self.authors[author].token
        return upload(server, self.channel, token, name, content)["id"]

    def join(self, person):
        person.api("POST", f"/channels/invites/{self.code}")
        return person


def upload(server, channel, token, name, content):
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    request = urllib.request.Request(
        f"{server.origin}/api/v1/channels/{channel}/attachments",
        head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def picture(number=0):
    """A picture that no other one is like, so that each is fetched."""
    content = io.BytesIO()
    Image.new("RGB", SIZES[number % len(SIZES)], (number * 37 % 256, number * 91 % 256, number % 256)).save(content, "PNG")
    return content.getvalue()


@functools.cache
def film():
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=5:duration=1",
             "-pix_fmt", "yuv420p", file.name],
            check=True,
        )
        return file.read()


# Pictures far away are not asked for.
ARE_COMPLETE = """() => [...document.querySelectorAll(".message-scroller .picture img")].every((picture) => {
  const place = picture.getBoundingClientRect();
  return picture.complete || place.bottom < 0 || place.top > innerHeight;
})"""


class LatePictures:
    """Pictures of a page that come when they are told to, as over a slow link."""

    def __init__(self, page):
        self.page, self.waiting, self.is_late = page, [], True
        page.route("**/media/**", lambda route: self.waiting.append(route) if self.is_late else route.continue_())

    def come(self, count=1):
        for _ in range(min(count, len(self.waiting))):
            self.waiting.pop(0).continue_()

    def come_all(self):
        self.is_late = False
        self.come(len(self.waiting))
        self.page.wait_for_function(ARE_COMPLETE)
