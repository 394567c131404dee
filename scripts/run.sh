#!/bin/sh
# Runs one of the project's TypeScript programs on the Node that the project pins, after it has installed what a fresh
# clone lacks. It is shell, because it has to work before anything is installed, and it ends in exec, so that a signal
# from npm or the terminal reaches the program itself.
#
# Usage: sh scripts/run.sh PROGRAM.ts [ARGUMENT...]
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "lpbuildbot: $1" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null 2>&1 || fail "$2"
}

need npm "npm is missing: install Node.js 20 or newer with npm, then run this again."
need git "git is missing: install git 2.38 or newer, then run this again."
# 2.38 is the first whose merge-tree makes trees.
version=$(git version | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/')
[ "${version%%.*}" -gt 2 ] || { [ "${version%%.*}" -eq 2 ] && [ "${version#*.}" -ge 38 ]; } ||
  fail "git $version is too old: install git 2.38 or newer, then run this again."
python=
for candidate in "${LPBUILDBOT_PYTHON:-}" python3.14 python3.12 python3.11 python3; do
  [ -n "$candidate" ] || continue
  if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12), (3, 14)))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "Python is missing: install Python 3.11, 3.12 or 3.14 (the versions Buildbot is locked for), then run this again."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "Python's venv module is missing: install it (Debian and Ubuntu: apt-get install python3-venv), then run this again."
export LPBUILDBOT_PYTHON="$python"

# The lock file's own copy tells whether what is installed is what is locked.
stamp=node_modules/.lpbuildbot-installed
if ! cmp -s package-lock.json "$stamp"; then
  echo "lpbuildbot: installing the locked npm packages (once, about 20 s)" >&2
  # Not `npm ci`: it refuses a lock file without the optional packages of other systems, which not every registry has.
  npm install --no-save --include=dev --include=optional --no-fund --no-audit --loglevel=error >&2 ||
    fail "npm install failed (its own message is above): make the npm registry reachable, then run this again."
  cp package-lock.json "$stamp"
fi
[ -x node_modules/.bin/node ] || fail "there is no Node.js for this machine among the npm packages: use Linux on x86_64 or aarch64."

PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node --disable-warning=ExperimentalWarning "$@"
