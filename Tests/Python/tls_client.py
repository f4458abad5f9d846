"""An independent TLS client: asks a server over HTTPS and opens its gateway.

    tls_client.py PORT CERTIFICATE

Prints as JSON what it saw.
"""

import base64
import json
import os
import socket
import ssl
import sys

port, certificate = int(sys.argv[1]), sys.argv[2]


def connect(maximum=None):
    context = ssl.create_default_context(cafile=certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    if maximum:
        # Debian's OpenSSL refuses old versions by itself; it is the server that is asked here.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = maximum
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname="localhost")


def head(stream):
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += stream.recv(1) or sys.exit("the connection ended")
    return data.decode().lower()


def ask(stream, path):
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
    headers = head(stream)
    length = int(headers.split("content-length: ")[1].split("\r\n")[0])
    body = b""
    while len(body) < length:
        body += stream.recv(length - len(body))
    return headers, body.decode()


def refused(maximum):
    try:
        connect(maximum).close()
        return False
    except ssl.SSLError:
        return True


def post(stream, path, body, token="", kind="application/json"):
    stream.sendall(
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    length = int(head(stream).split("content-length: ")[1].split("\r\n")[0])
    answer = b""
    while len(answer) < length:
        answer += stream.recv(length - len(answer))
    return json.loads(answer)


def file_comes_back(stream):
    """Uploads a file and fetches it; it has to be read by the server, which can't let the kernel send it."""
    api = "/api/v1"
    name = f"tls{os.urandom(6).hex()}"
    account = json.dumps({"username": name, "email": f"{name}@example.org", "password": "Correct horse 1!"}).encode()
    token = post(stream, f"{api}/auth/register", account)["token"]
    channel = post(stream, f"{api}/servers", b'{"name":"Nest"}', token)["default_channel_id"]
    content = b"a" * 700_000
    form = b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + content + b"\r\n--X--\r\n"
    file = post(stream, f"{api}/channels/{channel}/attachments", form, token, "multipart/form-data; boundary=X")
    return ask(stream, file["url"])[1].encode() == content


seen = {}
with connect() as stream:
    seen["version"], seen["protocol"] = stream.version(), stream.selected_alpn_protocol()
    seen["common_name"] = dict(pair[0] for pair in stream.getpeercert()["subject"])["commonName"]
    headers, body = ask(stream, "/health")
    seen["health"] = json.loads(body)["status"]
    seen["file"] = file_comes_back(stream)
    seen["strict"] = "strict-transport-security: max-age=31536000" in headers
with connect() as stream:
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET /gateway HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    seen["upgrade"] = head(stream).split("\r\n")[0]
    frame = stream.recv(2)
    seen["hello"] = json.loads(stream.recv(frame[1] & 0x7F))["op"]
seen["old_versions_refused"] = refused(ssl.TLSVersion.TLSv1) and refused(ssl.TLSVersion.TLSv1_1)
with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
    plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        seen["plain_http_answered"] = b"HTTP/1.1 200" in plain.recv(4096)
    except ConnectionResetError:
        seen["plain_http_answered"] = False
print(json.dumps(seen))
