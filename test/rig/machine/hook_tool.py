#!/usr/bin/python3 -IS
"""Every hook tool of Juju, on the unit's machine: it passes its call on to the agent, as Juju's own do.

Files that the arguments name are on this machine, so they are read here; what they mean is decided where the
call is answered.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import socket
import sys
from pathlib import Path


def named_files(args: list[str]) -> dict[str, str]:
    """The files of `--file PATH`, `--file=PATH` and `key#file=PATH`, base64."""
    paths = [value for option, value in itertools.pairwise(args) if option == "--file"]
    paths += [word.removeprefix("--file=") for word in args if word.startswith("--file=")]
    paths += [word.partition("=")[2] for word in args if word.partition("=")[0].endswith("#file")]
    files: dict[str, str] = {}
    for path in paths:
        try:
            files[path] = base64.b64encode(Path(path).read_bytes()).decode()
        except OSError:
            continue  # whoever answers says so
    return files


def wants_stdin(args: list[str]) -> bool:
    return "--file=-" in args or ("--file", "-") in list(itertools.pairwise(args))


def main() -> int:
    args = sys.argv[1:]
    call = {
        "context": os.environ.get("JUJU_CONTEXT_ID", ""),
        "tool": Path(sys.argv[0]).name,
        "args": args,
        "stdin": sys.stdin.read() if wants_stdin(args) else "",
        "files": named_files(args),
    }
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(os.environ.get("JUJU_AGENT_SOCKET_ADDRESS", ""))
    agent.sendall((json.dumps(call) + "\n").encode())
    answer = json.loads(agent.makefile("r", encoding="utf-8").readline())
    sys.stdout.write(answer["stdout"])
    sys.stderr.write(answer["stderr"])
    return int(answer["code"])


sys.exit(main())
