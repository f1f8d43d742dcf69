"""What must be read again but never lie in clear: private keys and their passphrases, encrypted at rest under SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class Unreadable(RuntimeError):
    """What was encrypted under another SECRET_KEY cannot be read any more."""


def locked(secret: bytes, purpose: str) -> bytes:
    """The secret, encrypted and authenticated; `purpose` keeps one use from reading another's."""
    return _cipher(purpose).encrypt(secret)


def unlocked(kept: bytes, purpose: str) -> bytes:
    """The secret again. Raises Unreadable when it was not locked here for this purpose."""
    try:
        return _cipher(purpose).decrypt(kept)
    except InvalidToken as error:
        raise Unreadable(f"{purpose}: locked under another SECRET_KEY") from error


def _cipher(purpose: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=f"binome {purpose}".encode()).derive(current_app.config["SECRET_KEY"].encode())
    return Fernet(base64.urlsafe_b64encode(key))
