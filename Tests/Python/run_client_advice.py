"""Runs the example of docs/clients.md against a server.

    run_client_advice.py API TOKEN LIST CLOSED

LIST is a path that is limited tightly, CLOSED a port where nobody listens. Prints as JSON what happened.
"""

import json
import pathlib
import re
import sys
import time as real_time

api, token, limited, closed = sys.argv[1:]
text = (pathlib.Path(__file__).parent.parent.parent / "docs/clients.md").read_text()
scope = {}
exec(re.search(r"<!-- run -->\n```python\n(.*?)```", text, re.S).group(1), scope)
waits = []


def sleep(seconds, is_real):
    waits.append(seconds)
    if is_real:
        real_time.sleep(seconds)


class Clock:
    is_real = True

    def sleep(self, seconds):
        sleep(seconds, self.is_real)


clock = scope["time"] = Clock()
send = scope["send"]
headers = {"Authorization": f"Bearer {token}"}


def outcome(method, path, **arguments):
    waits.clear()
    answer = send(method, api + path, headers=headers, **arguments)
    return {"status": answer.status_code, "waits": len(waits)}


seen = {
    "success": outcome("GET", "/users/@me"),
    "missing": outcome("GET", "/users/1"),
    "module": outcome("POST", "/auth/password-reset/request", json={"email": "a@example.org"}),
    "limited": [outcome("GET", limited) for _ in range(3)],
}
clock.is_real = False
for method in ("GET", "POST"):
    waits.clear()
    try:
        send(method, f"http://127.0.0.1:{closed}/")
        seen[f"closed {method}"] = "answered"
    except scope["requests"].ConnectionError:
        bounds = (0.5, 1, 2, 4, 8)
        assert all(0 <= wait <= bound for wait, bound in zip(waits, bounds)), waits
        seen[f"closed {method}"] = len(waits)
print(json.dumps(seen))
