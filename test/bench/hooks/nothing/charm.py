"""A charm that does nothing."""

import ops  # type: ignore[import-not-found]

ops.main(ops.CharmBase)
