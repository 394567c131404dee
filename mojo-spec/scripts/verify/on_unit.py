"""What verify looks at on a unit's machine. Sent there as it is and run as root; prints one JSON object.

Usage: on_unit.py master ADDRESS | worker | request NUMBER
"""

import hashlib
import json
import os
import pwd
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROMOTION_CONFIG = Path("/etc/lpbuildbot/promotion.yaml")
MASTER_CONFIG = Path("/srv/buildbot/configured.json")
PROMOTION = "http://127.0.0.1:8011/"
PATIENCE_SECONDS = 10
MASTER_USER = "buildmaster"
PROMOTION_USER = "lpbuildbot-promotion"
WORKER_USER = "buildbot"

# What holds secrets: every file in it (or itself) may be read by root and by that user, and by nobody else.
SECRETS = {
    "master": {
        "/etc/lpbuildbot/master": MASTER_USER,
        "/etc/lpbuildbot/promotion": PROMOTION_USER,
        "/srv/buildbot/authority": "",
        "/srv/buildbot/backups": "",
        "/srv/buildbot/lpbuildbot/config": MASTER_USER,
        "/srv/buildbot/lpbuildbot/state.sqlite": MASTER_USER,
        "/srv/buildbot/configured.json": "",
        "/srv/buildbot/promotion/token": PROMOTION_USER,
        "/srv/buildbot/web-users.json": "",
        "/var/lib/lpbuildbot/master": "",
    },
    "worker": {
        "/var/lib/buildbot/slaves/buildbot.tac": WORKER_USER,
        "/var/lib/lpbuildbot-charm/memory.json": "",
    },
}
# In those directories, what everybody may read.
PUBLIC = ("ca.pem", "fingerprint", "known-hosts", "pipelines", "ssh_config", "tls.pem")


def main(role: str, *words: str) -> dict[str, Any]:
    if role == "request":
        return {"request": build_request(int(words[0]))}
    facts = {"services": services(role), "charm": charm(), "secrets": readable_secrets(role)}
    return facts | (master(words[0]) if role == "master" else worker())


def services(role: str) -> dict[str, str]:
    names = ["buildslave.service"]
    if role == "master":
        names = ["buildmaster.service"]
        if PROMOTION_CONFIG.exists():
            names.append("lpbuildbot-promotion.service")
    return {name: output(["systemctl", "is-active", name]).strip() or "unknown" for name in names}


def charm() -> dict[str, str]:
    """Which charm the agent runs: its version and, since many builds share one, a digest of its program."""
    directory = Path(os.environ.get("JUJU_CHARM_DIR", "."))
    try:
        program = (directory / "lib/charm.mjs").read_bytes()
        version = (directory / "version").read_text(encoding="utf-8").strip()
    except OSError:
        return {"version": "", "digest": ""}
    return {"version": version, "digest": hashlib.sha256(program).hexdigest()}


def master(address: str) -> dict[str, Any]:
    base = buildbot_url()
    port = base.rstrip("/").rsplit(":", 1)[1]
    host = f"[{address}]" if ":" in address else address
    page = f"http://{host}:{port}/"
    return {
        "buildbot": {
            "workers": api(base, "workers", "workers"),
            "builders": builders(base),
            "building": len(api(base, "builds?complete=false&field=buildid", "builds") or []),
        },
        "promotion": promotion(),
        "web": {"url": page, "problem": page_problem(page)},
    }


def buildbot_url() -> str:
    """By the service's settings, which the charm writes as JSON."""
    if PROMOTION_CONFIG.exists():
        return str(json.loads(PROMOTION_CONFIG.read_text(encoding="utf-8"))["buildbot"])
    if MASTER_CONFIG.exists():
        port = json.loads(MASTER_CONFIG.read_text(encoding="utf-8"))["site"]["web"]["port"]
        return f"http://127.0.0.1:{port}/"
    return "http://127.0.0.1:8010/"


