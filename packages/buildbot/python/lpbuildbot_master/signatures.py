"""Whether somebody who knows the secret has sent this, and for the first time: signatures, files of secrets, memory."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from pathlib import Path

# `sha256=` and the digest in hexadecimal, as GitHub writes it in X-Hub-Signature-256.
SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")


def read_secrets(path: str) -> list[bytes]:
    """The secrets in a file, one a line, none without a file; an OSError when there is one that cannot be read.

    There may be several, so that a secret can be changed at one end after the other.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [line.strip() for line in lines if line.strip()]


def is_signed(secrets: Sequence[bytes], message: bytes, signature: str) -> bool:
    """Whether one of the secrets made this signature (HMAC-SHA256, RFC 2104), in a time that tells nothing of it."""
    match = SIGNATURE.fullmatch(signature)
    if match is None:
        return False
    given = bytes.fromhex(match[1])
    same = [hmac.compare_digest(hmac.digest(secret, message, hashlib.sha256), given) for secret in secrets]
    return any(same)


class Seen:
    """Marks of what was taken, each until its time is over; of more than `most` the oldest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._until: dict[bytes, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def has(self, mark: bytes, now: float) -> bool:
        return self._until.get(mark, now) > now

    def add(self, mark: bytes, until: float, now: float) -> None:
        self._until.pop(mark, None)
        self._until[mark] = until
        # Those in front came first, and that is near enough to whose time is over first.
        for old in list(self._until):
            if len(self._until) <= self._most and self._until[old] > now:
                break
            del self._until[old]
