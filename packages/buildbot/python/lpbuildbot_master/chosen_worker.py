"""A forced build may name the worker that has to build it (Buildbot's own property `workername`)."""

from typing import Any

from buildbot.process.buildrequest import BuildRequest
from buildbot.util.twisted import async_to_deferred


@async_to_deferred
async def collapse(master: Any, builder: Any, newer: dict[str, Any], older: dict[str, Any]) -> bool:
    """Buildbot's own rule for requests that one build may answer, but for those that name a worker.

    Buildbot compares what is to be built and not where: the wish would be lost.
    """
    if await _names_worker(master, newer) or await _names_worker(master, older):
        return False
    return bool(await BuildRequest.canBeCollapsed(master, newer, older))


async def _names_worker(master: Any, request: dict[str, Any]) -> bool:
    properties = await master.data.get(("buildsets", request["buildsetid"], "properties"))
    return "workername" in properties