def builders(base: str) -> list[dict[str, Any]] | None:
    """The real ones, with their newest finished builds and what is under way."""
    found = api(base, "builders?field=builderid&field=name", "builders")
    if found is None:
        return None
    wanted = "field=number&field=complete&field=results&field=started_at&field=complete_at"
    result = []
    for builder in found:
        if builder["name"].startswith("__"):
            continue
        number = builder["builderid"]
        builds = api(base, f"builders/{number}/builds?order=-number&limit=20&{wanted}", "builds") or []
        if not (api(base, f"builders/{number}/workers?field=name", "workers") or builds):
            # Of an earlier configuration.
            continue
        result.append({"name": builder["name"], "builds": builds})
    return result


def build_request(number: int) -> dict[str, Any] | None:
    base = buildbot_url()
    requests = api(base, f"buildrequests/{number}", "buildrequests")
    if not requests:
        return None
    builds = (
        api(base, f"builds?buildrequestid={number}&order=-buildid&limit=1&property=workername", "builds")
        or []
    )
    build = builds[0] if builds else {}
    return {
        "complete": requests[0]["complete"],
        "results": requests[0]["results"],
        "build": build.get("number"),
        "state": build.get("state_string"),
        "worker": ((build.get("properties") or {}).get("workername") or [None])[0],
    }


def promotion() -> dict[str, Any]:
    if not PROMOTION_CONFIG.exists():
        return {"mode": "off"}
    settings = json.loads(PROMOTION_CONFIG.read_text(encoding="utf-8"))
    health = fetch(f"{PROMOTION}healthz")
    return {"mode": settings["mode"], "health": None if health is None else json.loads(health)}


def page_problem(url: str) -> str | None:
    try:
        with OPENER.open(url, timeout=PATIENCE_SECONDS) as answer:
            text = answer.read().decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
    return None if "buildbot" in text.lower() else "something else than Buildbot answers there"


def worker() -> dict[str, Any]:
    return {
        "helpers": output(["dpkg-query", "--show", "--showformat=${Version}", "lpbuildbot-worker"]).strip(),
        "images": json_of(["lpbuildbot-list-images", "--json"]),
        "doctor": json_of(["lpbuildbot-doctor", "--json"]),
    }


def readable_secrets(role: str) -> dict[str, Any]:
    """How many secret files there are, and which of them a wrong user can open: it is tried, as that user."""
    files = [(file, owner) for place, owner in SECRETS[role].items() for file in files_in(Path(place))]
    users = [MASTER_USER, PROMOTION_USER, "nobody"] if role == "master" else [WORKER_USER, "nobody"]
    found = []
    for user in users:
        others = [str(file) for file, owner in files if owner != user]
        found += [{"file": file, "user": user} for file in opened_as(user, others)]
    return {"files": len(files), "readable": found}


def files_in(place: Path) -> Iterable[Path]:
    if place.is_file():
        yield place
    elif place.is_dir():
        for path in sorted(place.rglob("*")):
            if path.is_file() and not any(part in PUBLIC for part in path.relative_to(place).parts):
                yield path


def opened_as(user: str, files: list[str]) -> list[str]:
    """Those of the files that the user can open; a child process becomes that user."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return []
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.initgroups(user, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        open_ = [file for file in files if can_open(file)]
        os.write(writing, json.dumps(open_).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return [str(file) for file in json.loads(text)]


def can_open(file: str) -> bool:
    try:
        os.close(os.open(file, os.O_RDONLY))
    except OSError:
        return False
    return True


# The machine's proxies are for the world outside.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url: str) -> str | None:
    """What is answered, whatever the status; None when nobody answers."""
    try:
        with OPENER.open(url, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        return error.read().decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def api(base: str, path: str, name: str) -> list[dict[str, Any]] | None:
    text = fetch(f"{base}api/v2/{path}")
    if text is None:
        return None
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    found = answer.get(name)
    return found if isinstance(found, list) else None


def output(argv: list[str]) -> str:
    try:
        return subprocess.run(  # noqa: S603
            argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        ).stdout
    except OSError:
        return ""


def json_of(argv: list[str]) -> Any:
    try:
        return json.loads(output(argv))
    except ValueError:
        return None


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
