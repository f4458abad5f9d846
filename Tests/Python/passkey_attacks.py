"""What must not work with passkeys.

    passkey_attacks.py ORIGIN PASSWORD TOKEN OTHER_TOKEN

Prints, as JSON, what became of each attempt.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from fido2.utils import websafe_decode, websafe_encode

from passkey_authenticator import FLAG, VERIFIED, Authenticator
from passkey_server import Server, outcome, succeeded

origin, password, token, other_token = sys.argv[1:]
alice = Server(origin, token, password)
mallory = Server(origin, other_token, password)
stranger = Server(origin)


def registered(server, **options):
    authenticator = Authenticator(origin, **options)
    succeeded(server.register(authenticator.create(server.creation_options())))
    return authenticator


def login(authenticator, change=lambda credential: None):
    credential = authenticator.get(stranger.request_options())
    change(credential)
    return outcome(stranger.authenticate(credential))


def registration(authenticator, change=lambda credential: None):
    credential = authenticator.create(alice.creation_options())
    change(credential)
    return outcome(alice.register(credential))


def flipped(text):
    data = bytearray(websafe_decode(text))
    data[-1] ^= 1
    return websafe_encode(bytes(data))


def flip(field):
    def change(credential):
        credential["response"][field] = flipped(credential["response"][field])

    return change


def replace(field, value):
    def change(credential):
        credential["response"][field] = value

    return change


def logins():
    """Attempts to get in, and one at the end that is honest: none of the others may have spoiled it."""
    key = registered(alice)
    used = key.get(stranger.request_options())
    yield "a login", outcome(stranger.authenticate(used))
    yield "the same login again", outcome(stranger.authenticate(used))

    unknown = dict(stranger.request_options(), challenge=websafe_encode(bytes(32)))
    yield "a challenge that nobody issued", outcome(stranger.authenticate(key.get(unknown)))
    of_registration = {**stranger.request_options(), "challenge": alice.creation_options()["challenge"]}
    yield "a registration's challenge", outcome(stranger.authenticate(key.get(of_registration)))

    refused = key.get(stranger.request_options())
    honest = refused["response"]["signature"]
    flip("signature")(refused)
    yield "a changed signature", outcome(stranger.authenticate(refused))
    refused["response"]["signature"] = honest
    yield "the right signature after the changed one", outcome(stranger.authenticate(refused))

    yield "changed authenticator data", login(key, flip("authenticatorData"))
    yield "somebody else's handle", login(key, replace("userHandle", websafe_encode(bytes(7) + b"\x01")))
    yield "another origin", outcome(
        stranger.authenticate(key.get(stranger.request_options(), "https://evil.example.org"))
    )
    elsewhere = {**stranger.request_options(), "rpId": "evil.example.org"}
    yield "another site", outcome(stranger.authenticate(key.get(elsewhere)))
    key.flags = FLAG.UP
    yield "a user who was not verified", login(key)
    key.flags = VERIFIED
    yield "an unknown credential", login(unregistered(key))
    yield "an honest login at the end", login(key)


def unregistered(key):
    other = Authenticator(origin)
    other.user_handle = key.user_handle
    return other


def counters():
    key = registered(alice, counter=5)
    for counter in [6, 6, 5, 0, 7]:
        key.counter = counter
        yield f"count {counter}", login(key)


def malformed():
    key = registered(alice)
    yield "data that were cut", login(key, replace("authenticatorData", "AAAA"))
    yield "client data that are no JSON", login(key, replace("clientDataJSON", "AAAA"))
    yield "no handle", login(key, lambda credential: credential["response"].pop("userHandle"))
    yield "text that is not base64url", login(key, replace("signature", "?"))
    yield "two ids", login(key, lambda credential: credential.update(rawId="AAAA"))
    yield "another type", login(key, lambda credential: credential.update(type="password"))
    yield "no credential", outcome(stranger.send("POST", "/authenticate", {}))
    yield "an attestation that is no CBOR", registration(
        Authenticator(origin), replace("attestationObject", "____")
    )


def registrations():
    key = registered(alice)
    yield "the same credential again", registration(key)
    yield "somebody else's credential", outcome(mallory.register(key.create(mallory.creation_options())))
    yield "somebody else's challenge", outcome(
        mallory.register(Authenticator(origin).create(alice.creation_options()))
    )
    of_login = {**alice.creation_options(), "challenge": stranger.request_options()["challenge"]}
    yield "a login's challenge", outcome(alice.register(Authenticator(origin).create(of_login)))
    yield "another origin at registration", outcome(
        alice.register(Authenticator(origin).create(alice.creation_options(), "https://evil.example.org"))
    )
    unverified = Authenticator(origin)
    unverified.flags = FLAG.UP
    yield "nobody verified at registration", registration(unverified)
    yield "another id than the credential's", registration(
        Authenticator(origin), lambda credential: credential.update(id="AAAA", rawId="AAAA")
    )


def at_once():
    """Two credentials for one challenge, and one login sent twice, each pair at the same time."""
    options = alice.creation_options()
    bodies = [Authenticator(origin).create(options) for _ in range(2)]
    key = registered(alice)
    proof = key.get(stranger.request_options())
    with ThreadPoolExecutor(2) as pool:
        made = sorted(pool.map(lambda body: outcome(alice.register(body)), bodies))
        entered = sorted(pool.map(lambda body: outcome(stranger.authenticate(body)), [proof, proof]))
    yield "two registrations at once", made
    yield "two logins at once", entered


def limit():
    """As many as one may have, and two more: one that began before it was reached, and one after."""
    begun = mallory.creation_options()
    for _ in range(20):
        registered(mallory)
    yield "the twenty-first, begun early", outcome(mallory.register(Authenticator(origin).create(begun)))
    yield "the twenty-first", outcome(mallory.send("POST", "/options/register", {"password": password}))


groups = {
    group.__name__: [list(attempt) for attempt in group()]
    for group in [logins, counters, malformed, registrations, at_once, limit]
}
print(json.dumps(groups))
