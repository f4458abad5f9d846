"""The server's routes of passkeys."""

import requests


class Server:
    def __init__(self, origin, token=None, password=None, codes=()):
        self.origin = origin
        self.token = token
        self.password = password
        self.codes = list(codes)

    def send(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return requests.request(
            method, f"{self.origin}/api/v1/auth/passkeys{path}", json=body, headers=headers, timeout=60
        )

    def proof(self):
        """The password, and of a second factor the next of its backup codes."""
        return {"password": self.password, **({"code": self.codes.pop(0)} if self.codes else {})}

    def creation_options(self):
        return succeeded(self.send("POST", "/options/register", self.proof()))

    def register(self, credential, **fields):
        return self.send("POST", "/register", {"credential": credential, **fields})

    def request_options(self):
        return succeeded(self.send("POST", "/options/authenticate"))

    def authenticate(self, credential):
        return self.send("POST", "/authenticate", {"credential": credential})


def succeeded(reply):
    reply.raise_for_status()
    return reply.json()


def outcome(reply):
    """The status, and for an error its message."""
    if reply.status_code < 400:
        return str(reply.status_code)
    return f"{reply.status_code} {reply.json()['error']['message']}"
