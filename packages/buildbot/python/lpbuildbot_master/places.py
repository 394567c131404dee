"""Which addresses name the same repository, so that an event can name it in another way than a pipeline file does."""

import re

# An scp-like address has its first colon before any slash: git-fetch(1), "GIT URLS".
URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@]*@)?(?P<host>\[[^\]/]*\]|[^/:]*)(?::(?P<port>\d*))?(?P<path>/.*)?"
)
SCP = re.compile(r"(?:[^@:/]*@)?(?P<host>\[[^\]/]*\]|[^/:]+):(?P<path>.*)")
DEFAULT_PORTS = {"https": "443", "http": "80", "ssh": "22", "git+ssh": "22", "ssh+git": "22", "git": "9418"}


def place(address: str) -> str:
    """The same text for addresses of one repository, whatever the scheme, user, default port, `.git` and case.

    It is packages/pipeline/src/address.ts's placeOf without the case, which GitHub ignores. Two repositories that are
    taken for one cost a poll; one that is not recognized costs its event.
    """
    address = address.strip()
    if address.startswith("/"):
        return _path(address) or "/"
    url = URL.fullmatch(address)
    if url is None:
        scp = SCP.fullmatch(address)
        return address.casefold() if scp is None else _joined(scp["host"], "", scp["path"])
    scheme, path = url["scheme"].lower(), url["path"] or ""
    if scheme == "file":
        return _path(path) or "/"
    port = url["port"] or ""
    return _joined(url["host"], "" if port == DEFAULT_PORTS.get(scheme) else port, path)


def _joined(host: str, port: str, path: str) -> str:
    return f"{host.casefold()}{':' if port else ''}{port}/{_path(path).strip('/')}"


def _path(path: str) -> str:
    return path.casefold().rstrip("/").removesuffix(".git").rstrip("/")
