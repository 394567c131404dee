"""Checks a bundle with the published rules for bundles, jujubundlelib; a line for each mistake.

The bundle comes on standard input as JSON, with its overlays merged in. The library is of a time before
Juju 2: it knows applications as services, no `default-base`, no paths of charms, and fewer constraints. What
it does not know is put in its words, or taken away; what is left to it are names, numbers of units,
relations, placements, and the forms of everything else.
"""

import collections
import collections.abc
import json
import sys
from typing import Any

# Python 3.10 moved the name that the library uses.
collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]

from jujubundlelib import validation  # type: ignore[import-not-found] # noqa: E402

NEWER_CONSTRAINTS = (
    "allocate-public-ip",
    "image-id",
    "instance-role",
    "root-disk-source",
    "virt-type",
    "zones",
)


def known_constraints(text: str) -> str | None:
    """The constraints that the library has heard of."""
    words = [word for word in text.split() if word.partition("=")[0] not in NEWER_CONSTRAINTS]
    return " ".join(words) or None


def as_service(name: str, application: dict[str, Any]) -> dict[str, Any]:
    """An application in the library's words: a packed charm's path becomes a name that a store could have."""
    service = dict(application)
    charm = application.get("charm")
    if isinstance(charm, str) and charm.startswith(("/", ".")):
        service["charm"] = name
    if isinstance(application.get("constraints"), str):
        service["constraints"] = known_constraints(application["constraints"])
    return service


def main() -> None:
    """Prints the mistakes."""
    bundle = json.load(sys.stdin)
    applications = bundle.get("applications", {})
    services = {name: as_service(name, application) for name, application in applications.items()}
    old = {"services": services, "relations": bundle.get("relations", [])}
    if bundle.get("machines"):
        old["machines"] = bundle["machines"]
    for error in validation.validate(old):
        print(error)


main()
