"""The probe build: which builder makes it, and what came of it. Pure."""

from dataclasses import dataclass
from typing import Any

from findings import Finding, count

# Buildbot's numbers for how a build ended.
GREEN = (0, 1)
RESULTS = ("success", "warnings", "failure", "skipped", "exception", "retry", "cancelled")
# A builder that takes longer is not asked by itself for a probe.
QUICK_SECONDS = 30


@dataclass(frozen=True)
class Choice:
    """The builder for the probe; without a name, `text` says why there is none.

    `green`: the build that is as good as a new one.
    """

    builder: str
    text: str = ""
    green: str = ""


def choose_builder(
    builders: list[dict[str, Any]] | None, wanted: str, fresh_seconds: float, now: float
) -> Choice:
    """The one asked for, else the quickest; a green build not older than `fresh_seconds` is enough."""
    if builders is None:
        return Choice("", "Buildbot does not answer")
    chosen = _named(builders, wanted) if wanted else _quickest(builders)
    if isinstance(chosen, str):
        return Choice("", chosen)
    newest = next((build for build in chosen["builds"] if build["complete"]), None)
    if fresh_seconds > 0 and newest is not None and newest["results"] in GREEN:
        age = now - newest["complete_at"]
        if age <= fresh_seconds:
            said = f"{chosen['name']} #{newest['number']} was green {max(1, round(age / 60))} min ago"
            return Choice(chosen["name"], green=said)
    return Choice(chosen["name"])


def _named(builders: list[dict[str, Any]], wanted: str) -> dict[str, Any] | str:
    names = sorted(builder["name"] for builder in builders)
    found = next((builder for builder in builders if builder["name"] == wanted), None)
    return found or f"there is no builder {wanted}; there are {', '.join(names) or 'none'}"


def _quickest(builders: list[dict[str, Any]]) -> dict[str, Any] | str:
    """By the newest green build of each; the only one there is, even if nobody knows."""
    if len(builders) == 1 and _seconds(builders[0]) is None:
        return builders[0]
    known = [(seconds, builder) for builder in builders if (seconds := _seconds(builder)) is not None]
    if not known:
        return "no builder has been green yet; name one with PROBE_BUILDER"
    seconds, chosen = min(known, key=lambda each: each[0])
    if seconds > QUICK_SECONDS:
        return f"every builder takes longer than {QUICK_SECONDS} s; name one with PROBE_BUILDER"
    return chosen


def _seconds(builder: dict[str, Any]) -> float | None:
    """How long the newest green build took."""
    for build in builder["builds"]:
        if build["complete"] and build["results"] in GREEN:
            return float(build["complete_at"] - build["started_at"])
    return None


def judge_probe(builder: str, request: dict[str, Any] | None, waited: float, building: int) -> Finding:
    if request is None:
        return Finding(
            "probe", "critical", f"{builder}: Buildbot does not know of the build that it was asked for"
        )
    name = f"{builder} #{request['build']}" if request["build"] is not None else builder
    where = f" on {request['worker']}" if request["worker"] else ""
    if not request["complete"]:
        if request["build"] is not None:
            return Finding("probe", "warning", f"{name} still builds{where} after {waited:.0f} s")
        busy = f"; {count(building, 'build')} under way" if building else ""
        return Finding("probe", "warning", f"{builder} waits for a worker since {waited:.0f} s{busy}")
    if request["results"] in GREEN:
        return Finding("probe", "ok", f"{name} was green in {waited:.0f} s{where}")
    result = request["results"]
    word = RESULTS[result] if isinstance(result, int) and 0 <= result < len(RESULTS) else "unknown"
    return Finding(
        "probe", "critical", f"{name} ended with {word}{where}: {request['state'] or 'see its log'}"
    )
