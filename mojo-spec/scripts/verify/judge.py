"""What is thought of what was found: one finding a check. Pure: no juju, no clock."""

import hashlib
from collections.abc import Iterable
from typing import Any

from findings import Finding, Judged, count
from model import Site


def judge_units(site: Site) -> Finding:
    judged = Judged("units", f"{count(len(site.units), 'unit')} active")
    if not site.of("master"):
        judged.critical(f"{site.master} has no unit")
    if not site.workers:
        judged.critical(f"nothing is related to {site.master}:workers")
    for unit in site.units:
        machine = site.machines.get(unit.machine, "started")
        if unit.agent not in ("idle", "executing"):
            judged.critical(f"{unit.name}: the agent is {unit.agent}")
        elif machine != "started":
            judged.critical(f"{unit.name}: machine {unit.machine} is {machine}")
        elif unit.workload in ("error", "blocked", "unknown", "terminated"):
            judged.critical(f"{unit.name} is {unit.workload}: {unit.message}")
        elif unit.workload != "active":
            judged.warning(f"{unit.name} is {unit.workload}: {unit.message}")
    return judged.finding()


LONGEST_NAME = 50

# By unit, as on_unit.py gives them.
Facts = dict[str, dict[str, Any]]


def judge_services(facts: Facts) -> Finding:
    states = [(unit, name, state) for unit, each in facts.items() for name, state in each["services"].items()]
    names = sorted({name.removesuffix(".service") for _, name, _ in states})
    judged = Judged("services", f"{', '.join(names)} on {count(len(facts), 'unit')}")
    for unit, name, state in states:
        if state != "active":
            judged.critical(f"{unit}: {name.removesuffix('.service')} is {state}")
    return judged.finding()


def judge_versions(site: Site, facts: Facts, expected: dict[str, Any], only: frozenset[str]) -> Finding:
    """`only`: the units that have to be as expected, when the others may still be older."""
    if not facts:
        return Finding("versions", "skipped", "no unit can be asked")
    workers = [unit.name for unit in site.of("worker") if unit.name in facts]
    helpers = {unit: str(facts[unit].get("helpers") or "none") for unit in workers}
    charms = sorted({facts[unit]["charm"]["version"] or "unknown" for unit in facts})
    said = [f"Buildbot {site.version or 'unknown'}", f"charms {', '.join(charms)}"]
    said.append(f"helpers {', '.join(sorted(set(helpers.values()))) or 'none'}")
    judged = Judged("versions", "; ".join(said))
    for unit in site.units:
        if unit.name not in facts or (only and unit.name not in only):
            continue
        wanted = expected.get(unit.role) or {}
        has = facts[unit.name]["charm"]
        if wanted and wanted.get("digest") != has["digest"]:
            what = (
                f"{has['version']}, another build of it"
                if wanted.get("version") == has["version"]
                else has["version"]
            )
            judged.critical(
                f"{unit.name} runs the charm {what or 'unknown'}, not {wanted.get('version')} as built"
            )
        if unit.role == "worker" and expected.get("helpers") not in (None, helpers[unit.name]):
            judged.critical(f"{unit.name} has helpers {helpers[unit.name]}, not {expected['helpers']}")
    if not only:
        for role in ("master", "worker"):
            digests = {facts[unit.name]["charm"]["digest"] for unit in site.of(role) if unit.name in facts}
            if len(digests) > 1 and not expected.get(role):
                judged.critical(f"units of {role}s run different charms")
        if len(set(helpers.values())) > 1 and "helpers" not in expected:
            judged.critical(
                "; ".join(f"{unit} has helpers {version}" for unit, version in sorted(helpers.items()))
            )
    return judged.finding()


