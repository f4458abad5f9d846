"""Debian's ClamAV daemon, which knows nothing but the EICAR test file: prints its port."""

import hashlib
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import parent

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

folder = pathlib.Path(tempfile.mkdtemp(prefix="aviary-clamd-"))
(folder / "test.hdb").write_text(f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Eicar-Test\n")
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
(folder / "clamd.conf").write_text(
    f"TCPAddr 127.0.0.1\nTCPSocket {port}\nDatabaseDirectory {folder}\nForeground yes\nLogFile {folder}/log\n"
    "OfficialDatabaseOnly no\nStreamMaxLength 20M\n")
daemon = subprocess.Popen(
    ["/usr/sbin/clamd", "--config-file", folder / "clamd.conf"], stdout=subprocess.DEVNULL)


def stop(*_):
    daemon.terminate()
    shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(0)


signal.signal(signal.SIGTERM, stop)
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        break
    except OSError:
        time.sleep(0.1)
print(port, flush=True)

# The daemon is a child of this process, so it has to be ended before it.
import os

first = os.getppid()
while os.getppid() == first:
    time.sleep(0.5)
stop()
