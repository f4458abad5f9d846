"""A push service of the tests' own, with browsers that read what comes: prints its port, and then serves

    GET  /subscribe                       a new subscription, as a browser has it
    POST /push/ID                         what a server sends there (RFC 8030)
    GET  /received/ID                     what has come, decrypted as a browser would (RFC 8291)
    GET  /answer/ID?status=…&retry=…      what the next POST is answered with, once; `times` for several

It refuses a sender that does not show who it is (RFC 8292).
"""

import base64
import http.server
import json
import os
import threading
import time
import urllib.parse

import parent
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

POINT = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(material, salt, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


class Browser:
    """A subscription: who has its keys reads what comes."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.received = []
        self.answers = []

    def keys(self):
        return {"p256dh": encode(self.key.public_key().public_bytes(*POINT)), "auth": encode(self.secret)}

    def read(self, body):
        """RFC 8188, section 2.1, and RFC 8291, section 3.4."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender = body[21:21 + length]
        record = body[21 + length:]
        assert length == 65 and len(record) <= size == 4096 and len(body) <= 4096, "more than one record"
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        own = self.key.public_key().public_bytes(*POINT)
        material = derive(shared, self.secret, b"WebPush: info\0" + own + sender, 32)
        key = derive(material, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(material, salt, b"Content-Encoding: nonce\0", 12)
        text = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert text[-1] == 2, "the last record ends with 2"
        return text[:-1]


def sender(header, origin):
    """The claims of who sends, once the signature holds."""
    scheme, _, fields = header.partition(" ")
    assert scheme.lower() == "vapid", header
    values = dict(field.strip().split("=", 1) for field in fields.split(","))
    head, claims, signature = values["t"].split(".")
    raw = decode(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(values["k"]))
    signed = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}
    claims = json.loads(decode(claims))
    assert claims["aud"] == origin, claims
    return claims | {"key": values["k"]}


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    browsers = {}
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def answer(self, status, value=None, headers=()):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        _, action, *rest = url.path.split("/")
        with self.lock:
            if action == "subscribe":
                name = f"b{len(self.browsers)}"
                browser = self.browsers[name] = Browser()
                return self.answer(200, {"name": name, "token": f"{self.origin}/push/{name}", "keys": browser.keys()})
            browser = self.browsers[rest[0]]
            if action == "received":
                return self.answer(200, browser.received)
            times = int(query.get("times", 1))
            browser.answers += [(int(query["status"]), query.get("retry"))] * times
            return self.answer(200, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.split("/")[-1]
        with self.lock:
            browser = self.browsers[name]
            try:
                claims = sender(self.headers["Authorization"], self.origin)
                assert self.headers["Content-Encoding"] == "aes128gcm"
                line = {
                    "payload": json.loads(browser.read(body)), "ttl": self.headers["TTL"], "topic": self.headers["Topic"],
                    "urgency": self.headers["Urgency"], "claims": claims, "bytes": len(body),
                }
            except (AssertionError, InvalidSignature, KeyError, ValueError) as error:
                browser.received.append({"error": repr(error)})
                return self.answer(400)
            status, retry = browser.answers.pop(0) if browser.answers else (201, None)
            browser.received.append(line | {"status": status})
        headers = [("Retry-After", retry)] if retry else []
        if 300 <= status < 400:
            headers.append(("Location", f"{self.origin}/push/{name}"))
        if status == 201:
            headers.append(("Location", f"{self.origin}/message/{time.time_ns()}"))
        self.answer(status, None, headers)


parent.exit_with_parent()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
