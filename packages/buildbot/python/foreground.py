"""Runs Twisted's twistd on DIRECTORY/buildbot.tac in the foreground, at most once at a time.

A second start in the same directory exits with 75 before it touches anything: two masters on one database would take
each other's builds for dead. With --upgrade the database is first made, or brought up to this Buildbot's version; a
failure of that exits with 76. With --parent the process cannot outlive that parent: it gets a session of its own, so
that a Ctrl-C in a terminal reaches only the parent, which then ends its children in order, and the kernel sends it
SIGTERM when the parent is gone, however that ended.
"""

import argparse
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
OTHER_PROCESS = 75
UPGRADE_FAILED = 76
UPGRADE = [sys.executable, "-c", "from buildbot.scripts.runner import run; run()", "upgrade-master", "--quiet"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent", type=int, metavar="PID")
    parser.add_argument("--upgrade", action="store_true")
    parser.add_argument("directory")
    arguments = parser.parse_args()
    if arguments.parent is not None:
        stay_with(arguments.parent)
    os.chdir(arguments.directory)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(OTHER_PROCESS)
    if arguments.upgrade and subprocess.run([*UPGRADE, str(Path.cwd())], pass_fds=[lock], check=False).returncode != 0:
        sys.exit(UPGRADE_FAILED)
    sys.argv = ["twistd", "--nodaemon", "--no_save", "--pidfile=", "--python=buildbot.tac"]
    from twisted.scripts.twistd import run  # noqa: PLC0415  (not before the lock)

    run()


def stay_with(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    # It may have ended before it was asked for.
    if os.getppid() != parent:
        sys.exit(OTHER_PROCESS)
    os.setsid()


if __name__ == "__main__":
    main()
