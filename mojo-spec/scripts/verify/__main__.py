"""Checks a running system through the juju client; it changes nothing, but has one build made.

What each line means: docs/reference/verify.md.
"""

import argparse
import json
import os
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from findings import ORDER, Finding, count
from judge import (
    judge_promotion,
    judge_secrets,
    judge_services,
    judge_units,
    judge_versions,
    judge_web,
    judge_workers,
)
from juju import Juju, JujuError
from model import Site, Unit, site_of
from probe import Choice, choose_builder, judge_probe

# All of it takes less than a minute; what has not answered by then counts as not answering.
SECONDS = 55
POLL_SECONDS = 1.5
NAGIOS = {"ok": 0, "skipped": 0, "warning": 1, "critical": 2}
UNKNOWN = 3
FRESH_FOR_NAGIOS = 3600


def options(argv: list[str]) -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser(
        prog="verify",
        description="Checks the lpbuildbot of the current Juju model, a line for each thing.",
        epilog="Exit codes: 0 all is well, 1 something is not, 2 wrong usage, 3 nothing could be looked at;"
        " with --nagios Nagios's own.",
    )
    parser.add_argument(
        "--nagios", action="store_true", help="one line, and the exit codes of a Nagios plugin"
    )
    parser.add_argument("--master", default=env("MASTER", "buildbot-master"), help="the master's application")
    parser.add_argument(
        "--probe-builder",
        default=env("PROBE_BUILDER", ""),
        metavar="NAME",
        help="the builder that makes the probe build; 'none' for no probe. Without it the quickest",
    )
    parser.add_argument(
        "--probe-worker",
        default=env("PROBE_WORKER", ""),
        metavar="UNIT|APPLICATION",
        help="who has to build it; only these units then need to be of the expected version",
    )
    parser.add_argument(
        "--probe-fresh",
        type=float,
        default=None,
        metavar="SECONDS",
        help="take a green build that is not older than that for the probe (0; with --nagios 3600)",
    )
    parser.add_argument(
        "--expect",
        default=env("EXPECT_VERSIONS", ""),
        metavar="FILE",
        help="the versions that the build phase wrote down; without it all units have to agree",
    )
    return parser.parse_args(argv)


class Verification:
    def __init__(self, wanted: argparse.Namespace) -> None:
        self.wanted = wanted
        self.juju = Juju(SECONDS)
        self.pool = ThreadPoolExecutor(16)
        fresh = wanted.probe_fresh
        self.fresh: float = (FRESH_FOR_NAGIOS if wanted.nagios else 0) if fresh is None else fresh

    def findings(self) -> list[Finding]:
        site = site_of(self.juju.status(), self.wanted.master)
        if site is None:
            raise JujuError(f"the model has no application {self.wanted.master}")
        looks = {
            unit.name: self.pool.submit(self._look, unit, site) for unit in site.units if unit.agent != "lost"
        }
        readers = self.pool.submit(self._readers, site.master)
        serving = site.serving
        master: dict[str, Any] | None = None
        push: Future[dict[str, Any]] | None = None
        probe: Future[Finding] | None = None
        silent: list[Finding] = []
        if serving is not None and serving.name in looks:
            try:
                master = looks[serving.name].result()
            except JujuError as error:
                silent.append(Finding("services", "critical", str(error)))
            else:
                probe = self.pool.submit(self._probe, serving, site, master)
                if master["promotion"]["mode"] != "off":
                    push = self.pool.submit(self.juju.action, serving.name, "check-push")
        facts: dict[str, dict[str, Any]] = {}
        for unit, look in looks.items():
            try:
                facts[unit] = look.result()
            except JujuError as error:
                silent.append(Finding("services", "critical", str(error)))
        expected = (
            json.loads(Path(self.wanted.expect).read_text(encoding="utf-8")) if self.wanted.expect else {}
        )
        chosen = frozenset(unit.name for unit in site.units if self._is_chosen(unit))
        found = [judge_units(site), worst([judge_services(facts), *unique(silent)])]
        found.append(judge_versions(site, facts, expected, chosen))
        if master is None:
            reason = "the master cannot be asked"
            return [
                *found,
                *(Finding(check, "critical", reason) for check in ("workers", "probe", "promotion", "web")),
                judge_secrets(site, facts, readers.result()),
            ]
        found.append(judge_workers(site, master, facts))
        found.append(
            probe.result()
            if probe is not None
            else Finding("probe", "critical", "the master cannot be asked")
        )
        found.append(judge_promotion(master["promotion"], task_of(push)))
        return [*found, judge_web(master["web"]), judge_secrets(site, facts, readers.result())]

    def _look(self, unit: Unit, site: Site) -> dict[str, Any]:
        serves = site.serving is not None and unit.name == site.serving.name
        if unit.role == "master" and serves:
            return self.juju.on_unit(unit.name, "master", unit.address)
        return self.juju.on_unit(unit.name, "worker")

    def _readers(self, application: str) -> list[str] | str:
        try:
            return self.juju.readers(application)
        except (JujuError, ValueError) as error:
            return str(error)

    def _is_chosen(self, unit: Unit) -> bool:
        return self.wanted.probe_worker in (unit.name, unit.application)

    def _probe(self, serving: Unit, site: Site, master: dict[str, Any]) -> Finding:
        if self.wanted.probe_builder == "none":
            return Finding("probe", "skipped", "not asked for")
        worker = ""
        if self.wanted.probe_worker:
            units = [unit.name for unit in site.of("worker") if self._is_chosen(unit)]
            if not units:
                return Finding("probe", "critical", f"there is no worker {self.wanted.probe_worker}")
            worker = units[0]
        # Anybody's build says nothing of the one worker that was asked for.
        fresh = 0 if worker else self.fresh
        choice = choose_builder(master["buildbot"]["builders"], self.wanted.probe_builder, fresh, time.time())
        if choice.green:
            return Finding("probe", "ok", choice.green)
        if not choice.builder:
            return self._without_builder(choice, worker)
        return self._forced(serving, choice.builder, worker, master["buildbot"]["building"])

    def _without_builder(self, choice: Choice, worker: str) -> Finding:
        # Who asks for a builder or for a worker means it.
        asked = bool(self.wanted.probe_builder or worker) or choice.text == "Buildbot does not answer"
        return Finding("probe", "critical" if asked else "skipped", choice.text)

    def _forced(self, serving: Unit, builder: str, worker: str, building: int) -> Finding:
        started = time.monotonic()
        parameters = {"builder": builder, "reason": "verify: a probe"} | (
            {"worker": worker} if worker else {}
        )
        task = self.juju.action(serving.name, "force-build", **parameters)
        number = (task.get("results") or {}).get("request")
        if task.get("status") != "completed" or number is None:
            return Finding("probe", "critical", f"{builder}: {task.get('message') or task.get('status')}")
        while True:
            request = self.juju.on_unit(serving.name, "request", str(number))["request"]
            done = request is None or request["complete"]
            if done or self.juju.left < 2 * POLL_SECONDS + 3:
                return judge_probe(builder, request, time.monotonic() - started, building)
            time.sleep(POLL_SECONDS)


