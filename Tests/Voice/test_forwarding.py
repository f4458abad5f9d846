"""Voice channels through the media server, heard by devices that are made of other people's parts."""

import asyncio
import itertools
import os
import pathlib
import signal
import time

import pytest

from device import Device
from server import PASSWORD, Server

NUMBERS = itertools.count(1)
TONES = [440, 620, 880, 1100, 1500]


class Someone:
    def __init__(self, server):
        self.server = server
        name = f"voice{next(NUMBERS)}"
        answer = server.api(
            "POST", "/auth/register", {"username": name, "email": f"{name}@example.org", "password": PASSWORD})
        self.token, self.id = answer["token"], answer["user"]["id"]

    def api(self, method, path, body=None):
        return self.server.api(method, path, body, self.token)


class Nest:
    """A community with a voice channel, and devices of people in it."""

    def __init__(self, server):
        self.server, self.owner, self.devices = server, Someone(server), []
        made = self.owner.api("POST", "/servers", {"name": "The nest"})
        self.id = made["id"]
        self.invite = self.owner.api("POST", f"/channels/{made['default_channel_id']}/invites")["code"]
        channels = self.owner.api("GET", f"/servers/{self.id}/channels")
        self.channel = next(one["id"] for one in channels if one["channel_type"] == "voice")

    async def device(self, who=None):
        who = who or Someone(self.server)
        if who is not self.owner:
            who.api("POST", f"/channels/invites/{self.invite}")
        device = Device(self.server.origin, who.token, who.id, TONES[len(self.devices)])
        device.who = who
        self.devices.append(device)
        return await device.open()

    def moderate(self, device, **measures):
        return self.owner.api("PATCH", f"/servers/{self.id}/voice-states/{device.user}", measures)


def is_near(heard, wanted):
    return len(heard) == len(wanted) and all(abs(a - b) < 12 for a, b in zip(heard, sorted(wanted)))


async def hears(device, *others, within=15):
    """Waits until a device hears exactly those."""
    wanted = [other.frequency for other in others]
    end = time.monotonic() + within
    while not is_near(device.hear(), wanted):
        assert time.monotonic() < end, f"{device.frequency} hears {device.hear()} instead of {wanted}"
        await asyncio.sleep(0.1)


def children(server):
    """The media servers that a server has started."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            if command[0] != b"/usr/bin/janus":
                continue
            parent = entry
            while parent.name != "0":
                if parent.name == str(server.process.pid):
                    found.append(int(entry.name))
                    break
                status = (parent / "status").read_text()
                parent = pathlib.Path("/proc") / status.split("PPid:\t")[1].split("\n")[0]
        except (OSError, IndexError):
            continue
    return found


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.close()
    assert not children(server)


def runs(test):
    """A test on a nest of its own."""

    def body(server):
        async def run():
            nest = Nest(server)
            try:
                async with asyncio.timeout(180):
                    await test(nest)
            finally:
                for device in nest.devices:
                    await device.close()

        asyncio.run(run())

    body.__name__ = test.__name__
    return body


@runs
async def test_five_people_hear_each_other_and_nobody_hears_themselves(nest):
    devices = [await nest.device() for _ in range(5)]
    for device in devices:
        await device.join(nest.channel)
    for device in devices:
        await hears(device, *[other for other in devices if other is not device])
    await devices[2].leave()
    rest = [device for device in devices if device is not devices[2]]
    for device in rest:
        await hears(device, *[other for other in rest if other is not device])
    # Who comes back hears the others. That these hear them is tried in browsers: aiortc drops what comes in a section that
    # was another's, since for it the numbers of packets go back.
    await devices[2].join(nest.channel)
    await hears(devices[2], *rest)


@runs
async def test_who_is_muted_is_heard_by_nobody_until_they_are_not_and_who_is_deafened_hears_nothing(nest):
    alice, bob, carol = [await nest.device() for _ in range(3)]
    for device in (alice, bob, carol):
        await device.join(nest.channel)
    await hears(bob, alice, carol)
    nest.moderate(alice, mute=True)
    await hears(bob, carol)
    await hears(carol, bob)
    await hears(alice, bob, carol)
    nest.moderate(alice, mute=False)
    await hears(bob, alice, carol)
    nest.moderate(alice, mute=True)
    await hears(bob, carol)
    # It is not lost with a new connection, of which dave hears as of any other.
    await alice.publish()
    dave = await nest.device()
    await dave.join(nest.channel)
    await hears(dave, bob, carol)
    nest.moderate(alice, mute=False)
    await hears(dave, alice, bob, carol)
    nest.moderate(bob, deaf=True)
    await hears(bob)
    await hears(dave, alice, bob, carol)
    nest.moderate(bob, deaf=False)
    await hears(bob, carol, dave)


@runs
async def test_who_is_moved_or_removed_hears_nobody_there_any_more(nest):
    alice, bob, carol = [await nest.device() for _ in range(3)]
    for device in (alice, bob, carol):
        await device.join(nest.channel)
    await hears(alice, bob, carol)
    nest.moderate(bob, channel_id=None)
    await hears(alice, carol)
    await hears(bob)
    other = nest.owner.api("POST", f"/servers/{nest.id}/channels", {"name": "aviary", "type": "voice"})["id"]
    nest.moderate(carol, channel_id=other)
    await hears(alice)
    await hears(carol)
    await carol.send(20, {"channel_id": other, "device_id": "aiortc"})
    carol.channel = other
    await bob.join(other)
    await hears(bob, carol)
    await hears(carol, bob)
    # Who may not see the channel any more hears nothing of it at once.
    everyone = next(one["id"] for one in nest.owner.api("GET", f"/servers/{nest.id}/roles") if one["is_default"])
    nest.owner.api("PUT", f"/channels/{other}/overwrites/{everyone}", {"type": "role", "deny": ["channels.view"]})
    await hears(carol)
    await hears(bob)


@runs
async def test_who_speaks_is_told_to_the_others(nest):
    alice, bob = [await nest.device() for _ in range(2)]
    await alice.join(nest.channel)
    await bob.join(nest.channel)
    await hears(alice, bob)
    said = await alice.hears("VOICE_SPEAKING", lambda data: data["user_id"] == bob.user)
    assert said["speaking"] == 1


@runs
async def test_a_media_server_that_is_killed_is_there_again_and_everybody_is_heard(nest):
    alice, bob = [await nest.device() for _ in range(2)]
    await alice.join(nest.channel)
    await bob.join(nest.channel)
    await hears(alice, bob)
    await hears(bob, alice)
    for _ in range(3):
        [child] = children(nest.server)
        for device in (alice, bob):
            device.said.clear()
        os.kill(child, signal.SIGKILL)
        for device in (alice, bob):
            await device.hears("VOICE_SERVER_UPDATE")
        await hears(alice, bob)
        await hears(bob, alice)
        # Nothing else of the server suffers.
        assert nest.owner.api("GET", "/users/@me")["id"] == nest.owner.id


@runs
async def test_calls_go_on_after_the_server_was_killed_and_started_again(nest):
    alice, bob = [await nest.device() for _ in range(2)]
    await alice.join(nest.channel)
    await bob.join(nest.channel)
    await hears(alice, bob)
    nest.server.kill()
    await asyncio.sleep(0.5)
    assert not children(nest.server), "a media server outlived what had started it"
    nest.server.start()
    for device in (alice, bob):
        await device.end_media()
        for task in device.tasks:
            task.cancel()
        await device.open()
        await device.join(nest.channel)
    await hears(alice, bob)
    await hears(bob, alice)
