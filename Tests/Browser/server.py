"""A server of the tests' own, on free ports and throwaway data."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "Correct horse 1!"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Runs until `close`; can be killed and started again on the same data and port."""

    def __init__(self, **settings):
        self.folder = tempfile.mkdtemp(prefix="aviary-browser-")
        self.port = free_port()
        self.settings = {
            "data": self.folder,
            "http.port": self.port,
            "metrics.port": 0,
            "rate_limiting.enabled": "false",
            "gateway.identify_interval_seconds": 0,
            "gateway.connections_per_user": 50,
            # What makes passwords safe makes tests slow.
            "passwords.argon2_memory_kib": 64,
            "passwords.argon2_passes": 1,
            **settings,
        }
        self.start()

    @property
    def origin(self):
        return f"http://localhost:{self.port}"

    @property
    def program(self):
        return os.environ.get("SERVER_PROGRAM", str(ROOT / ".build/debug/aviary"))

    def start(self):
        arguments = [f"--set={key}={value}" for key, value in self.settings.items()]
        self.log = open(self.folder + ".log", "ab")
        self.process = subprocess.Popen([self.program, "serve", *arguments], stdout=self.log, stderr=self.log)
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(self.origin + "/health", timeout=2).read()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None:
                    raise RuntimeError(pathlib.Path(self.folder + ".log").read_text()[-2000:])
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError("the server did not end: " + pathlib.Path(self.log.name).read_text()[-2000:]) from None
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        pathlib.Path(self.log.name).unlink(missing_ok=True)

    def administer(self, *arguments):
        """Runs one of the operator's commands on the same data."""
        command = [self.program, "admin", *arguments, f"--set=data={self.folder}"]
        return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout

    def api(self, method, path, body=None, token=None):
        """A request, for what a test needs and does not look at."""
        request = urllib.request.Request(self.origin + "/api/v1" + path, method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None
