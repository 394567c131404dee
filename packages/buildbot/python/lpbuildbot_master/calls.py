"""What a call at `/change_hook` means, as pure functions: GitHub's webhooks, and those of our own `post-receive`.

GitHub describes its own at docs.github.com/webhooks (webhook-events-and-payloads, validating-webhook-deliveries). Ours
is the repository's address as the body, with three headers, and signed is `TIMESTAMP.NONCE.BODY`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from lpbuildbot_master.signatures import is_signed

# GitHub sends no larger ones.
GITHUB_LIMIT = 25 * 1024 * 1024
# GitHub does not sign the time of a delivery, so that what is remembered is all there is against replays.
GITHUB_REMEMBERED_SECONDS = 24 * 3600
GITHUB_EVENTS = {"push", "create", "delete"}
GITHUB_ADDRESSES = ("clone_url", "ssh_url", "html_url", "git_url")

GIT_LIMIT = 4096
# How far two clocks may be apart, and so how long a nonce has to be remembered.
TOLERANCE_SECONDS = 300
TIMESTAMP = re.compile(r"[0-9]{1,12}")
NONCE = re.compile(r"[0-9A-Za-z_-]{16,64}")


@dataclass(frozen=True)
class Answer:
    """An HTTP status, and a line for whoever looks at what was delivered."""

    status: int
    text: str


@dataclass(frozen=True)
class Event:
    """A signed call. Sent once more it has the same `mark`, and is to be refused until `remembered_until`."""

    addresses: list[str]
    action: str
    mark: bytes
    # In seconds since the epoch.
    remembered_until: float


# Nothing that helps somebody who has no secret.
UNSIGNED = Answer(403, "not signed with the secret of this master")
TOO_LARGE = Answer(413, "too large")
NAMES_NONE = Answer(400, "names no repository")


def github(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: float) -> Answer | Event:
    """A delivery of GitHub's. Header names are in lower case, `now` is in seconds since the epoch."""
    if not is_signed(secrets, body, headers.get("x-hub-signature-256", "")):
        return UNSIGNED
    try:
        payload = json.loads(_github_json(headers, body))
    except (ValueError, RecursionError):
        return Answer(400, "not JSON")
    kind = headers.get("x-github-event", "")
    if kind not in GITHUB_EVENTS | {"ping"}:
        return Answer(200, "nothing to do for this event: push, create and delete are enough")
    repository = payload.get("repository") if isinstance(payload, dict) else None
    given: Any = repository if isinstance(repository, dict) else {}
    addresses = [given[key] for key in GITHUB_ADDRESSES if isinstance(given.get(key), str)]
    if not addresses:
        # The ping of an organization's webhook.
        return Answer(200, "signed well") if kind == "ping" else NAMES_NONE
    mark = hashlib.sha256(body).digest()
    return Event(addresses, "check" if kind == "ping" else "look", mark, now + GITHUB_REMEMBERED_SECONDS)


def _github_json(headers: Mapping[str, str], body: bytes) -> bytes | str:
    """Webhooks that were made with GitHub's first choice of content type send a form."""
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return body
    fields = parse_qs(body.decode("ascii"), max_num_fields=10, strict_parsing=True)
    return "".join(fields.get("payload", []))


def git(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: float, since: float) -> Answer | Event:
    """A call of our `post-receive`; `since` is when this master began to remember, by its clock."""
    timestamp = headers.get("x-lpbuildbot-timestamp", "")
    nonce = headers.get("x-lpbuildbot-nonce", "")
    if not TIMESTAMP.fullmatch(timestamp) or not NONCE.fullmatch(nonce):
        return UNSIGNED
    signed = f"{timestamp}.{nonce}.".encode() + body
    if not is_signed(secrets, signed, headers.get("x-lpbuildbot-signature-256", "")):
        return UNSIGNED
    off = round(now - int(timestamp))
    if abs(off) > TOLERANCE_SECONDS:
        which = "behind" if off > 0 else "ahead"
        return Answer(403, f"signed by a clock that is {abs(off)} s {which}, and {TOLERANCE_SECONDS} s are the limit")
    if int(timestamp) < int(since):
        # What was taken before is forgotten, and not needed: a master that starts looks at everything.
        return Answer(409, "signed before this master started, and it looked at everything then")
    try:
        address = body.decode("utf-8").strip()
    except UnicodeDecodeError:
        return NAMES_NONE
    return Event([address], "look", nonce.encode(), int(timestamp) + TOLERANCE_SECONDS) if address else NAMES_NONE
