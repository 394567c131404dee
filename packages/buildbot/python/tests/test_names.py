"""Names are cut to length and stay different."""

import unittest

from lpbuildbot_master.names import within


class TestWithin(unittest.TestCase):
    def test_what_fits_stays(self) -> None:
        self.assertEqual(within("x" * 50, 50), "x" * 50)

    def test_what_does_not_fit_is_cut_and_stays_different(self) -> None:
        one, two = within("x" * 60, 50), within("x" * 61, 50)
        self.assertEqual([len(one), len(two)], [50, 50])
        self.assertNotEqual(one, two)
        self.assertEqual(one, within("x" * 60, 50))


if __name__ == "__main__":
    unittest.main()
