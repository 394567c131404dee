"""The testfix rule, as a pure function: what to do with the changes that wait on a branch.

While the branch is red nothing but a fix is built, so that one failure is reported once and the branch is mended
before more is put on top of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

MARK = "[testfix]"


class Colour(Enum):
    """What a builder's newest finished build says; a build that was retried, broken or cancelled says nothing."""

    GREEN = "green"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class BuilderState:
    colour: Colour
    building: bool


class Decision(Enum):
    """The words end the log's sentence `demo/master: 2 changes …`."""

    NOTHING = "to build"
    BUILD = "to be built"
    GATHER = "waiting for the build that is running"
    HOLD = f"waiting for a {MARK} commit or a forced green build"


def decide(messages: Collection[str], builders: Collection[BuilderState], testfix: bool) -> Decision:
    """What to do with the changes that wait, given their messages and the state of the branch's builders."""
    if not messages:
        return Decision.NOTHING
    if not testfix:
        return Decision.BUILD
    if any(builder.building for builder in builders):
        return Decision.GATHER
    red = any(builder.colour is Colour.RED for builder in builders)
    if red and not any(MARK in message.lower() for message in messages):
        return Decision.HOLD
    return Decision.BUILD
