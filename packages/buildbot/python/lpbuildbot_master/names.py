"""Names within the lengths of Buildbot's columns: a longer one is refused, or fails, and that on PostgreSQL alone."""

import hashlib

# db/model.py and db/model_config.py: steps.name, workers.name, projects.slug, objects.name.
STEP_NAME = 50
WORKER_NAME = 50
SLUG = 50
STATE_NAME = 128


def within(name: str, length: int) -> str:
    """The name, or, when it is too long, its beginning with a mark of the whole, so that names stay different."""
    if len(name) <= length:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: length - 9]}-{mark}"
