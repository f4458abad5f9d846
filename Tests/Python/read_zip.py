"""Prints the files of a ZIP archive as one JSON object, after checking that the archive is whole: JSON as it is, others as text."""

import json
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    broken = archive.testzip()
    if broken is not None:
        sys.exit(f"{broken} is broken")
    files = {name: archive.read(name) for name in archive.namelist()}
    print(json.dumps({
        name: json.loads(data) if name.endswith(".json") else data.decode(errors="replace")
        for name, data in files.items()
    }))
