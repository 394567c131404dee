"""Stored passwords: the right one, wrong ones, and lines that are none."""

import tempfile
import unittest
from pathlib import Path

from lpbuildbot_master.logins import NOBODY, LoggedIn, check_password, read_logins

# RFC 7914, section 12, third vector: N=16384, r=8, p=1.
RFC_7914 = (
    "scrypt$16384$8$1$U29kaXVtQ2hsb3JpZGU=$"
    "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw=="
)


class TestLogins(unittest.TestCase):
    def test_a_published_vector(self) -> None:
        self.assertTrue(check_password(b"pleaseletmein", RFC_7914))
        self.assertFalse(check_password(b"pleaseletmeiN", RFC_7914))

    def test_what_is_no_hash_lets_nobody_in(self) -> None:
        for stored in ["", "plain", "md5$x", "scrypt$16384$8$1$AA==$", "scrypt$1$8$1$AA==$AAAA", "scrypt$a$b$c$d$e"]:
            with self.subTest(stored=stored):
                self.assertFalse(check_password(b"", stored))
                self.assertFalse(check_password(b"plain", stored))

    def test_nobody_has_no_password(self) -> None:
        for password in [b"", b"A", b"nobody"]:
            self.assertFalse(check_password(password, NOBODY))

    def test_names_are_read_anew_each_time(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "logins"
            self.assertEqual(read_logins(str(path)), {})
            path.write_text(f"ann:{RFC_7914}\n\nno colon\n", encoding="utf-8")
            self.assertEqual(read_logins(str(path)), {"ann": RFC_7914})
            role = LoggedIn(str(path))
            self.assertEqual(role.getRolesFromUser({"username": "ann"}), ["operator"])
            self.assertEqual(role.getRolesFromUser({"anonymous": True}), [])
            path.write_text("", encoding="utf-8")
            self.assertEqual(role.getRolesFromUser({"username": "ann"}), [])


if __name__ == "__main__":
    unittest.main()
