"""Signatures by published vectors, files of secrets, and what is remembered."""

import tempfile
import unittest
from pathlib import Path

from lpbuildbot_master.signatures import Seen, is_signed, read_secrets

# docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, "Testing the webhook payload validation".
SECRET = b"It's a Secret to Everybody"
MESSAGE = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


class TestSignatures(unittest.TestCase):
    def test_githubs_own_example(self) -> None:
        self.assertTrue(is_signed([SECRET], MESSAGE, SIGNATURE))

    def test_one_of_several_secrets_will_do(self) -> None:
        self.assertTrue(is_signed([b"the new one", SECRET], MESSAGE, SIGNATURE))
        self.assertTrue(is_signed([SECRET, b"the new one"], MESSAGE, SIGNATURE))

    def test_what_is_not_signed(self) -> None:
        for secrets, message, signature in [
            ([], MESSAGE, SIGNATURE),
            ([b"another"], MESSAGE, SIGNATURE),
            ([SECRET], MESSAGE + b"!", SIGNATURE),
            ([SECRET], MESSAGE, SIGNATURE[:-1]),
            ([SECRET], MESSAGE, SIGNATURE + "0"),
            ([SECRET], MESSAGE, SIGNATURE + "\n"),
            ([SECRET], MESSAGE, "sha1=" + SIGNATURE[7:47]),
            ([SECRET], MESSAGE, SIGNATURE[7:]),
            ([SECRET], MESSAGE, "sha256="),
            ([SECRET], MESSAGE, ""),
        ]:
            with self.subTest(secrets=secrets, message=message, signature=signature):
                self.assertFalse(is_signed(secrets, message, signature))

    def test_secrets_are_lines(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "secret"
            self.assertEqual(read_secrets(str(path)), [])
            path.write_bytes(b"one\r\n\n  two\n\n")
            self.assertEqual(read_secrets(str(path)), [b"one", b"two"])
            path.write_bytes(b" \n")
            self.assertEqual(read_secrets(str(path)), [])
            with self.assertRaises(OSError):
                read_secrets(folder)


class TestSeen(unittest.TestCase):
    def test_until_its_time_is_over(self) -> None:
        seen = Seen(10)
        self.assertFalse(seen.has(b"a", 0))
        seen.add(b"a", 5, 0)
        self.assertTrue(seen.has(b"a", 4.9))
        self.assertFalse(seen.has(b"a", 5))
        self.assertFalse(seen.has(b"b", 1))

    def test_of_too_many_the_oldest_are_forgotten(self) -> None:
        seen = Seen(3)
        for index in range(5):
            seen.add(bytes([index]), 100, 0)
        self.assertEqual([seen.has(bytes([index]), 0) for index in range(5)], [False, False, True, True, True])

    def test_those_whose_time_is_over_take_no_room(self) -> None:
        seen = Seen(1000)
        for index in range(5000):
            seen.add(str(index).encode(), index + 10, index)
        self.assertLessEqual(len(seen), 10)
        seen.add(b"over already", 1, 9999)
        self.assertEqual(len(seen), 0)


if __name__ == "__main__":
    unittest.main()
