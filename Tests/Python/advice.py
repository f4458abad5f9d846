"""Runs the error page's Python example against a server, through each of its branches.

    advice.py FUNCTION API NAME PASSWORD LIST

FUNCTION is the example's file, LIST a path that is limited tightly. Prints as JSON what happened.
"""

import json
import pathlib
import sys
import time as real_time
import types

import requests as real_requests

function, api, name, password, limited = sys.argv[1:]


class Client:
    """What the example takes for granted: the functions that it calls, which know the request under way."""

    def __init__(self, token, version=None):
        self.token = token
        self.version = version
        self.events = []
        self.statuses = []
        self.last = None
        scope = {
            "requests": types.SimpleNamespace(request=self.request), "refresh_token": self.refresh_token,
            "retry_request": self.retry_request, "log_error": self.log_error, "APIError": APIError,
            "show_update_prompt": lambda: self.events.append("update prompt"),
        }
        exec(compile(pathlib.Path(function).read_text(), function, "exec"), scope)
        scope["time"] = types.SimpleNamespace(sleep=self.sleep)
        self.api_request = scope["api_request"]

    def request(self, url, method="GET", **kwargs):
        self.last = (url, {"method": method, **kwargs})
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.version:
            headers["X-Client-Version"] = self.version
        response = real_requests.request(method, url, headers=headers, timeout=60, **kwargs)
        self.statuses.append(response.status_code)
        return response

    def retry_request(self):
        url, kwargs = self.last
        return self.api_request(url, **kwargs)

    def refresh_token(self):
        self.events.append("login")
        self.token = log_in()

    def sleep(self, seconds):
        self.events.append("wait")
        real_time.sleep(seconds)

    def log_error(self, code, message):
        self.events.append(f"log {code} {message}")


class APIError(Exception):
    pass


def log_in():
    reply = real_requests.post(f"{api}/auth/login", json={"username": name, "password": password}, timeout=60)
    return reply.json()["token"]


def branch(client, *requests):
    result = None
    for path, arguments in requests:
        try:
            result = client.api_request(api + path, **arguments)
        except APIError as error:
            result = f"APIError {error}"
    if isinstance(result, dict):
        result = result.get("username", "a dictionary")
    elif isinstance(result, list):
        result = "a list"
    return {"result": result, "events": client.events, "statuses": client.statuses}


token = log_in()
me = ("/users/@me", {})
print(json.dumps({
    "success": branch(Client(token), me),
    "authentication": branch(Client("no longer good"), me),
    "rate_limit": branch(Client(token), *[(limited, {})] * 3),
    "version": branch(Client(token, version="a.0.9-1"), me),
    "other": branch(Client(token), ("/users/1", {})),
    "written": branch(Client(token), ("/servers", {"method": "POST", "json": {"name": ""}})),
}))
