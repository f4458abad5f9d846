"""Runs the shell script of a page of the documentation, the block after `<!-- run -->`, against a server."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

page, api = sys.argv[1:]
text = (pathlib.Path(__file__).parent.parent.parent / page).read_text()
script = re.search(r"<!-- run -->\n```bash\n(.*?)```", text, re.S).group(1)
# This interpreter has what the page asks for.
path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, check=True,
        env={**os.environ, "PATH": path, "API": api})
    assert (pathlib.Path(folder) / "qr.png").read_bytes().startswith(b"\x89PNG")
