"""An OpenID Connect provider (oidc-provider-mock on Authlib) that insists on PKCE: prints its port, then serves.

Besides its own `PUT /users/{sub}`, which sets a user's claims, `POST /test/rotate` gives it a new signing key.
"""

import logging
import os
import socket

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import authlib.integrations.flask_oauth2 as flask_oauth2
import flask
import oidc_provider_mock
import oidc_provider_mock._app as provider
import parent
import werkzeug.serving
from authlib import jose
from authlib.oauth2.rfc7636 import CodeChallenge

challenges = {}


class RequiredChallenge(CodeChallenge):
    """The provider itself knows no PKCE; Authlib does."""

    def __init__(self):
        super().__init__(required=True)

    def get_authorization_code_challenge(self, authorization_code):
        return challenges[authorization_code.code][0]

    def get_authorization_code_challenge_method(self, authorization_code):
        return challenges[authorization_code.code][1]


save = provider.AuthorizationCodeGrant.save_authorization_code


def save_with_challenge(self, code, request):
    arguments = flask.request.args
    challenges[code] = (arguments.get("code_challenge"), arguments.get("code_challenge_method"))
    return save(self, code, request)


provider.AuthorizationCodeGrant.save_authorization_code = save_with_challenge
# Public clients have to use it anyway; here everybody has.
provider.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

register = flask_oauth2.AuthorizationServer.register_grant


def register_with_challenge(self, grant, extensions=None):
    if grant is provider.AuthorizationCodeGrant:
        extensions = [*(extensions or []), RequiredChallenge()]
    return register(self, grant, extensions)


flask_oauth2.AuthorizationServer.register_grant = register_with_challenge

app = oidc_provider_mock.app(require_nonce=True)


@app.post("/test/rotate")
def rotate():
    provider.storage.jwk = jose.RSAKey.generate_key(is_private=True)
    return "", 204


parent.exit_with_parent()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
port = listener.getsockname()[1]
server = werkzeug.serving.make_server("127.0.0.1", port, app, threaded=True, fd=listener.fileno())
print(port, flush=True)
server.serve_forever()
