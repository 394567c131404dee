"""The applications that matter, read from `juju status --format json`."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Unit:
    name: str
    application: str
    role: Literal["master", "worker"]
    workload: str
    message: str
    agent: str
    machine: str
    address: str


@dataclass(frozen=True)
class Site:
    """The applications that matter, as `juju status` has them."""

    master: str
    workers: tuple[str, ...]
    units: tuple[Unit, ...]
    machines: dict[str, str]
    version: str

    def of(self, role: str) -> list[Unit]:
        return [unit for unit in self.units if unit.role == role]

    @property
    def serving(self) -> Unit | None:
        """The unit with the lowest number is the master, whoever leads."""
        masters = sorted(self.of("master"), key=lambda unit: int(unit.name.rsplit("/", 1)[1]))
        return masters[0] if masters else None


def site_of(status: dict[str, Any], master: str) -> Site | None:
    """None when there is no such application. Workers are what is related to its endpoint `workers`."""
    applications = status.get("applications") or {}
    if master not in applications:
        return None
    related = (applications[master].get("relations") or {}).get("workers") or []
    workers = tuple(sorted({_related(each) for each in related} & applications.keys()))
    names: list[tuple[str, Literal["master", "worker"]]] = [(master, "master")]
    names += [(name, "worker") for name in workers]
    units = tuple(
        _unit(unit, name, role, shown)
        for name, role in names
        for unit, shown in (applications[name].get("units") or {}).items()
    )
    machines = {
        machine: (shown.get("juju-status") or {}).get("current", "")
        for machine, shown in (status.get("machines") or {}).items()
    }
    return Site(master, workers, units, machines, applications[master].get("version") or "")


def _related(entry: Any) -> str:
    return str(entry["related-application"] if isinstance(entry, dict) else entry)


def _unit(name: str, application: str, role: Literal["master", "worker"], shown: dict[str, Any]) -> Unit:
    workload, agent = shown.get("workload-status") or {}, shown.get("juju-status") or {}
    return Unit(
        name,
        application,
        role,
        workload.get("current") or "unknown",
        workload.get("message") or "",
        agent.get("current") or "unknown",
        shown.get("machine") or "",
        shown.get("public-address") or "",
    )
