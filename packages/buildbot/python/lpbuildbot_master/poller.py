"""Tells Buildbot of the commits that appear on the branches of one repository.

Buildbot's own GitPoller says nothing of a branch's commit when it first sees the branch, and counts commits as told
when telling failed. This one keeps, for each branch, the last commit it told Buildbot of, and brings Buildbot up to
the branch's present tip whenever the two differ. It needs only what Buildbot offers to plug-ins, asks the remote one
question a poll while nothing changed, and treats each branch by itself. A change hook (see change_hooks.py) makes it
poll at once.
"""

import hashlib
import re
import shutil
import time
from dataclasses import dataclass
from typing import Any

from buildbot.changes.base import ReconfigurablePollingChangeSource
from buildbot.util.runprocess import run_process
from buildbot.util.state import StateMixin
from buildbot.util.twisted import async_to_deferred
from twisted.internet import defer, threads
from twisted.python import log

from lpbuildbot_master.git import ENVIRONMENT
from lpbuildbot_master.names import STATE_NAME, within
from lpbuildbot_master.pace import Pace
from lpbuildbot_master.places import place

# The category of a branch's tip; the commits below it that came in the same push have none. Only with its tip is a push
# told whole.
TIP = "tip"
# What is told of one push at most: its newest commits, and the first files of each.
MOST_COMMITS = 100
MOST_FILES = 500
# Buildbot's columns `changes.author` and `change_files.filename` (db/model.py).
NAME_LENGTH = 255
FILE_LENGTH = 1024
# Between two polls that change hooks ask for, or whoever has the secret could flood the repository's server.
HOOK_PAUSE_SECONDS = 0.5
# What git says when its copy is broken, or locked by a git that was killed. The copy is then made anew.
BROKEN = re.compile(r"\.lock': File exists|not a git repository|corrupt|bad object|unable to read|did not send all")


class GitFailed(Exception):
    """A git command that did not succeed; the message is for the log."""


@dataclass(frozen=True)
class Commit:
    revision: str
    when: int
    author: str
    committer: str
    message: str


