"""Packs a directory with a charm as it is: zip_charm.py DIRECTORY FILE."""

import sys
import zipfile
from pathlib import Path

directory, target = Path(sys.argv[1]), Path(sys.argv[2])
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
    for path in sorted(each for each in directory.rglob("*") if each.is_file()):
        entry = zipfile.ZipInfo(str(path.relative_to(directory)))
        entry.create_system = 3
        entry.external_attr = (0o100755 if path.name == "dispatch" else 0o100644) << 16
        packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
