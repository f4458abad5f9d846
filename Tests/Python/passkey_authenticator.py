"""A passkey authenticator and its browser, in software, of the parts of the fido2 library."""

import os
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256, EdDSA
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    RegistrationResponse,
)

FLAG = AuthenticatorData.FLAG
VERIFIED = FLAG.UP | FLAG.UV


class Authenticator:
    """Holds one credential. What it says can be changed before it says it."""

    def __init__(self, origin, algorithm=ES256.ALGORITHM, counter=0):
        self.origin = origin
        self.algorithm = algorithm
        self.counter = counter
        self.flags = VERIFIED
        self.credential_id = os.urandom(32)
        self.user_handle = None
        if algorithm == ES256.ALGORITHM:
            self.key = ec.generate_private_key(ec.SECP256R1())
            self.public_key = ES256.from_cryptography_key(self.key.public_key())
        else:
            self.key = ed25519.Ed25519PrivateKey.generate()
            self.public_key = EdDSA.from_cryptography_key(self.key.public_key())

    def create(self, options, origin=None):
        """What `navigator.credentials.create` gives back, in its JSON form."""
        options = PublicKeyCredentialCreationOptions.from_dict(options)
        assert self.algorithm in [parameters.alg for parameters in options.pub_key_cred_params]
        self.user_handle = options.user.id
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, self.public_key)
        data = AuthenticatorData.create(
            options.rp.id_hash, self.flags | FLAG.AT, self.counter, attested
        )
        response = RegistrationResponse(
            raw_id=self.credential_id,
            response=AuthenticatorAttestationResponse(
                client_data=CollectedClientData.create(
                    CollectedClientData.TYPE.CREATE, options.challenge, origin or self.origin
                ),
                attestation_object=AttestationObject.create("none", data, {}),
            ),
        )
        return plain(response)

    def get(self, options, origin=None):
        """What `navigator.credentials.get` gives back, in its JSON form."""
        options = PublicKeyCredentialRequestOptions.from_dict(options)
        client_data = CollectedClientData.create(
            CollectedClientData.TYPE.GET, options.challenge, origin or self.origin
        )
        data = AuthenticatorData.create(
            sha256(options.rp_id.encode()).digest(), self.flags, self.counter
        )
        response = AuthenticationResponse(
            raw_id=self.credential_id,
            response=AuthenticatorAssertionResponse(
                client_data=client_data,
                authenticator_data=data,
                signature=self.sign(data + client_data.hash),
                user_handle=self.user_handle,
            ),
        )
        return plain(response)

    def sign(self, message):
        if self.algorithm == ES256.ALGORITHM:
            return self.key.sign(message, ec.ECDSA(SHA256()))
        return self.key.sign(message)


def plain(value):
    """The library's mappings as dictionaries, which `json` can write."""
    if hasattr(value, "items"):
        return {key: plain(member) for key, member in value.items() if member is not None}
    return value
