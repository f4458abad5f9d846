"""The life of a passkey: made, used, listed, renamed, removed.

    passkey_client.py ORIGIN TOKEN PASSWORD ALGORITHM BACKUP_CODE...

Prints what the server said, as JSON.
"""

import json
import sys

from passkey_authenticator import Authenticator
from passkey_server import Server, outcome, succeeded


def life(server, authenticator):
    options = server.creation_options()
    made = succeeded(server.register(authenticator.create(options), name="Key ring"))
    stranger = Server(server.origin)
    login = succeeded(stranger.authenticate(authenticator.get(stranger.request_options())))
    listed = succeeded(server.send("GET", ""))
    renamed = succeeded(server.send("PATCH", f"/{made['id']}", {"name": "Desk"}))
    excluded = server.creation_options()["excludeCredentials"]
    removed = outcome(server.send("DELETE", f"/{made['id']}", server.proof()))
    after = outcome(stranger.authenticate(authenticator.get(stranger.request_options())))
    return {
        "options": options,
        "made": made,
        "login": login,
        "listed": listed,
        "renamed": renamed,
        "is_excluded": [entry["id"] for entry in excluded] == [authenticator.create(options)["id"]],
        "removed": removed,
        "after": after,
    }


origin, token, password, algorithm, *codes = sys.argv[1:]
print(json.dumps(life(Server(origin, token, password, codes), Authenticator(origin, int(algorithm)))))
