"""Buildbot's worker, which is fit for work after every reconfiguration: three things that Buildbot leaves out."""

from typing import Any

from buildbot.process.results import CANCELLED, RETRY
from buildbot.util.twisted import async_to_deferred
from buildbot.worker.base import Worker
from twisted.internet import defer
from twisted.python import log

# A worker kills a command at once when it is told to; one that does not answer must not keep the others waiting.
END_SECONDS = 30


class EagerWorker(Worker):
    @async_to_deferred
    async def reconfigServiceWithSibling(self, sibling: Any) -> None:
        await self._end_builds_without_builder()
        await super().reconfigServiceWithSibling(sibling)
        await self._attach_all()
        # Buildbot looks for builds to start before its workers get their new builders, and then not again: a builder
        # that waited for a worker with its image would wait on until something else happens to it.
        self.botmaster.maybeStartBuildsForWorker(self.name)

    async def _end_builds_without_builder(self) -> None:
        """Stops the builds whose builder was taken out of the configuration, while the worker still listens to it.

        Told only of its new builders, a worker kills what the others ran and says nothing, and the master would take it
        for busy for ever. A builder that came back under its name (see _attach_all) builds again what was stopped.
        """
        builders = self.botmaster.builders
        for place in list(self.workerforbuilders.values()):
            builder = place.builder
            if builders.get(place.builder_name) is builder:
                continue
            # Buildbot has cut it off already, and the end of a build is written down through these.
            builder.master, builder.botmaster = self.master, self.botmaster
            again = place.builder_name in builders
            for build in [each for each in builder.building if each.workerforbuilder is place]:
                await self._end(build, "the configuration changed", RETRY if again else CANCELLED)
            self.removeWorkerForBuilder(place)

    async def _end(self, build: Any, reason: str, result: int) -> None:
        ended = build.waitUntilFinished().addTimeout(END_SECONDS, self.master.reactor)
        await build.stopBuild(reason, result)
        try:
            await ended
        except defer.TimeoutError:
            log.msg(f"{build} did not end within {END_SECONDS} s; its worker {self.name} does not answer")

    async def _attach_all(self) -> None:
        """Attaches this worker to all its builders; where it is attached already, nothing happens.

        A reconfiguration that failed half-way and is followed by one back to the old builders makes these anew. The
        ids are those of before, so Buildbot takes the worker for attached to them; and a worker that connected in
        between was told of the builders that are gone again.
        """
        if self.conn:
            await self.updateWorker()
        for builder in self.botmaster.getBuildersForWorker(self.name):
            # What is attached without a connection stays in the builder's list and keeps the next one out.
            if self.conn:
                await self.attachBuilder(builder)
