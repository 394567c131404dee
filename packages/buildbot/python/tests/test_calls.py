"""What calls mean: signed and forged, fresh and stale, whole and broken."""

import hashlib
import hmac
import json
import unittest
from typing import Any
from urllib.parse import urlencode

from lpbuildbot_master.calls import UNSIGNED, Answer, Event, git, github

SECRET = b"a secret of this test"
NOW = 1_800_000_000.25
START = NOW - 3600
REPOSITORY = {
    "clone_url": "https://github.com/o/r.git",
    "ssh_url": "git@github.com:o/r.git",
    "html_url": "https://github.com/o/r",
    "git_url": "git://github.com/o/r.git",
    "name": "r",
}


def signature(message: bytes) -> str:
    return f"sha256={hmac.new(SECRET, message, hashlib.sha256).hexdigest()}"


class TestGitHub(unittest.TestCase):
    def call(self, body: Any, kind: str = "push", **headers: str) -> Answer | Event:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"x-github-event": kind, "x-hub-signature-256": signature(raw)}
        return github(
            {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}, raw, [SECRET], NOW
        )

    def status(self, answer: Answer | Event) -> int | str:
        return answer.status if isinstance(answer, Answer) else answer.action

    def test_a_push_names_its_repository(self) -> None:
        for kind in ["push", "create", "delete"]:
            event = self.call({"ref": "refs/heads/main", "repository": REPOSITORY}, kind)
            assert isinstance(event, Event)
            self.assertEqual(event.addresses, [value for key, value in REPOSITORY.items() if key != "name"])
            self.assertEqual(event.action, "look")
            self.assertEqual(event.remembered_until, NOW + 24 * 3600)

    def test_a_webhook_that_sends_forms(self) -> None:
        body = urlencode({"payload": json.dumps({"repository": REPOSITORY})}).encode()
        kind = "application/x-www-form-urlencoded"
        self.assertEqual(self.status(self.call(body, content_type=kind)), "look")
        for broken in [b"payload", b"payload=%7B", b"other=1", b"\xff", b""]:
            with self.subTest(broken=broken):
                self.assertEqual(self.status(self.call(broken, content_type=kind)), 400)

    def test_the_same_body_has_the_same_mark_whatever_its_headers_are(self) -> None:
        first, second = (self.call({"repository": REPOSITORY}, x_github_delivery=each) for each in "ab")
        other = self.call({"repository": REPOSITORY, "after": "0"})
        assert isinstance(first, Event) and isinstance(second, Event) and isinstance(other, Event)
        self.assertEqual(first.mark, second.mark)
        self.assertNotEqual(first.mark, other.mark)

    def test_a_ping_only_checks(self) -> None:
        self.assertEqual(self.status(self.call({"zen": "x", "repository": REPOSITORY}, "ping")), "check")
        self.assertEqual(self.status(self.call({"zen": "x", "organization": {}}, "ping")), 200)

    def test_other_events_are_taken_and_do_nothing(self) -> None:
        self.assertEqual(self.status(self.call({"repository": REPOSITORY}, "issues")), 200)
        self.assertEqual(self.status(self.call({"repository": REPOSITORY}, "")), 200)

    def test_a_forged_call_learns_nothing(self) -> None:
        body = json.dumps({"repository": REPOSITORY}).encode()
        for given in ["", "sha256=" + "0" * 64, signature(body + b" "), signature(body).replace("sha256", "sha1")]:
            with self.subTest(given=given):
                self.assertEqual(self.call(body, x_hub_signature_256=given), UNSIGNED)
        self.assertEqual(self.call(b"{", x_hub_signature_256="sha256=" + "0" * 64), UNSIGNED)
        self.assertEqual(github({}, body, [SECRET], NOW), UNSIGNED)

    def test_a_body_that_is_broken(self) -> None:
        for body in [b"", b"{", b"\xff\xfe", b'{"repository": NaN', b"[" * 100_000]:
            with self.subTest(body=body[:20]):
                self.assertEqual(self.status(self.call(body)), 400)

    def test_a_body_without_a_repository(self) -> None:
        broken: list[Any] = [None, [], 7, "push", {}, {"repository": None}, {"repository": {"clone_url": 7}}]
        for body in broken:
            with self.subTest(body=body):
                self.assertEqual(self.call(body), Answer(400, "names no repository"))


class TestGit(unittest.TestCase):
    def call(self, body: bytes = b"/srv/git/demo.git\n", at: float = NOW, since: float = START, **changed: str) -> Any:
        timestamp, nonce = str(int(at)), "0123456789abcdef0123456789abcdef"
        headers = {
            "x-lpbuildbot-timestamp": timestamp,
            "x-lpbuildbot-nonce": nonce,
            "x-lpbuildbot-signature-256": signature(f"{timestamp}.{nonce}.".encode() + body),
            **{f"x-lpbuildbot-{name.replace('_', '-')}": value for name, value in changed.items()},
        }
        return git(headers, body, [SECRET], NOW, since)

    def test_a_call_names_its_repository_and_is_remembered_as_long_as_its_time_would_do(self) -> None:
        self.assertEqual(
            self.call(at=NOW + 100),
            Event(["/srv/git/demo.git"], "look", b"0123456789abcdef0123456789abcdef", int(NOW) + 100 + 300),
        )

    def test_everything_is_signed(self) -> None:
        changes: list[dict[str, Any]] = [
            {"timestamp": str(int(NOW) + 1)},
            {"timestamp": ""},
            {"timestamp": "now"},
            {"timestamp": "\u0661"},
            {"nonce": "f" * 32},
            {"nonce": ""},
            {"nonce": "short"},
            {"nonce": "f" * 65},
            {"signature_256": "sha256=" + "0" * 64},
            {"signature_256": ""},
        ]
        for changed in changes:
            with self.subTest(changed=changed):
                self.assertEqual(self.call(**changed), UNSIGNED)
        self.assertEqual(git({}, b"", [SECRET], NOW, START), UNSIGNED)

    def test_a_call_of_another_time(self) -> None:
        for off, expected in [(-301, "301 s behind"), (302, "302 s ahead"), (10**9, "ahead"), (-(10**9), "behind")]:
            with self.subTest(off=off):
                answer = self.call(at=NOW + off, since=0)
                self.assertEqual(answer.status, 403)
                self.assertIn(expected, answer.text)
        self.assertIsInstance(self.call(at=NOW - 300), Event)
        self.assertIsInstance(self.call(at=NOW + 300), Event)

    def test_a_call_of_before_the_start(self) -> None:
        self.assertEqual(self.call(at=NOW - 20, since=NOW - 10).status, 409)
        self.assertIsInstance(self.call(at=NOW - 10, since=NOW - 10), Event)

    def test_a_body_that_is_no_address(self) -> None:
        for body in [b"", b" \n", b"\xff"]:
            self.assertEqual(self.call(body), Answer(400, "names no repository"))


if __name__ == "__main__":
    unittest.main()
