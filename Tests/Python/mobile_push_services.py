"""The services of the makers of phones, as far as pushes need them: prints its port, and then serves

    POST /3/device/DEVICE                 what a server sends to an iPhone (Apple: “Sending notification requests to APNs”)
    POST /token                           a token for a service account (RFC 7523)
    POST /v1/projects/nest/messages:send  what a server sends to an Android device (Google: “FCM HTTP v1 API”)
    GET  /keys                            what the makers give to who sends: Apple's key, Google's account
    GET  /received/DEVICE                 what has come
    GET  /answer/DEVICE?status=…&reason=… what the next POST is answered with; `retry`, and `times` for several
    GET  /tokens                          how many the service account has asked for, and how many of Apple's have come

    mobile_push_services.py [--certificate PEM --key PEM]

With a certificate it speaks HTTP/2 over TLS, as the real ones do. It refuses a sender that does not show who it is.
"""

import argparse
import asyncio
import base64
import json
import socket
import time
import urllib.parse

import parent
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypercorn.asyncio import serve
from hypercorn.config import Config

APPLE = ec.generate_private_key(ec.SECP256R1())
GOOGLE = rsa.generate_private_key(65537, 2048)
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
received, answers = {}, {}
google_tokens, apple_tokens = [], set()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def claims_of(token, algorithm, key_id, verify):
    """What a token says, once its signature holds."""
    head, claims, signature = token.split(".")
    header = json.loads(decode(head))
    assert header["alg"] == algorithm and header["kid"] == key_id, header
    verify(decode(signature), f"{head}.{claims}".encode())
    claims = json.loads(decode(claims))
    assert abs(time.time() - claims["iat"]) < 3600, claims
    return claims


def by_apple(signature, text):
    signed = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    APPLE.public_key().verify(signed, text, ec.ECDSA(hashes.SHA256()))


def by_google(signature, text):
    GOOGLE.public_key().verify(signature, text, padding.PKCS1v15(), hashes.SHA256())


def answer_of(device, line):
    status, reason, retry = answers[device].pop(0) if answers.get(device) else (200, "", None)
    received.setdefault(device, []).append(line | {"status": status})
    return status, reason, [(b"retry-after", retry.encode())] if retry else []


def apple(scope, headers, body):
    scheme, token = headers["authorization"].split(" ")
    assert scheme == "bearer", scheme
    assert claims_of(token, "ES256", "KEY4567890", by_apple)["iss"] == "TEAM567890"
    apple_tokens.add(token)
    assert len(body) <= 4096 and headers["apns-push-type"] == "alert" and headers["apns-topic"] == "org.example.chat"
    assert len(headers.get("apns-collapse-id", "")) <= 64
    line = {
        "body": json.loads(body), "priority": headers["apns-priority"], "collapse": headers.get("apns-collapse-id"),
        "expires_in": int(headers["apns-expiration"]) - int(time.time()), "http": scope["http_version"],
    }
    status, reason, more = answer_of(scope["path"].split("/")[-1], line)
    return status, {} if status == 200 else {"reason": reason}, more


def google_token(origin, body):
    form = dict(urllib.parse.parse_qsl(body.decode()))
    assert form["grant_type"] == GRANT, form
    claims = claims_of(form["assertion"], "RS256", "google-key", by_google)
    assert claims["iss"] == "nest@example.org" and claims["aud"] == f"{origin}/token", claims
    assert claims["scope"].endswith("firebase.messaging") and claims["exp"] - claims["iat"] <= 3600, claims
    google_tokens.append(f"ya29.{len(google_tokens)}")
    return 200, {"access_token": google_tokens[-1], "expires_in": 3599, "token_type": "Bearer"}, []


def google(scope, headers, body):
    scheme, token = headers["authorization"].split(" ")
    assert scheme == "Bearer" and token in google_tokens, token
    message = json.loads(body)["message"]
    assert all(isinstance(value, str) for value in message["data"].values()), message
    line = {
        "payload": json.loads(message["data"]["payload"]), "android": message["android"], "http": scope["http_version"],
    }
    status, reason, more = answer_of(message["token"], line)
    error = {"error": {"code": status, "status": reason, "details": [{"errorCode": reason}]}}
    return status, {"name": "projects/nest/messages/1"} if status == 200 else error, more


def account(origin):
    return {
        "type": "service_account", "project_id": "nest", "private_key_id": "google-key", "private_key": pem(GOOGLE),
        "client_email": "nest@example.org", "token_uri": f"{origin}/token",
    }


def reply(scope, headers, body):
    path = scope["path"]
    origin = f"{scope['scheme']}://127.0.0.1:{port}"
    query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
    if path.startswith("/3/device/"):
        return apple(scope, headers, body)
    if path == "/token":
        return google_token(origin, body)
    if path == "/v1/projects/nest/messages:send":
        return google(scope, headers, body)
    if path == "/keys":
        return 200, {"apple": pem(APPLE), "google": json.dumps(account(origin))}, []
    if path == "/tokens":
        return 200, {"google": len(google_tokens), "apple": len(apple_tokens)}, []
    device = path.split("/")[-1]
    if path.startswith("/received/"):
        return 200, received.get(device, []), []
    line = int(query["status"]), query.get("reason", ""), query.get("retry")
    answers.setdefault(device, []).extend([line] * int(query.get("times", 1)))
    return 200, {}, []


async def service(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    try:
        status, value, lines = reply(scope, headers, body)
    except (AssertionError, InvalidSignature, KeyError, ValueError) as error:
        status, value, lines = 400, {"reason": repr(error)}, []
    body = json.dumps(value).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *lines]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


parser = argparse.ArgumentParser()
parser.add_argument("--certificate")
parser.add_argument("--key")
options = parser.parse_args()
parent.exit_with_parent()
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.certfile, config.keyfile = options.certificate, options.key
config.errorlog = None
print(port, flush=True)
asyncio.run(serve(service, config))
