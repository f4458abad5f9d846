"""Prints the JSON files of a ZIP archive as one JSON object, after checking that the archive is whole."""

import json
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    broken = archive.testzip()
    if broken is not None:
        sys.exit(f"{broken} is broken")
    print(json.dumps({name: json.loads(archive.read(name)) for name in archive.namelist()}))
