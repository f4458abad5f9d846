"""Web pages to link to: prints its port, and answers by path. Each request is written to standard error.

    /page            a page with Open Graph and a picture
    /plain           a page with only a title
    /silent          a page that says nothing of itself
    /picture.png     the picture
    /redirect?N      N redirects to /page
    /loop            a redirect to itself
    /inside          a redirect to an address of the inside
    /endless         a page that never ends
    /slow            a page that does not come
    /gate?NAME       a page with only a title, which comes once somebody has asked for /open?NAME
    /huge.png        a picture that never ends
    /text            no page at all
    /count?PATH      how often a path, with its query, was asked for
"""

import collections
import http.server
import io
import threading
import time
import urllib.parse

import parent
from PIL import Image

parent.exit_with_parent()
seen = collections.Counter()
gates = collections.defaultdict(threading.Event)
png = io.BytesIO()
Image.new("RGB", (640, 320), (10, 120, 200)).save(png, "PNG")

PAGE = """<!doctype html><meta charset=utf-8><title>Plain</title>
<meta property="og:title" content="An article"><meta property="og:description" content="About &lt;birds&gt;">
<meta property="og:site_name" content="Nest"><meta property="og:image" content="/picture.png">"""


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, body, kind="text/html; charset=utf-8", status=200, **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, kind, piece):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(piece)

    def hold(self, gate, body):
        """Says a little each second, so that nobody takes the page for dead."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for _ in range(60):
            if gate.wait(1):
                break
            self.wfile.write(b" ")
        self.wfile.write(body)

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        seen[self.path] += 1
        match address.path:
            case "/page":
                self.reply(PAGE)
            case "/plain":
                self.reply("<title>Only a title</title>")
            case "/silent":
                self.reply("<p>hello")
            case "/picture.png":
                self.reply(png.getvalue(), "image/png")
            case "/redirect":
                left = int(address.query)
                self.reply("", status=302, Location=f"/redirect?{left - 1}" if left > 1 else "/page")
            case "/loop":
                self.reply("", status=302, Location="/loop")
            case "/inside":
                self.reply("", status=302, Location=f"http://127.0.0.2:{self.server.server_port}/page")
            case "/endless":
                self.stream("text/html", b"<title>Endless</title>" + b" " * 65536)
            case "/huge":
                self.reply('<title>Huge</title><meta property="og:image" content="/huge.png">')
            case "/huge.png":
                self.stream("image/png", png.getvalue() + b"\0" * 65536)
            case "/slow":
                time.sleep(60)
            case "/gate":
                self.hold(gates[address.query], b"<title>Behind a gate</title>")
            case "/open":
                gates[address.query].set()
                self.reply("", "text/plain")
            case "/text":
                self.reply("<title>not html</title>", "text/plain")
            case "/count":
                self.reply(str(seen[address.query]), "text/plain")
            case _:
                self.reply("nothing here", status=404)


server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Pages)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
