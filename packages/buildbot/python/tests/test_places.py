"""Addresses of one repository, and of others."""

import unittest

from lpbuildbot_master.places import place

SAME = [
    [
        "https://github.com/canonical/lpbuildbot",
        "https://github.com/Canonical/lpbuildbot.git",
        "https://GitHub.com:443/canonical/lpbuildbot/",
        "git@github.com:canonical/lpbuildbot.git",
        "ssh://git@github.com:22/canonical/lpbuildbot.git",
        "git://github.com/canonical/lpbuildbot.git",
    ],
    ["https://git.launchpad.net/launchpad", "git+ssh://lp-buildbot@git.launchpad.net/launchpad"],
    ["/srv/git/demo.git", "/srv/git/demo/", "file:///srv/git/demo.git"],
    ["http://127.0.0.1:3000/a/b", "http://127.0.0.1:3000/a/b.git", "HTTP://127.0.0.1:3000/A/B.GIT/"],
    ["ssh://git@[2001:db8::1]/a/b", "git@[2001:DB8::1]:a/b"],
    ["https://git.example.com/a/b:c"],
    ["https://git.example.com:8443/a/b"],
    ["https://git.example.com/a/b"],
    ["nothing at all"],
    [""],
    ["/"],
]


class TestPlaces(unittest.TestCase):
    def test_one_repository_has_one_place(self) -> None:
        for addresses in SAME:
            with self.subTest(addresses=addresses):
                self.assertEqual(len({place(address) for address in addresses}), 1)

    def test_others_have_others(self) -> None:
        self.assertEqual(len({place(addresses[0]) for addresses in SAME}), len(SAME))


if __name__ == "__main__":
    unittest.main()
