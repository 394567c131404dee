"""The part of Juju's machine agent that has to be on the machine: starts hooks, and serves hook tools.

The rig speaks to it in lines of JSON on standard input and output. It decides nothing. When the rig lets go
of it, the hook that runs dies with it, as it does when Juju's agent is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

SOCKET = Path("/var/lib/juju/agents/agent.socket")
BOOTED = Path("/run/rig-agent-was-here")
# A hook dies with the thread that started it, and so with this program, however that ends.
WITH_ME = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"]
# Whatever a hook leaves behind may hold its pipes open: its last lines are not waited for longer than this.
LAST_LINES_SECONDS = 2.0


class Agent:
    def __init__(self) -> None:
        self.output = threading.Lock()
        self.replies: dict[int, socket.socket] = {}
        self.next_call = 0
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def tell(self, message: dict[str, Any]) -> None:
        with self.output:
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()

    def serve_tools(self) -> None:
        SOCKET.parent.mkdir(parents=True, exist_ok=True)
        SOCKET.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(SOCKET))
        SOCKET.chmod(0o700)
        server.listen(64)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=self.pass_on, args=(connection,), daemon=True).start()

    def pass_on(self, connection: socket.socket) -> None:
        text = connection.makefile("r", encoding="utf-8").readline()
        if not text:
            connection.close()
            return
        with self.output:
            self.next_call += 1
            number = self.next_call
            self.replies[number] = connection
        self.tell({"type": "tool", "call": number, **json.loads(text)})

    def reply(self, number: int, answer: dict[str, Any]) -> None:
        connection = self.replies.pop(number)
        # The hook, and the tool with it, may have been killed meanwhile.
        with contextlib.suppress(OSError):
            connection.sendall((json.dumps(answer) + "\n").encode())
        connection.close()

    def run(self, order: dict[str, Any]) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - running what the rig says is what it is for
                [*WITH_ME, *order["argv"]],
                cwd=order["cwd"],
                env=order["env"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                umask=0o022,
            )
        except OSError as error:
            self.tell({"type": "line", "run": order["run"], "stream": "stderr", "text": str(error)})
            self.tell({"type": "ended", "run": order["run"], "code": 126})
            return
        self.processes[order["run"]] = process
        readers = [
            threading.Thread(target=self.read, args=(order["run"], name, stream), daemon=True)
            for name, stream in (("stdout", process.stdout), ("stderr", process.stderr))
        ]
        for reader in readers:
            reader.start()
        code = process.wait()
        for reader in readers:
            reader.join(LAST_LINES_SECONDS)
        del self.processes[order["run"]]
        self.tell({"type": "ended", "run": order["run"], "code": code})

    def read(self, run: str, name: str, stream: Any) -> None:
        for line in stream:
            text = line.decode(errors="replace").removesuffix("\n")
            self.tell({"type": "line", "run": run, "stream": name, "text": text})

    def obey(self, order: dict[str, Any]) -> None:
        if order["type"] == "run":
            threading.Thread(target=self.run, args=(order,), daemon=False).start()
        elif order["type"] == "answer":
            self.reply(order["call"], order["answer"])
        elif order["type"] == "kill":
            process = self.processes.get(order["run"])
            if process is not None:
                process.kill()


def main() -> None:
    os.setpgid(0, 0)
    agent = Agent()
    threading.Thread(target=agent.serve_tools, daemon=True).start()
    booted = not BOOTED.exists()
    BOOTED.touch()
    agent.tell({"type": "hello", "booted": booted})
    try:
        for line in sys.stdin:
            agent.obey(json.loads(line))
    finally:
        os.killpg(0, signal.SIGKILL)


main()
