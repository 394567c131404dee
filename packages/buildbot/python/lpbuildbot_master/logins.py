"""Logins from a file of hashed passwords, one `name:scrypt$N$r$p$salt$hash` a line (salt and hash in base64).

The file is read at every login and at every action, so adding or removing somebody needs no reconfiguration and works
at once. src/logins.ts writes it.
"""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

from buildbot.www.auth import CustomAuth
from buildbot.www.authz.roles import RolesFromBase
from twisted.cred.error import UnauthorizedLogin
from twisted.internet import defer, threads
from twisted.python import log

# Checked in place of a name that is not in the file, so that the time tells nobody which names are.
NOBODY = "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "="
MEMORY_LIMIT = 128 * 1024 * 1024


class LoginsFile(CustomAuth):
    """Basic authentication at /auth/login, as Buildbot's own login button uses it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        # A check takes 16 MB: one at a time keeps a flood of logins from taking the machine's memory.
        self._one_at_a_time = defer.DeferredLock()

    def requestAvatarId(self, cred: Any) -> "defer.Deferred[Any]":
        def checked(good: bool) -> Any:
            if good:
                return cred.username
            raise UnauthorizedLogin()

        checking = self._one_at_a_time.run(threads.deferToThread, self.check_credentials, cred.username, cred.password)
        return checking.addCallback(checked)

    def check_credentials(self, username: bytes, password: bytes) -> bool:
        stored = read_logins(self.path).get(username.decode("utf-8", "replace"))
        return check_password(password, stored or NOBODY) and stored is not None


class LoggedIn(RolesFromBase):
    """Gives its one role to everybody who is logged in and still in the file."""

    ROLE = "operator"

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def getRolesFromUser(self, userDetails: dict[str, Any]) -> list[str]:
        name = userDetails.get("username")
        return [self.ROLE] if name is not None and name in read_logins(self.path) else []


def read_logins(path: str) -> dict[str, str]:
    """Hashes by name. Without a readable file nobody can log in, and the log says so."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        log.msg(f"nobody can log in: {path} cannot be read: {error}")
        return {}
    return {name: stored for name, colon, stored in (line.partition(":") for line in lines) if colon}


def check_password(password: bytes, stored: str) -> bool:
    """Whether this is the password of a stored hash; False as well for a hash that is none."""
    try:
        scheme, cost, block, parallel, salt, expected = stored.strip().split("$")
        if scheme != "scrypt":
            return False
        wanted = base64.b64decode(expected, validate=True)
        found = hashlib.scrypt(
            password,
            salt=base64.b64decode(salt, validate=True),
            n=int(cost),
            r=int(block),
            p=int(parallel),
            maxmem=MEMORY_LIMIT,
            dklen=len(wanted),
        )
    except ValueError:
        return False
    return hmac.compare_digest(found, wanted)
