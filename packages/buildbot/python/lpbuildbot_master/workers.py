"""Buildbot's worker, which is fit for work after every reconfiguration: two things that Buildbot leaves out."""

from typing import Any

from buildbot.util.twisted import async_to_deferred
from buildbot.worker.base import Worker


class EagerWorker(Worker):
    @async_to_deferred
    async def reconfigServiceWithSibling(self, sibling: Any) -> None:
        await super().reconfigServiceWithSibling(sibling)
        # A reconfiguration that fails half-way, and is followed by one back to the old builders, makes these anew, and
        # Buildbot takes the worker for attached to them: by name nothing has changed. Attaching twice does no harm.
        if self.conn:
            for builder in self.botmaster.getBuildersForWorker(self.name):
                await self.attachBuilder(builder)
        # Buildbot looks for builds to start before its workers get their new builders, and then not again: a builder
        # that waited for a worker with its image would wait on until something else happens to it.
        self.botmaster.maybeStartBuildsForWorker(self.name)
