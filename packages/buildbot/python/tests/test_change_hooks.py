"""The dialects inside Buildbot's own resource: who is answered what, and which poller looks."""

import gc
import hashlib
import hmac
import io
import json
import tempfile
import time
import unittest
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from buildbot.www.change_hook import ChangeHookResource
from twisted.internet.address import IPv4Address
from twisted.python import log
from twisted.web.test.requesthelper import DummyRequest

from lpbuildbot_master.change_hooks import dialects
from lpbuildbot_master.places import place
from lpbuildbot_master.poller import BranchPoller

KEY = "a secret of this test"


class Poller(BranchPoller):
    """One that does not run, and counts what it is asked."""

    def __init__(self, repository: str, *addresses: str) -> None:
        super().__init__(repository=repository, addresses=[], branches=["main"], project="", poll_seconds=60)
        self.places = frozenset(place(each) for each in [repository, *addresses])
        self.looks = 0

    def look_now(self) -> None:
        self.looks += 1


class TestChangeHooks(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.secret = Path(folder.name) / "secret"
        self.secret.write_text(f"{KEY}\n", encoding="utf-8")
        self.other = Path(folder.name) / "other"
        self.demo = Poller("https://mirror.example.com/demo", "git@github.com:o/demo.git")
        self.more = Poller("https://github.com/o/more")
        self.master = SimpleNamespace(
            www=SimpleNamespace(resourceNeedsReconfigs=lambda resource: None),
            change_svc=[self.demo, self.more, object()],
        )
        self.resource = ChangeHookResource(self.master)  # type: ignore[arg-type]
        self.configure(self.secret)
        self.said: list[str] = []
        log.addObserver(self.hear)
        self.addCleanup(log.removeObserver, self.hear)

    def hear(self, event: Any) -> None:
        self.said.append(log.textFromEventDict(event) or "")

    def configure(self, secret: Path | None) -> None:
        www = {"change_hook_dialects": {} if secret is None else dialects(str(secret))}
        self.master.config = SimpleNamespace(www=www)
        self.resource.reconfigResource(self.master.config)

    def send(self, dialect: str, body: bytes, method: str = "POST", **headers: str) -> tuple[int, str]:
        request: Any = DummyRequest([b"change_hook", dialect.encode()])
        request.uri = f"/change_hook/{dialect}".encode()
        request.method = method.encode()
        request.client = IPv4Address("TCP", "192.0.2.1", 4711)
        request.content = io.BytesIO(body)
        for name, value in headers.items():
            request.requestHeaders.addRawHeader(name.replace("_", "-"), value)
        self.request = weakref.ref(request)
        self.resource.render(request)
        self.assertEqual(request.finished, 1)
        return request.responseCode or 200, b"".join(request.written).decode()

    def github(self, address: str, kind: str = "push", key: str = KEY, **more: str) -> tuple[int, str]:
        body = json.dumps({"repository": {"ssh_url": address}, **more}).encode()
        digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return self.send("github", body, X_GitHub_Event=kind, X_Hub_Signature_256=f"sha256={digest}")

    def git(self, address: str, nonce: str = "n" * 32, at: float | None = None) -> tuple[int, str]:
        timestamp = str(int(time.time() if at is None else at))
        digest = hmac.new(KEY.encode(), f"{timestamp}.{nonce}.{address}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "X_Lpbuildbot_Timestamp": timestamp,
            "X_Lpbuildbot_Nonce": nonce,
            "X_Lpbuildbot_Signature_256": f"sha256={digest}",
        }
        return self.send("git", address.encode(), **headers)

    def looks(self) -> tuple[int, int]:
        return self.demo.looks, self.more.looks

    def test_a_push_makes_its_poller_look_and_no_other(self) -> None:
        self.assertEqual(self.github("git@github.com:O/More.git"), (202, "looks now\n"))
        self.assertEqual(self.looks(), (0, 1))
        self.assertEqual(self.github("git@github.com:o/demo"), (202, "looks now\n"))
        self.assertEqual(self.git("https://mirror.example.com/demo.git"), (202, "looks now\n"))
        self.assertEqual(self.looks(), (2, 1))

    def test_a_ping_makes_nobody_look(self) -> None:
        self.assertEqual(self.github("git@github.com:o/more", "ping")[0], 200)
        self.assertEqual(self.github("git@github.com:o/gone", "ping")[0], 404)
        self.assertEqual(self.looks(), (0, 0))

    def test_a_replay_is_refused(self) -> None:
        self.assertEqual([self.github("git@github.com:o/more")[0] for _ in range(3)], [202, 409, 409])
        self.assertEqual([self.git("https://github.com/o/more")[0] for _ in range(3)], [202, 409, 409])
        self.assertEqual(self.looks(), (0, 2))
        self.assertEqual(self.git("https://github.com/o/more", nonce="m" * 32)[0], 202)

    def test_what_was_refused_may_come_again(self) -> None:
        self.assertEqual(self.github("git@github.com:o/new")[0], 404)
        new = Poller("https://github.com/o/new")
        self.master.change_svc.append(new)
        self.assertEqual(self.github("git@github.com:o/new")[0], 202)
        self.assertEqual(new.looks, 1)

    def test_a_replay_of_before_the_start_is_refused(self) -> None:
        self.assertEqual(self.git("https://github.com/o/more", at=time.time() - 60)[0], 409)
        self.assertEqual(self.looks(), (0, 0))

    def test_a_forged_call_is_refused_and_said_once(self) -> None:
        for _ in range(50):
            self.assertEqual(
                self.github("git@github.com:o/more", key="another"),
                (403, "not signed with the secret of this master\n"),
            )
        self.assertEqual(self.looks(), (0, 0))
        said = [line for line in self.said if "change hook github" in line]
        self.assertEqual(len(said), 1)
        self.assertNotIn("another", said[0])

    def test_only_post(self) -> None:
        for method in ["GET", "HEAD"]:
            self.assertEqual(self.send("github", b"", method), (405, "only POST\n"))

    def test_a_body_that_is_too_large(self) -> None:
        self.assertEqual(self.send("git", b"x" * 4097)[0], 413)
        self.assertEqual(self.send("github", bytes(25 * 1024 * 1024 + 1))[0], 413)
        self.assertEqual(self.send("github", bytes(25 * 1024 * 1024))[0], 403)

    def test_without_a_secret_it_is_off(self) -> None:
        self.secret.write_text("\n", encoding="utf-8")
        self.assertEqual(self.github("git@github.com:o/more")[0], 404)
        self.secret.unlink()
        self.assertEqual(self.github("git@github.com:o/more", key="")[0], 404)
        self.secret.mkdir()
        self.assertEqual([self.github("git@github.com:o/more")[0] for _ in range(5)], [404] * 5)
        self.assertEqual(len([line for line in self.said if "cannot be read" in line]), 1)
        self.configure(None)
        self.assertEqual(self.github("git@github.com:o/more")[0], 400)
        self.assertEqual(self.looks(), (0, 0))

    def test_another_secret_counts_at_once_and_for_a_time_both_do(self) -> None:
        self.secret.write_text(f"{KEY}\nthe next one\n", encoding="utf-8")
        self.assertEqual(self.github("git@github.com:o/more", key="the next one")[0], 202)
        self.assertEqual(self.github("git@github.com:o/demo")[0], 202)
        self.secret.write_text("the next one\n", encoding="utf-8")
        self.assertEqual(self.github("git@github.com:o/more", after="1")[0], 403)

    def test_a_reconfiguration_moves_the_secret_and_keeps_what_was_seen(self) -> None:
        self.assertEqual(self.github("git@github.com:o/more")[0], 202)
        self.secret.rename(self.other)
        self.configure(self.other)
        self.assertEqual(self.github("git@github.com:o/more")[0], 409)
        self.assertEqual(self.github("git@github.com:o/more", after="1")[0], 202)

    def test_nothing_is_kept_of_a_call_that_was_answered(self) -> None:
        self.github("git@github.com:o/more", key="another")
        gc.collect()
        self.assertIsNone(self.request())


if __name__ == "__main__":
    unittest.main()