def judge_workers(site: Site, master: dict[str, Any], facts: Facts) -> Finding:
    buildbot = master["buildbot"]
    if buildbot["workers"] is None:
        return Finding("workers", "critical", "Buildbot does not answer")
    connected = {each["name"] for each in buildbot["workers"] if each.get("connected_to")}
    units = site.of("worker")
    images: set[str] = set()
    judged = Judged("workers")
    for unit in units:
        name = worker_name(unit.name)
        if name not in connected:
            judged.critical(f"{unit.name} is not connected")
        each = facts.get(unit.name)
        if each is None:
            continue
        if each["images"] is None:
            judged.critical(f"{unit.name} cannot list its images")
        for row in each["images"] or []:
            if row["state"] == "missing":
                judged.critical(f"{unit.name} has no image {row['name']}")
            elif row["state"] == "current":
                images.add(row["name"])
        for remark in each["doctor"] or []:
            # What it says of images and of the connection stands above already.
            if remark["verdict"] == "problem" and remark["check"] not in ("images", "worker"):
                judged.critical(f"{unit.name}: {remark['sentence']}")
    for each in buildbot["workers"]:
        # Buildbot is given one that never connects for a builder that nobody can build for.
        if (
            each["name"].startswith("no-worker-")
            and not each.get("connected_to")
            and each.get("configured_on")
        ):
            judged.critical(f"builders wait: {each['name'].replace('-', ' ')}")
    judged.good = f"{len(units)} of {len(units)} connected; {', '.join(sorted(images)) or 'no images'}"
    return judged.finding()


def worker_name(unit: str) -> str:
    """As the master's charm calls it: Buildbot's names have at most 50 characters, and no slash."""
    name = unit.replace("/", "-")
    digest = hashlib.sha256(unit.encode()).hexdigest()
    return name if len(name) <= LONGEST_NAME else f"{name[:41]}-{digest[:8]}"


def judge_promotion(promotion: dict[str, Any], push: dict[str, Any] | None) -> Finding:
    """`push`: the task of the action check-push, when there is something to check."""
    mode = promotion["mode"]
    if mode == "off":
        return Finding("promotion", "skipped", "it is switched off (setting promotion)")
    health = promotion["health"]
    if health is None:
        return Finding("promotion", "critical", "it does not answer")
    judged = Judged("promotion", f"{mode}; hears of builds")
    if health["status"] == "stuck":
        judged.critical("it stands still; see journalctl -u lpbuildbot-promotion")
    if health["buildbot"] != "ok":
        judged.critical(f"Buildbot: {health['buildbot']}")
    if health["events"] != "connected":
        judged.warning("it is not connected to Buildbot's events, and looks once a minute")
    for remote in health["remotes"]:
        judged.critical(f"{remote['url']}: {remote.get('reason') or 'in trouble'}")
    if push is not None:
        text = str(
            (push.get("results") or {}).get("result") or push.get("message") or push.get("status")
        ).strip()
        lines = text.splitlines() or ["no answer"]
        if push.get("status") == "completed":
            judged.good += f"; {'nothing is pushed' if mode == 'shadow' else f'may push {pushed(lines)}'}"
        else:
            wrong = [line for line in lines if "may be pushed" not in line]
            judged.critical("; ".join(wrong or lines))
    return judged.finding()


def pushed(lines: Iterable[str]) -> str:
    return (
        ", ".join(sorted({line.split(":", 1)[0] for line in lines if "may be pushed" in line})) or "nothing"
    )


def judge_web(web: dict[str, Any]) -> Finding:
    problem = web["problem"]
    if problem is None:
        return Finding("web", "ok", web["url"])
    return Finding("web", "critical", f"{web['url']}: {problem}")


def judge_secrets(site: Site, facts: Facts, readers: list[str] | str) -> Finding:
    """`readers`: who may read the master's secret in the model; a text, why that is not known."""
    if not facts:
        return Finding("secrets", "skipped", "no unit can be asked")
    files = sum(each["secrets"]["files"] for each in facts.values())
    judged = Judged("secrets", f"{count(files, 'file')}, each readable by its one user")
    for unit, each in facts.items():
        for leak in each["secrets"]["readable"]:
            judged.critical(f"{unit}: {leak['user']} can read {leak['file']}")
        if each["secrets"]["files"] == 0:
            judged.critical(f"{unit}: there is no secret where they are kept")
    if isinstance(readers, str):
        judged.warning(f"who may read the secret of {site.master} is not known: {readers}")
        readers = []
    for reader in readers:
        if reader != f"application-{site.master}":
            judged.critical(f"{reader} may read the secret of {site.master}: juju revoke-secret")
    return judged.finding()
