"""Bursts become two deeds at most, and a flood one deed a pause."""

import unittest

from twisted.internet.task import Clock

from lpbuildbot_master.pace import Pace


class TestPace(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.done: list[float] = []
        self.pace = Pace(self.clock, 0.5, lambda: self.done.append(self.clock.seconds()))

    def test_what_is_asked_is_done_at_once(self) -> None:
        self.clock.advance(7)
        self.pace.ask()
        self.clock.advance(0)
        self.assertEqual(self.done, [7])

    def test_a_burst_is_one_deed_now_and_one_after_the_pause(self) -> None:
        for _ in range(100):
            self.pace.ask()
        self.clock.advance(0)
        for _ in range(100):
            self.pace.ask()
        self.clock.pump([0.1] * 50)
        self.assertEqual(len(self.done), 2)
        self.assertAlmostEqual(self.done[1], 0.5)

    def test_a_flood_is_one_deed_a_pause(self) -> None:
        for _ in range(1000):
            self.pace.ask()
            self.clock.advance(0.01)
        self.assertLessEqual(len(self.done), 20)

    def test_after_its_end_nothing_is_done(self) -> None:
        self.pace.ask()
        self.pace.stop()
        self.pace.stop()
        self.clock.advance(10)
        self.assertEqual(self.done, [])


if __name__ == "__main__":
    unittest.main()
