"""The dialects of Buildbot's `/change_hook`: a signed call makes the poller of the repository that it names poll now.

A call never brings a change by its own word. What is built is what the repository says when it is asked, so that even a
forged call could do no more than a poll does, and a lost one costs the time until the next. Buildbot's own dialects add
the changes that they are told of.
"""

import time
from collections.abc import Iterable
from typing import Any

from twisted.internet import defer
from twisted.python import log

from lpbuildbot_master import calls
from lpbuildbot_master.calls import Answer, Event
from lpbuildbot_master.places import place
from lpbuildbot_master.poller import BranchPoller
from lpbuildbot_master.signatures import Seen, read_secrets

MOST_REMEMBERED = 10_000
OFF = Answer(404, "change hooks are off: this master has no secret for them")
ONLY_POST = Answer(405, "only POST")
REPLAYED = Answer(409, "came before")
UNKNOWN = Answer(404, "no pipeline of this master has this repository")


class ChangeHook:
    """A handler as Buildbot's ChangeHookResource makes it: one for each dialect, kept as long as the master runs."""

    DIALECT: str
    LIMIT: int

    def __init__(self, master: Any, options: dict[str, Any]) -> None:
        self.master = master
        self._since: float = options["since"]
        self._seen = Seen(MOST_REMEMBERED)
        # What was said in the log since the last call that was taken: others could fill it.
        self._said: set[str] = set()

    def getChanges(self, request: Any) -> "defer.Deferred[Any]":
        answer = self._answer(request)
        if answer.status == 405:
            request.setHeader(b"allow", b"POST")
        request.setResponseCode(answer.status)
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        request.write(f"{answer.text}\n".encode())
        request.finish()
        # Whatever a handler gives, Buildbot makes 202, 400 or 500 of it; of what never comes, it makes nothing.
        return defer.Deferred()

    def _answer(self, request: Any) -> Answer:
        if request.method != b"POST":
            return ONLY_POST
        secrets = self._secrets()
        if not secrets:
            return OFF
        body = _body(request, self.LIMIT)
        if body is None:
            return calls.TOO_LARGE
        headers = {
            name.decode("latin1").lower(): values[-1].decode("latin1")
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        now = time.time()
        event = self._read(headers, body, secrets, now)
        answer = event if isinstance(event, Answer) else self._take(event, now)
        if answer.status in (200, 202):
            self._said.clear()
        else:
            self._say(f"a call of {request.getClientAddress().host} was answered {answer.status}: {answer.text}")
        return answer

    def _read(self, headers: dict[str, str], body: bytes, secrets: list[bytes], now: float) -> Answer | Event:
        raise NotImplementedError

    def _take(self, event: Event, now: float) -> Answer:
        wanted = {place(address) for address in event.addresses}
        pollers = [poller for poller in self._pollers() if not wanted.isdisjoint(poller.places)]
        if not pollers:
            return UNKNOWN
        if event.action == "check":
            return Answer(200, "signed well, and the repository is known")
        if self._seen.has(event.mark, now):
            return REPLAYED
        # Not before it is taken: what was refused may be sent once more when its reason is mended.
        self._seen.add(event.mark, event.remembered_until, now)
        for poller in pollers:
            poller.look_now()
        return Answer(202, "looks now")

    def _pollers(self) -> Iterable[BranchPoller]:
        return [source for source in self.master.change_svc if isinstance(source, BranchPoller)]

    def _secrets(self) -> list[bytes]:
        """Read anew for each call, from where the present configuration says: this object is older than that."""
        path = self.master.config.www["change_hook_dialects"][self.DIALECT]["secret_file"]
        try:
            return read_secrets(path)
        except OSError as error:
            self._say(f"off, because {path} cannot be read: {error.strerror}")
            return []

    def _say(self, what: str) -> None:
        if what not in self._said and len(self._said) < 20:
            self._said.add(what)
            log.msg(f"change hook {self.DIALECT}: {what}")


class GitHubHook(ChangeHook):
    DIALECT = "github"
    LIMIT = calls.GITHUB_LIMIT

    def _read(self, headers: dict[str, str], body: bytes, secrets: list[bytes], now: float) -> Answer | Event:
        return calls.github(headers, body, secrets, now)


class GitHook(ChangeHook):
    DIALECT = "git"
    LIMIT = calls.GIT_LIMIT

    def _read(self, headers: dict[str, str], body: bytes, secrets: list[bytes], now: float) -> Answer | Event:
        return calls.git(headers, body, secrets, now, self._since)


def dialects(secret_file: str) -> dict[str, Any]:
    """Buildbot's setting `change_hook_dialects`."""
    since = time.time()
    return {
        hook.DIALECT: {"custom_class": hook, "secret_file": secret_file, "since": since}
        for hook in (GitHubHook, GitHook)
    }


def _body(request: Any, limit: int) -> bytes | None:
    """The whole body as it came, or nothing of one that is longer: Twisted has put that into a file."""
    request.content.seek(0, 2)
    if request.content.tell() > limit:
        return None
    request.content.seek(0)
    return bytes(request.content.read())
