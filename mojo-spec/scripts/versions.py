"""Notes what was packed, for verify: versions.py DIRECTORY HELPERS writes lpbuildbot-versions.json there."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path


def charm(path: Path) -> dict[str, str]:
    """Many builds share a version: the digest of its program tells one from another."""
    with zipfile.ZipFile(path) as packed:
        version = packed.read("version").decode().strip()
        return {"version": version, "digest": hashlib.sha256(packed.read("lib/charm.mjs")).hexdigest()}


directory = Path(sys.argv[1])
charms = {name: charm(directory / f"lpbuildbot-{name}.charm") for name in ("master", "worker")}
versions = {**charms, "helpers": sys.argv[2]}
(directory / "lpbuildbot-versions.json").write_text(f"{json.dumps(versions, indent=2)}\n", encoding="utf-8")
print(f"master {charms['master']['version']}, worker {charms['worker']['version']}, helpers {sys.argv[2]}")