class BranchPoller(ReconfigurablePollingChangeSource, StateMixin):
    def __init__(self, repository: str, **kwargs: Any) -> None:
        self.repository = repository
        # What was last said of the remote, which is not to be said at every poll.
        self._trouble = ""
        # While it polls at all.
        self._hooks: Pace | None = None
        digest = hashlib.sha256(repository.encode()).hexdigest()[:12]
        self.folder = f"poller-{digest}"
        super().__init__(repository=repository, name=within(repository, STATE_NAME), **kwargs)

    def checkConfig(  # type: ignore[override]
        self, repository: str, addresses: list[str], branches: list[str], project: str, poll_seconds: float
    ) -> None:
        super().checkConfig(name=self.name, pollInterval=poll_seconds, pollAtLaunch=True)  # type: ignore[arg-type]

    @async_to_deferred
    async def reconfigService(  # type: ignore[override]
        self, repository: str, addresses: list[str], branches: list[str], project: str, poll_seconds: float
    ) -> None:
        self.repository = repository
        # What change hooks may call it.
        self.places = frozenset(place(each) for each in [repository, *addresses])
        self.branches = branches
        self.project = project
        await super().reconfigService(
            name=self.name,
            pollInterval=poll_seconds,  # type: ignore[arg-type]
            pollAtLaunch=True,
        )
        if self.doPoll.running:
            self.doPoll()

    def activate(self) -> "defer.Deferred[None]":
        self._hooks = Pace(self.master.reactor, HOOK_PAUSE_SECONDS, self._poll_for_hook)
        return super().activate()

    def deactivate(self) -> "defer.Deferred[None]":
        if self._hooks is not None:
            self._hooks.stop()
        self._hooks = None
        return super().deactivate()

    def look_now(self) -> None:
        """Polls at once, or a moment after the last poll that was asked for; one that starts later polls anyway."""
        if self._hooks is not None:
            self._hooks.ask()

    def _poll_for_hook(self) -> None:
        log.msg(f"{self.repository} is polled for a change hook")
        self.doPoll()

    def describe(self) -> str:
        return f"branches {', '.join(self.branches)} of {self.repository}"

    @async_to_deferred
    async def poll(self) -> None:  # type: ignore[override]
        told: dict[str, str] = await self.getState("told", {})
        try:
            tips = await self._remote_tips()
        except GitFailed as error:
            if self._trouble != str(error):
                log.msg(f"{self.repository} cannot be read, every poll tries again: {error}")
            self._trouble = str(error)
            return
        if self._trouble:
            log.msg(f"{self.repository} can be read again")
        self._trouble = ""
        for branch in self.branches:
            if branch not in tips or tips[branch] == told.get(branch):
                continue
            # A reconfiguration waits for a poll to end.
            if not self.doPoll.running:
                return
            try:
                told = {**told, branch: await self._tell(branch, told.get(branch))}
                await self.setState("told", told)
            except Exception as error:
                log.err(_why=f"while reading branch {branch} of {self.repository}; the next poll tries again")
                if isinstance(error, GitFailed) and BROKEN.search(str(error)):
                    await threads.deferToThread(shutil.rmtree, f"{self.master.basedir}/{self.folder}", True)

    async def _remote_tips(self) -> dict[str, str]:
        refs = [f"refs/heads/{branch}" for branch in self.branches]
        listed = await self._git("ls-remote", "--refs", "--", self.repository, *refs)
        tips = {}
        for line in listed.splitlines():
            revision, _, ref = line.partition("\t")
            if ref in refs:
                tips[ref.removeprefix("refs/heads/")] = revision
        return tips

    async def _tell(self, branch: str, last: str | None) -> str:
        """Tells of what came after `last`, oldest first, and gives the tip. Told twice does no harm, untold would."""
        await self._git("init", "--quiet", "--bare", self.folder)
        ref = f"refs/lpbuildbot/{branch}"
        await self._git(
            # Its progress shows that it is alive, where silence would end it.
            "fetch",
            "--progress",
            "--no-tags",
            "--",
            self.repository,
            f"+refs/heads/{branch}:{ref}",
            here=True,
        )
        tip = (await self._git("rev-parse", "--verify", f"{ref}^{{commit}}", here=True)).strip()
        commits = await self._commits_after(last, tip)
        for commit in reversed(commits):
            await self.master.data.updates.addChange(
                author=commit.author[:NAME_LENGTH],
                committer=commit.committer[:NAME_LENGTH],
                revision=commit.revision,
                files=await self._files(commit.revision),
                comments=commit.message,
                when_timestamp=commit.when,
                category=TIP if commit.revision == tip else None,
                branch=branch,
                project=self.project,
                repository=self.repository,
            )
        log.msg(f"{branch} of {self.repository} is at {tip}; new commits: {len(commits)}")
        return tip

    async def _commits_after(self, last: str | None, tip: str) -> list[Commit]:
        """Newest first. Only the tip counts of a branch seen for the first time, set back, or with `last` gone."""
        commits: list[Commit] = []
        if last is not None:
            try:
                commits = await self._log(f"--max-count={MOST_COMMITS}", f"{last}..{tip}")
            except GitFailed as error:
                log.msg(f"{last} is gone from {self.repository}: {error}")
        return commits or await self._log("--max-count=1", tip)

    async def _log(self, *which: str) -> list[Commit]:
        fields = "%H%x00%ct%x00%aN <%aE>%x00%cN <%cE>%x00%B"
        listed = await self._git("log", "-z", "--first-parent", f"--format={fields}", *which, "--", here=True)
        parts = listed.removesuffix("\0").split("\0") if listed else []
        return [
            Commit(revision, _sane_time(when), author, committer, message.strip())
            for revision, when, author, committer, message in zip(*[iter(parts)] * 5, strict=True)
        ]

    async def _files(self, revision: str) -> list[str]:
        show = ["log", "-1", "-z", "-m", "--first-parent", "--name-only", "--format=", revision, "--"]
        names = (await self._git(*show, here=True)).split("\0")
        return [name[:FILE_LENGTH] for name in names if name][:MOST_FILES]

    async def _git(self, *arguments: str, here: bool = False) -> str:
        basedir = self.master.basedir
        code, output, errors = await run_process(
            self.master.reactor,
            ["git", *arguments],
            workdir=f"{basedir}/{self.folder}" if here else basedir,
            env={**ENVIRONMENT, "LC_ALL": "C"},
            io_timeout=300,
            runtime_timeout=6 * 3600,
        )
        if code != 0:
            raise GitFailed(f"git {arguments[0]}: {errors.decode('utf-8', 'replace').strip()}")
        return bytes(output).decode("utf-8", "replace")


def _sane_time(text: str) -> int:
    """A commit's time as its author's clock had it, within what a database column holds."""
    return max(0, min(int(text or 0), int(time.time())))
