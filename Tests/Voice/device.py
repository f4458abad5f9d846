"""A device in a call, made of parts that are not ours: aiortc for the media, websockets for the gateway."""

import asyncio
import fractions
import json
import time

import numpy
import websockets
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, MediaStreamTrack
from av import AudioFrame

RATE = 48_000
FRAME = 960
# So much of what is heard is looked at.
WINDOW = RATE // 4
# Of whom nothing has come for so long nothing is heard.
SILENCE_S = 0.5

# What comes under numbers of its own (docs/voice.md).
NAMES = {
    22: "VOICE_SDP_OFFER", 23: "VOICE_SDP_ANSWER", 24: "VOICE_ICE_CANDIDATE", 25: "VOICE_SPEAKING", 27: "VOICE_KEYS",
}


class Tone(MediaStreamTrack):
    """A microphone that hears a tone."""

    kind = "audio"

    def __init__(self, frequency):
        super().__init__()
        self.frequency, self.count, self.start = frequency, 0, None

    async def recv(self):
        self.start = self.start or time.monotonic()
        pause = self.start + self.count * FRAME / RATE - time.monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        times = (numpy.arange(FRAME) + self.count * FRAME) / RATE
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update((8000 * numpy.sin(2 * numpy.pi * self.frequency * times)).astype(numpy.int16).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.count * FRAME, fractions.Fraction(1, RATE)
        self.count += 1
        return frame


class Ear:
    """What comes of somebody."""

    def __init__(self, track):
        self.samples, self.heard_at = numpy.zeros(0), 0
        self.task = asyncio.create_task(self.listen(track))

    async def listen(self, track):
        try:
            while True:
                frame = await track.recv()
                sound = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
                self.samples = numpy.concatenate([self.samples, sound])[-WINDOW:]
                self.heard_at = time.monotonic()
        except Exception:  # noqa: BLE001 - the track has ended, in whichever way
            return

    def tone(self):
        """The loudest frequency, in Hz; None for silence, or too little to tell."""
        if time.monotonic() - self.heard_at > SILENCE_S or numpy.abs(self.samples).max(initial=0) < 300:
            return None
        spectrum = numpy.abs(numpy.fft.rfft(self.samples * numpy.hanning(len(self.samples))))
        return int(numpy.argmax(spectrum) * RATE / len(self.samples))


def only_sha256(sdp):
    """Of several fingerprints a media server takes the last one."""
    return "".join(
        f"{line}\r\n" for line in sdp.splitlines() if not line.startswith("a=fingerprint:") or "sha-256 " in line)


class Device:
    def __init__(self, origin, token, user, frequency):
        self.address = origin.replace("http", "ws") + "/gateway"
        self.token, self.user, self.frequency = token, user, frequency
        self.said, self.changed = [], asyncio.Event()
        self.channel, self.publishing, self.subscribing = None, None, None
        self.attempt, self.generation = 0, 0
        # What is in which media section of the connection by which one is sent things.
        self.streams, self.tracks = [], {}
        self.roster = []
        self.tasks = []

    async def open(self):
        self.socket = await websockets.connect(self.address, max_size=None, proxy=None)
        hello = json.loads(await self.socket.recv())
        await self.send(2, {"token": self.token, "properties": {}})
        self.tasks.append(asyncio.create_task(self.beat(hello["d"]["heartbeat_interval"] / 1000)))
        self.tasks.append(asyncio.create_task(self.listen()))
        await self.hears("READY")
        return self

    async def beat(self, pause):
        while True:
            await asyncio.sleep(pause)
            await self.send(1, None)

    async def send(self, op, data):
        await self.socket.send(json.dumps({"op": op, "d": data}))

    async def listen(self):
        try:
            async for text in self.socket:
                message = json.loads(text)
                name = message["t"] if message["op"] == 0 else NAMES.get(message["op"])
                if name:
                    self.said.append((name, message["d"]))
                    self.changed.set()
                    await self.take(name, message["d"])
        except websockets.ConnectionClosed:
            return

    async def hears(self, name, holds=lambda data: True, within=20):
        """Waits until something has been said, and takes it and all before it away."""
        async with asyncio.timeout(within):
            while True:
                for index, (said, data) in enumerate(self.said):
                    if said == name and holds(data):
                        del self.said[: index + 1]
                        return data
                self.changed.clear()
                await self.changed.wait()

    # MARK: The call

    async def join(self, channel):
        self.channel = channel
        await self.send(4, {"channel_id": channel})
        await self.send(20, {"channel_id": channel, "device_id": "aiortc"})

    async def leave(self):
        await self.send(4, {"channel_id": None})
        await self.end_media()

    async def end_media(self):
        for connection in (self.publishing, self.subscribing):
            if connection:
                await connection.close()
        self.publishing = self.subscribing = None
        self.generation = 0
        self.streams, self.tracks = [], {}

    async def take(self, name, data):
        if name == "VOICE_SERVER_UPDATE" and data["mode"] == "sfu":
            await self.end_media()
            await self.publish()
        elif name == "VOICE_EPOCH":
            self.roster = data["roster"]
        elif name == "VOICE_SDP_ANSWER" and data["pc"] == "pub" and data["generation"] == self.attempt:
            await self.publishing.setRemoteDescription(RTCSessionDescription(data["sdp"], "answer"))
        elif name == "VOICE_SDP_OFFER" and data["pc"] == "sub":
            await self.answer(data)

    async def publish(self):
        self.attempt += 1
        self.publishing = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.publishing.addTrack(Tone(self.frequency))
        await self.publishing.setLocalDescription(await self.publishing.createOffer())
        await self.send(22, {
            "channel_id": self.channel, "pc": "pub", "generation": self.attempt,
            "sdp": only_sha256(self.publishing.localDescription.sdp), "streams": [{"mid": "0", "kind": "mic"}],
        })

    async def answer(self, offer):
        if offer["generation"] > self.generation:
            if self.subscribing:
                await self.subscribing.close()
            self.generation = offer["generation"]
            self.tracks = {}
            self.subscribing = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            self.subscribing.on("track", self.follow)
        self.streams = offer["streams"]
        connection = self.subscribing
        await connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        await self.send(23, {
            "channel_id": self.channel, "pc": "sub", "generation": self.generation,
            "sdp": only_sha256(connection.localDescription.sdp),
        })

    def follow(self, track):
        self.tracks[track.id] = Ear(track)

    def hear(self):
        """Whom one hears at the moment, by their tones."""
        ears = [ear for ear in self.tracks.values()]
        return sorted(tone for tone in (ear.tone() for ear in ears) if tone)

    async def close(self):
        await self.end_media()
        for task in self.tasks:
            task.cancel()
        await self.socket.close()
