"""Does something at once when it is asked to, and not again before a pause is over, however often it is asked."""

from collections.abc import Callable
from typing import Any

from twisted.internet.base import DelayedCall


class Pace:
    """A burst of asks is one deed now and at most one more after the pause, which answers all that came meanwhile."""

    def __init__(self, clock: Any, pause: float, deed: Callable[[], object]) -> None:
        self._clock = clock
        self._pause = pause
        self._deed = deed
        self._free = float("-inf")
        self._waiting: DelayedCall | None = None

    def ask(self) -> None:
        if self._waiting is None:
            self._waiting = self._clock.callLater(max(0, self._free - self._clock.seconds()), self._do)

    def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _do(self) -> None:
        self._waiting = None
        self._free = self._clock.seconds() + self._pause
        self._deed()
