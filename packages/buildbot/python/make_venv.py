"""Makes a virtual environment under a file lock: the part of ensureVenv that has to survive being killed.

Usage: make_venv.py DIRECTORY PIP_ARGUMENT...

The lock is the kernel's and this process and pip share it, so that it is held for as long as either of them writes,
whoever was killed, and is free the moment both are gone. The file `complete` comes last: without it the next run
starts over. Only the standard library is used, because nothing else is there yet.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

DISTURBING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH")


def main(directory: Path, pip_arguments: list[str]) -> int:
    directory.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory.parent / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    complete = directory / "complete"
    if complete.exists():
        return 0
    shutil.rmtree(directory, ignore_errors=True)
    print("creating", flush=True)
    venv.create(directory)
    if not run(directory, lock, ["ensurepip", "--upgrade", "--default-pip"], subprocess.DEVNULL):
        return 1
    print("installing", flush=True)
    if not run(directory, lock, ["pip", "install", *pip_arguments], None):
        return 1
    complete.touch()
    prune(directory)
    return 0


def run(directory: Path, lock: int, module: list[str], stdout: int | None) -> bool:
    """Runs a module of the new environment, with a share in the lock and without the user's own pip targets."""
    environment = {name: value for name, value in os.environ.items() if name not in DISTURBING}
    command = [str(directory / "bin/python"), "-m", *module]
    return (
        subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=stdout, pass_fds=[lock], check=False
        ).returncode
        == 0
    )


def prune(made: Path) -> None:
    """Leaves this environment and the newest other one, which a running master may still be using."""
    others = [entry for entry in made.parent.iterdir() if entry.is_dir() and entry != made]
    others.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for old in others[1:]:
        shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
