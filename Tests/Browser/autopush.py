"""A push service for Firefox on one's own machine: the WebSocket on which the browser waits (the protocol of Mozilla's
autopush), and the HTTP to which servers post (RFC 8030). It passes on what it is given, as it is."""

import asyncio
import base64
import http.server
import json
import threading
import uuid

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class AutoPush:
    """Runs in threads of its own until `close`."""

    def __init__(self):
        self.channels, self.posts = {}, []
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.__run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(20)
        service = self

        class Endpoint(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.posts.append(headers)
                known = service.deliver(self.path.split("/")[-1], headers, body)
                self.send_response(201 if known else 410)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        threading.Thread(target=self.endpoint.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.endpoint.server_address[1]

    @property
    def address(self):
        return f"ws://127.0.0.1:{self.socket_port}/"

    def __run(self, ready):
        asyncio.set_event_loop(self.loop)

        async def main():
            async with serve(self.__talk, "127.0.0.1", 0) as server:
                self.socket_port = server.sockets[0].getsockname()[1]
                self.end = asyncio.Event()
                ready.set()
                await self.end.wait()

        self.loop.run_until_complete(main())

    async def __talk(self, socket):
        try:
            await self.__answer(socket)
        except ConnectionClosed:
            pass  # The browser was closed.

    async def __answer(self, socket):
        async for text in socket:
            frame = json.loads(text)
            kind = frame.get("messageType", "ping")
            if kind == "hello":
                agent = frame.get("uaid") or uuid.uuid4().hex
                await socket.send(json.dumps(
                    {"messageType": "hello", "status": 200, "uaid": agent, "use_webpush": True, "broadcasts": {}}))
            elif kind == "register":
                channel = frame["channelID"]
                self.channels[channel] = socket
                await socket.send(json.dumps({
                    "messageType": "register", "channelID": channel, "status": 200,
                    "pushEndpoint": f"http://127.0.0.1:{self.port}/push/{channel}"}))
            elif kind == "unregister":
                self.channels.pop(frame["channelID"], None)
                await socket.send(json.dumps(
                    {"messageType": "unregister", "channelID": frame["channelID"], "status": 200}))
            elif kind == "ping":
                await socket.send("{}")

    def deliver(self, channel, headers, body):
        socket = self.channels.get(channel)
        if not socket:
            return False
        note = {
            "messageType": "notification", "channelID": channel, "version": uuid.uuid4().hex, "ttl": int(headers["ttl"]),
            "data": encode(body), "headers": {"encoding": "aes128gcm"},
        }
        asyncio.run_coroutine_threadsafe(socket.send(json.dumps(note)), self.loop).result(10)
        return True

    def close(self):
        self.endpoint.shutdown()
        self.endpoint.server_close()
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join(10)
