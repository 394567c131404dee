"""What an `update-status` hook costs a unit, side by side with a charm on `ops` that does nothing.

Runs on the unit's machine in the unit's context (`juju exec`), so no other hook runs meanwhile. Each charm
runs its hook with the real tools first, which are noted with their answers. From then on the tools are shell
scripts that say the same again at once, the same ones for both charms: Juju's own cost more than the charms.

Usage: measure.py CHARM_DIRECTORY OPS_CHARM_DIRECTORY RUNS
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

RECORDER = Path(__file__).with_name("record_tool.py")
# What a hook tells may be worded otherwise the next time; nothing is answered to it.
TELLING = ("juju-log", "status-set")
TOOL_RUNS = 50


def environment(charm: str, path: str, more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUJU_ACTION_")}
    hook = {"JUJU_DISPATCH_PATH": "hooks/update-status", "JUJU_HOOK_NAME": "update-status"}
    return {**kept, **hook, "JUJU_CHARM_DIR": charm, "CHARM_DIR": charm, "PATH": path, **more}


def run(charm: str, path: str, more: dict[str, str]) -> float:
    """Runs the hook to its end; gives the processor time of all its processes, in milliseconds."""
    return cpu([f"{charm}/dispatch"], charm, environment(charm, path, more))


def cpu(argv: list[str], cwd: str, env: dict[str, str]) -> float:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - the charms under measurement
            argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        # wait4(2): of the process and of all of its descendants that were waited for.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{argv[0]} ended with {process.returncode}: {errors.read().decode()}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def record(charm: str, place: Path, real: str) -> list[dict[str, Any]]:
    notes, tools = place / "notes", place / "recorders"
    shutil.rmtree(tools, ignore_errors=True)
    notes.unlink(missing_ok=True)
    tools.mkdir()
    for tool in Path(real).iterdir():
        (tools / tool.name).symlink_to(RECORDER)
    more = {"BENCH_REAL_TOOLS": real, "BENCH_NOTES": str(notes)}
    run(charm, f"{tools}:{os.environ['PATH']}", more)
    return [json.loads(line) for line in notes.read_text().splitlines()]


def write_tools(calls: list[dict[str, Any]], place: Path) -> None:
    tools = place / "tools"
    tools.mkdir()
    for name in {call["tool"] for call in calls}:
        answers: dict[str, str] = {}
        for call in calls:
            if call["tool"] == name and name not in TELLING:
                said = [f"printf %s {shlex.quote(call['stdout'])}"] if call["stdout"] else []
                said += [f"printf %s {shlex.quote(call['stderr'])} >&2"] if call["stderr"] else []
                answers[" ".join(call["args"])] = "; ".join([*said, f"exit {call['code']}"])
        cases = [f"{shlex.quote(args) or chr(39) * 2}) {answer} ;;" for args, answer in answers.items()]
        unknown = (
            "" if name in TELLING else f'echo "{name} $*" >>{shlex.quote(str(place / "unknown"))}; exit 1'
        )
        script = "\n".join(["#!/bin/sh", *(['case "$*" in', *cases, "esac"] if cases else []), unknown, ""])
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)


def counted(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = Counter((call["tool"], tuple(call["args"]), call["stdin"]) for call in calls)
    return [{"tool": tool, "args": list(args), "times": times} for (tool, args, _), times in keys.items()]


def main(charm: str, ops: str, runs: int) -> None:
    sides = {"charm": charm, "ops": ops}
    real = str(Path(shutil.which("status-set") or sys.exit("no hook tools")).parent)
    with tempfile.TemporaryDirectory(prefix="bench-hooks-") as directory:
        place = Path(directory)
        # The first run of each compiles, and caches that.
        calls = {
            name: (record(path, place, real), record(path, place, real))[1] for name, path in sides.items()
        }
        write_tools([call for made in calls.values() for call in made], place)
        replayed = f"{place / 'tools'}:{os.environ['PATH']}"
        samples: dict[str, list[float]] = {name: [] for name in sides}
        for path in sides.values():
            run(path, replayed, {})
        for _ in range(runs):
            for name, path in sides.items():
                samples[name].append(run(path, replayed, {}))
        if (place / "unknown").exists():
            sys.exit(f"asked what was not asked when it was recorded:\n{(place / 'unknown').read_text()}")
        status_set = [str(place / "tools/status-set"), "active"]
        tool = sorted(cpu(status_set, "/", dict(os.environ)) for _ in range(TOOL_RUNS))[TOOL_RUNS // 2]
    report = {name: {"samples": samples[name], "calls": counted(calls[name])} for name in sides}
    print(json.dumps({**report, "tool": tool}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
