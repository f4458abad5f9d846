"""Requests and gateway over one session of aiohttp, whose pool uses one connection for both: prints `hello` and how often it was greeted."""

import asyncio
import sys

import aiohttp


async def main(port):
    greeted = 0
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=connector) as session:
        for _ in range(20):
            for _ in range(2):
                async with session.get("/api/v1/health") as reply:
                    assert reply.status == 200, reply.status
                    await reply.read()
            async with session.ws_connect("/gateway", timeout=aiohttp.ClientWSTimeout(ws_close=5)) as socket:
                hello = await socket.receive_json(timeout=20)
                greeted += hello["op"] == 10
    print("hello", greeted)


asyncio.run(main(int(sys.argv[1])))
