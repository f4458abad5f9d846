"""An authenticator app: reads the otpauth address of a QR code and shows the code of a moment."""

import json
import sys

import pyotp

uri, second = sys.argv[1:]
app = pyotp.parse_uri(uri)
print(json.dumps({"issuer": app.issuer, "name": app.name, "code": app.at(int(second))}))
