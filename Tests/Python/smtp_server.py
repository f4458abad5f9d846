"""A mail server that keeps what it is given: prints its port, then appends each message to a file as a line of JSON.

    smtp_server.py FILE [--port PORT] [--user NAME --password WORD] [--certificate PEM --key PEM [--implicit]]

With a certificate it offers STARTTLS, or begins with TLS. It refuses the recipient refused@example.org.
"""

import argparse
import email
import email.policy
import json
import signal
import ssl
import sys

import parent
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--user")
parser.add_argument("--password")
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--implicit", action="store_true")
options = parser.parse_args()


def body(message, kind):
    part = message.get_body((kind,))
    return part and part.get_content().replace("\r\n", "\n")


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address == "refused@example.org":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": message["Subject"],
            "text": body(message, "plain"), "html": body(message, "html"), "type": message.get_content_type(), "headers": dict(message.items()),
            "encrypted": session.ssl is not None, "authenticated": bool(session.authenticated),
        }
        with open(options.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == options.user.encode() and data.password == options.password.encode()
    # Not handled: the server is to say 535 itself.
    return AuthResult(success=right, handled=False)


settings = {}
if options.certificate:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.certificate, options.key)
    settings["ssl_context" if options.implicit else "tls_context"] = context
if options.user:
    settings |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": bool(options.certificate)}



class AnyPort(Controller):
    """Takes a free port where none is named, which the check after the start has to know."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


parent.exit_with_parent()
controller = AnyPort(Mailbox(), hostname="127.0.0.1", port=options.port, **settings)
controller.start()
print(controller.port, flush=True)
signal.sigwait([signal.SIGTERM, signal.SIGINT])
sys.exit(0)
