"""The testfix rule, over every small case there is."""

import itertools
import unittest

from lpbuildbot_master.testfix import BuilderState, Colour, Decision, decide

MESSAGES = [[], ["plain"], ["plain", "mend [testfix] it"], ["[TestFix]"], ["testfix without brackets"]]
STATES = [BuilderState(colour, building) for colour in Colour for building in (False, True)]


class TestDecide(unittest.TestCase):
    def test_every_case_of_up_to_two_builders(self) -> None:
        cases = itertools.chain.from_iterable(itertools.product(STATES, repeat=count) for count in range(3))
        for builders, messages in itertools.product(list(cases), MESSAGES):
            with self.subTest(messages=messages, builders=builders):
                decision = decide(messages, builders, testfix=True)
                building = any(builder.building for builder in builders)
                red = any(builder.colour is Colour.RED for builder in builders)
                fix = any("[testfix]" in message.lower() for message in messages)
                if not messages:
                    self.assertIs(decision, Decision.NOTHING)
                elif building:
                    self.assertIs(decision, Decision.GATHER)
                else:
                    self.assertIs(decision, Decision.HOLD if red and not fix else Decision.BUILD)

    def test_without_the_rule_everything_is_built_at_once(self) -> None:
        red_and_building = [BuilderState(Colour.RED, building=True)]
        self.assertIs(decide(["plain"], red_and_building, testfix=False), Decision.BUILD)
        self.assertIs(decide([], red_and_building, testfix=False), Decision.NOTHING)


if __name__ == "__main__":
    unittest.main()
