"""The juju client, on the model in focus: the few commands that verify needs, each with a time limit."""

import base64
import json
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

ON_UNIT = Path(__file__).parent / "on_unit.py"


class JujuError(Exception):
    """The client could not do what it was asked to; its own words."""


class Juju:
    """`seconds`: after that long nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return self._deadline - time.monotonic()

    def status(self) -> dict[str, Any]:
        answer = json.loads(self._run("status", "--format", "json"))
        if not isinstance(answer, dict):
            raise JujuError("juju status: no object")
        return answer

    def readers(self, application: str) -> list[str]:
        """Who may read the secret that the setting `secrets` names, as `application-NAME`."""
        uri, said = self._call("config", application, "secrets")
        if said.strip():
            raise JujuError(f"juju config {application}: {_last(said)}")
        name = uri.strip().removeprefix("secret:").rsplit("/", 1)[-1]
        if not name:
            return []
        shown = json.loads(self._run("show-secret", name, "--revisions", "--format", "json"))
        return [str(each["target"]) for secret in shown.values() for each in secret.get("access") or []]

    def on_unit(self, unit: str, *words: str) -> dict[str, Any]:
        """Runs on_unit.py there. It is sent along each time, so that a unit needs nothing of this version."""
        program = base64.b64encode(ON_UNIT.read_bytes()).decode()
        arguments = shlex.join(words)
        command = f"echo {program} | base64 -d | python3 - {arguments}"
        task = self._task(unit, "exec", "--unit", unit, "--wait", self._patience(), "--", command)
        results = task.get("results") or {}
        try:
            answer = json.loads(results.get("stdout", ""))
        except ValueError:
            said = str(results.get("stderr") or task.get("message") or task.get("status")).strip()
            raise JujuError(f"{unit}: {said.splitlines()[-1] if said else 'no answer'}") from None
        if not isinstance(answer, dict):
            raise JujuError(f"{unit}: no object")
        return answer

    def action(self, unit: str, name: str, **parameters: str) -> dict[str, Any]:
        """The task: `status` is `completed` when it went well, else `message` says why."""
        words = [f"{key}={json.dumps(value)}" for key, value in parameters.items()]
        return self._task(unit, "run", unit, name, "--wait", self._patience(), *words)

    def _patience(self) -> str:
        return f"{max(1, int(self.left))}s"

    def _task(self, unit: str, command: str, *words: str) -> dict[str, Any]:
        # It ends with 1 also when it was the task's own exit code: what happened stands in the answer.
        text, said = self._call(command, "--format", "json", *words)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = {}
        task = answer.get(unit) if isinstance(answer, dict) else None
        if not isinstance(task, dict):
            raise JujuError(f"juju {command} {unit}: {_last(said) or 'no answer'}")
        return task

    def _run(self, command: str, *words: str) -> str:
        text, said = self._call(command, *words)
        if not text:
            raise JujuError(f"juju {command}: {_last(said) or 'no answer'}")
        return text

    def _call(self, *argv: str) -> tuple[str, str]:
        try:
            done = subprocess.run(  # noqa: S603
                ["juju", *argv],  # noqa: S607
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
                timeout=max(1, self.left),
            )
        except FileNotFoundError:
            raise JujuError("there is no juju client here") from None
        except subprocess.TimeoutExpired:
            raise JujuError(f"juju {argv[0]} did not end in time") from None
        return done.stdout, done.stderr


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].removeprefix("ERROR ") if lines else ""
