#!/usr/bin/python3 -I
"""Stands before every hook tool for one hook: passes the call on, and notes it with its answer."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    name, args = Path(sys.argv[0]).name, sys.argv[1:]
    wants_stdin = "--file=-" in args or ("--file", "-") in list(itertools.pairwise(args))
    stdin = sys.stdin.read() if wants_stdin else ""
    done = subprocess.run(  # noqa: S603 - the tools are Juju's
        [Path(os.environ["BENCH_REAL_TOOLS"]) / name, *args],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    call = {"tool": name, "args": args, "stdin": stdin}
    answer = {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    # One write, because hooks call several tools at once.
    notes = os.open(os.environ["BENCH_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(notes, (json.dumps({**call, **answer}) + "\n").encode())
    os.close(notes)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


sys.exit(main())
