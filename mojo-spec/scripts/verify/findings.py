"""One check's outcome, and how several remarks become one line."""

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["ok", "skipped", "warning", "critical"]
ORDER: list[Verdict] = ["ok", "skipped", "warning", "critical"]


@dataclass(frozen=True)
class Finding:
    check: str
    verdict: Verdict
    text: str


@dataclass
class Judged:
    """Collects what one check has to say: the worst of it counts; `good` is said when nothing is wrong."""

    check: str
    good: str = ""
    wrong: list[tuple[Verdict, str]] = field(default_factory=list)

    def critical(self, text: str) -> None:
        self.wrong.append(("critical", text))

    def warning(self, text: str) -> None:
        self.wrong.append(("warning", text))

    def finding(self) -> Finding:
        if not self.wrong:
            return Finding(self.check, "ok", self.good)
        worst = max((verdict for verdict, _ in self.wrong), key=ORDER.index)
        said = sorted(self.wrong, key=lambda each: -ORDER.index(each[0]))
        return Finding(self.check, worst, "; ".join(text for _, text in said))


def count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
