"""How the network has changed from cycle to cycle, in what was released of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.network import Numbers

UNCHANGED = 0.05  # points: less is printed as no change


@dataclass(frozen=True)
class Step:
    """From one released cycle to the next of the same questionnaire. ``trend`` as ``network.release`` makes
    it, None where no pair is complete."""

    before: str  # titles
    after: str
    versions: tuple[str, str]
    trend: Numbers | None

    @property
    def shown(self) -> bool:
        return self.trend is not None and self.trend["change"] is not None

    @property
    def hidden(self) -> bool:
        return self.trend is not None and self.trend["change"] is None

    @property
    def reworded(self) -> bool:
        """Whether the two cycles asked different versions; the trend is that of items in both."""
        return self.versions[0] != self.versions[1]


def sentence(steps: Sequence[Step]) -> str:
    """How often it went up, down or stayed, and how often that is hidden."""
    changes = [step.trend["change"] for step in steps if step.shown and step.trend]
    hidden = sum(step.hidden for step in steps)
    if not changes:
        return "No change between two cycles is shown." if hidden else "There is no change to show yet."
    up, down = (sum(sign * change >= UNCHANGED for change in changes) for sign in (1, -1))
    same = len(changes) - up - down
    parts = [
        f"{words} in {number}"
        for number, words in ((up, "up"), (down, "down"), (same, "unchanged"))
        if number
    ]
    one = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
    tail = f"; {hidden} more {'is' if hidden == 1 else 'are'} hidden" if hidden else ""
    mean = "On the items that two cycles share, over the pairs that are in both, the mean index is"
    return f"{mean} {', '.join(parts)} of {one} that {'is' if len(changes) == 1 else 'are'} shown{tail}."
