"""What stands in for `juju` in verify's tests, in Python, which starts quickly; the answers are in $ANSWERS.

`status`; `units`: what on_unit.py prints there, or the sentence that it fails with; `actions`: tasks by
name; `request`: the probe's; `readers` of the master's secret.
The rig's command, and a real controller, are for the cases of test/deploy.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

command, *words = sys.argv[1:]
answers = json.loads(Path(os.environ["ANSWERS"]).read_text(encoding="utf-8"))


def task(unit: str, stdout: str, stderr: str = "") -> dict[str, Any]:
    results = {"return-code": 1 if stderr else 0, "stdout": stdout, "stderr": stderr}
    return {unit: {"status": "completed", "results": results}}


def answer() -> Any:
    if command == "status":
        return answers["status"]
    if command == "show-secret":
        return {words[0]: {"access": [{"target": target} for target in answers["readers"]]}}
    if command == "run":
        unit, name = [word for word in words if not word.startswith("--") and word != "json"][:2]
        return {unit: answers["actions"][name]}
    unit = words[words.index("--unit") + 1]
    if " request " in words[-1]:
        return task(unit, json.dumps({"request": answers["request"]}))
    facts = answers["units"][unit]
    return task(unit, "", facts) if isinstance(facts, str) else task(unit, json.dumps(facts))


print("secret:d5ed7c310afc409b8fbc" if command == "config" else json.dumps(answer()))
