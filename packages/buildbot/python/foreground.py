"""Runs Twisted's twistd in the foreground, as a child that cannot outlive whoever started it.

Usage: foreground.py PARENT_PID DIRECTORY

Runs DIRECTORY/buildbot.tac. The child gets a session of its own, so that a Ctrl-C in a terminal reaches only the
parent, which then ends its children in order; and the kernel sends it SIGTERM when the parent is gone, however that
ended. A second start in the same directory exits with 75, before it touches anything: two masters on one database
would take each other's builds for dead.
"""

import ctypes
import fcntl
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
TEMPORARY_FAILURE = 75


def main(parent: int, directory: str) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(TEMPORARY_FAILURE)
    os.setsid()
    os.chdir(directory)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(TEMPORARY_FAILURE)
    sys.argv = ["twistd", "--nodaemon", "--no_save", "--pidfile=", "--python=buildbot.tac"]
    from twisted.scripts.twistd import run  # noqa: PLC0415  (not before the lock)

    run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
