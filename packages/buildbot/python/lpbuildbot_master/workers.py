"""Buildbot's worker, which starts what waits for it also when a reconfiguration gave it more to do."""

from typing import Any

from buildbot.util.twisted import async_to_deferred
from buildbot.worker.base import Worker


class EagerWorker(Worker):
    @async_to_deferred
    async def reconfigServiceWithSibling(self, sibling: Any) -> None:
        await super().reconfigServiceWithSibling(sibling)
        # Buildbot looks for builds to start before its workers get their new builders, and then not again: a builder
        # that waited for a worker with its image would wait on until something else happens to it.
        self.botmaster.maybeStartBuildsForWorker(self.name)
