"""Renders a template with real Jinja.

In: JSON {"file", "variables"}; out: JSON {"text"} or {"problems": [{"line", "found"}]}.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes


def render(file: Path, variables: dict[str, Any]) -> dict[str, Any]:
    # Mojo's own settings are not known. Jinja's defaults, but what is not defined is a mistake.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701
    source = file.read_text(encoding="utf-8")
    try:
        unknown = undefined(environment.parse(source), set(variables))
        if unknown:
            return {"problems": [{"line": line, "found": f"the variable {name}"} for line, name in unknown]}
        return {"text": environment.from_string(source).render(variables)}
    except jinja2.TemplateSyntaxError as error:
        return {"problems": [{"line": error.lineno, "found": str(error.message)}]}
    except jinja2.TemplateError as error:
        return {"problems": [{"line": line_of(error), "found": str(error)}]}


def undefined(template: nodes.Template, known: set[str]) -> list[tuple[int, str]]:
    """Names that are read and neither given nor set anywhere in the template."""
    names = list(template.find_all(nodes.Name))
    own = {name.name for name in names if name.ctx in ("store", "param")}
    own |= {macro.name for macro in template.find_all(nodes.Macro)}
    return sorted(
        {(name.lineno, name.name) for name in names if name.ctx == "load" and name.name not in own | known}
    )


def line_of(error: BaseException) -> int:
    """The template's line that was rendered, by the traceback that Jinja makes of it."""
    line, step = 1, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    return line


asked = json.load(sys.stdin)
print(json.dumps(render(Path(asked["file"]), asked["variables"])))
