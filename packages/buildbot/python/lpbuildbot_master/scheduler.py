"""The scheduler of one branch: the AggregatingScheduler that Launchpad's developers know, made level-triggered.

`look` reads from the database what there is, and acts on that; new changes, finished builds and the start of the
master only say that it is time to look. So a master that was killed between a change and its build loses neither. The
changes that wait are kept where Buildbot's own schedulers keep theirs (the table scheduler_changes).
"""

from typing import Any

from buildbot.changes.filter import ChangeFilter
from buildbot.data.resultspec import Filter
from buildbot.process.results import FAILURE, SUCCESS, WARNINGS
from buildbot.schedulers.base import ReconfigurableBaseScheduler
from buildbot.util.twisted import async_to_deferred
from twisted.internet import defer
from twisted.internet.base import DelayedCall
from twisted.python import log

from lpbuildbot_master.poller import TIP
from lpbuildbot_master.testfix import BuilderState, Colour, Decision, decide

RETRY_SECONDS = 30
# How far back a builder's newest build that says something is looked for.
BUILDS_LOOKED_AT = 50


class TestfixScheduler(ReconfigurableBaseScheduler):
    """Builds what comes to one branch; with `testfix` changes wait while the branch is red (see testfix.py)."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self._one_look = defer.DeferredLock()
        self._look_wanted = False
        self._retry: DelayedCall | None = None
        self._finished_consumers: list[Any] = []
        self._builders: list[int] = []
        self._told = (Decision.NOTHING, 0)

    def checkConfig(  # type: ignore[override]
        self, builderNames: list[str], repository: str, branch: str, testfix: bool
    ) -> None:
        super().checkConfig(builderNames=builderNames)

    @async_to_deferred
    async def reconfigService(  # type: ignore[override]
        self, builderNames: list[str], repository: str, branch: str, testfix: bool
    ) -> None:
        await super().reconfigService(builderNames=builderNames)
        self.repository = repository
        self.branch = branch
        self.testfix = testfix
        if self.active and self.enabled:
            await self._stop_consuming()
            await self._start_consuming()

    @async_to_deferred
    async def activate(self) -> None:
        await super().activate()
        if self.enabled:
            await self._start_consuming()

    @async_to_deferred
    async def deactivate(self) -> None:
        await super().deactivate()
        await self._stop_consuming()
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    async def _start_consuming(self) -> None:
        await self.startConsumingChanges(change_filter=ChangeFilter(repository=self.repository, branch=self.branch))
        self._builders = [await self.master.data.updates.findBuilderId(name) for name in self.builderNames]
        for builder in self._builders:
            consumer = await self.master.mq.startConsuming(
                lambda key, message: self.look(), ("builders", str(builder), "builds", None, "finished")
            )
            self._finished_consumers.append(consumer)
        await self.look()

    async def _stop_consuming(self) -> None:
        for consumer in self._finished_consumers:
            consumer.stopConsuming()
        self._finished_consumers = []
        await self._stopConsumingChanges()
        # A look that is under way ends before anything changes under it.
        async with self._one_look:
            pass

    def gotChange(self, change: Any, important: bool) -> "defer.Deferred[None]":
        return self.look() if change.category == TIP else defer.succeed(None)

    @async_to_deferred
    async def look(self) -> None:
        """Brings the branch's builds up to what waits. However many ask for it at a time, one look answers them all."""
        self._look_wanted = True
        async with self._one_look:
            if not self._look_wanted or self._change_consumer is None:
                return
            self._look_wanted = False
            try:
                await self._look()
            except Exception:
                log.err(_why=f"{self.name}: while looking for changes; the next look is in {RETRY_SECONDS} s")
                self._look_again_later()

    def _look_again_later(self) -> None:
        def again() -> None:
            self._retry = None
            self.look()

        if self._retry is None:
            self._retry = self.master.reactor.callLater(RETRY_SECONDS, again)

    async def _look(self) -> None:
        await self._take_new_changes()
        classified = await self.master.db.schedulers.getChangeClassifications(self.serviceid)
        if classified:
            await self._build_or_hold(sorted(classified))
        await self._build_on_new_builders()

    async def _build_or_hold(self, numbers: list[int]) -> None:
        changes = [await self.master.db.changes.getChange(number) for number in numbers]
        # Without the rule nothing depends on the builders' state.
        builders = [await self._builder_state(builder) for builder in self._builders] if self.testfix else []
        decision = decide([change.comments for change in changes if change], builders, self.testfix)
        if decision is Decision.BUILD:
            await self._build(numbers)
        elif self._told != (decision, len(numbers)):
            log.msg(f"{self.name}: {_count(len(numbers))} {decision.value}")
        self._told = (decision, len(numbers))

    async def _take_new_changes(self) -> None:
        """Takes over the branch's changes since the last look; of those before the first look, only the newest.

        A push of several commits is taken whole, or the oldest of them would be built alone.
        """
        seen = await self.getState("seen", None)
        branch = [Filter("repository", "eq", [self.repository]), Filter("branch", "eq", [self.branch])]
        tips = await self.master.data.get(
            ("changes",), filters=[*branch, Filter("category", "eq", [TIP])], order=["-changeid"], limit=1
        )
        if not tips or tips[0]["changeid"] == seen:
            return
        tip = tips[0]["changeid"]
        numbers = [tip]
        if seen is not None:
            between = [Filter("changeid", "gt", [seen]), Filter("changeid", "le", [tip])]
            found = await self.master.data.get(("changes",), filters=[*branch, *between])
            numbers = [change["changeid"] for change in found]
        await self.master.db.schedulers.classifyChanges(self.serviceid, dict.fromkeys(numbers, True))
        await self.setState("seen", tip)

    async def _build(self, numbers: list[int]) -> None:
        await self.addBuildsetForChanges(reason=f"{_count(len(numbers))} on {self.branch}", changeids=numbers)
        await self.setState("built", {"change": numbers[-1], "builders": self.builderNames})
        await self.master.db.schedulers.flushChangeClassifications(self.serviceid, less_than=numbers[-1] + 1)

    async def _build_on_new_builders(self) -> None:
        """A builder that came to the branch after its last change builds that one, or nothing could be promoted."""
        built = await self.getState("built", None)
        if built is None or built["builders"] == self.builderNames:
            return
        new = [name for name in self.builderNames if name not in built["builders"]]
        if new:
            await self.addBuildsetForChanges(
                reason=f"new builder on {self.branch}", changeids=[built["change"]], builderNames=new
            )
        await self.setState("built", {**built, "builders": self.builderNames})

    async def _builder_state(self, builder: int) -> BuilderState:
        running = await self.master.data.get(
            ("builders", builder, "builds"), filters=[Filter("complete", "eq", [False])], limit=1
        )
        return BuilderState(await self._colour(builder), building=bool(running))

    async def _colour(self, builder: int) -> Colour:
        """By the builder's newest build of this branch that tested a revision."""
        builds = await self.master.data.get(
            ("builders", builder, "builds"),
            filters=[
                Filter("complete", "eq", [True]),
                Filter("results", "in", [SUCCESS, WARNINGS, FAILURE]),
            ],
            order=["-number"],
            limit=BUILDS_LOOKED_AT,
        )
        for build in builds:
            properties = await self.master.db.builds.getBuildProperties(build["buildid"])
            branch, _ = properties.get("branch", (None, None))
            if branch == self.branch and "got_revision" in properties:
                return Colour.RED if build["results"] == FAILURE else Colour.GREEN
        return Colour.UNKNOWN


def _count(changes: int) -> str:
    return "1 change" if changes == 1 else f"{changes} changes"