def task_of(push: "Future[dict[str, Any]] | None") -> dict[str, Any] | None:
    if push is None:
        return None
    try:
        return push.result()
    except JujuError as error:
        return {"status": "failed", "message": str(error)}


def worst(findings: list[Finding]) -> Finding:
    """One line of several of the same check."""
    verdict = max((each.verdict for each in findings), key=ORDER.index)
    if verdict == "ok":
        return findings[0]
    said = "; ".join(each.text for each in findings if each.verdict == verdict)
    return Finding(findings[0].check, verdict, said)


def unique(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def report(findings: list[Finding], seconds: float) -> int:
    for each in findings:
        print(f"{each.verdict:<9} {each.check:<10} {each.text}")
    wrong = [each.check for each in findings if each.verdict in ("warning", "critical")]
    skipped = [each.check for each in findings if each.verdict == "skipped"]
    but = f" ({', '.join(skipped)} skipped)" if skipped else ""
    if wrong:
        names = ", ".join(wrong)
        print(
            f"{len(wrong)} of {count(len(findings), 'check')} not well: {names}, after {seconds:.0f} s{but}"
        )
        return 1
    print(f"all is well, in {seconds:.0f} s{but}")
    return 0


def report_nagios(findings: list[Finding], seconds: float) -> int:
    """Nagios Plugin Development Guidelines: one line, what matters first, performance data after a bar."""
    verdict = max((each.verdict for each in findings), key=ORDER.index)
    word = {"ok": "OK", "skipped": "OK"}.get(verdict, verdict.upper())
    wrong = sorted(
        (each for each in findings if NAGIOS[each.verdict] > 0), key=lambda each: -ORDER.index(each.verdict)
    )
    said = (
        "; ".join(f"{each.check}: {each.text}" for each in wrong) or f"{count(len(findings), 'check')} passed"
    )
    print(f"LPBUILDBOT {word} - {said.replace('|', '/')} | time={seconds:.1f}s")
    return NAGIOS[verdict]


def main(argv: list[str]) -> int:
    wanted = options(argv)
    started = time.monotonic()
    try:
        findings = Verification(wanted).findings()
    except (JujuError, OSError, ValueError) as error:
        if wanted.nagios:
            print(f"LPBUILDBOT UNKNOWN - {error}")
        else:
            print(f"verify: {error}", file=sys.stderr)
        return UNKNOWN
    show = report_nagios if wanted.nagios else report
    return show(findings, time.monotonic() - started)


sys.exit(main(sys.argv[1:]))
