"""Who has answered in a cycle: the share of the form that each side has done. Pure.

Shares of a cycle are kept exactly, whatever the seed: pairs are put in the order of their willingness, and
the most willing ones are complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from assessment.demonstration.chance import chance
from questionnaires.definition import Side

SUBMITTED = 1.0
CLOSED_SHARES = (0.75, 0.12, 0.07)  # complete, one-sided, begun by somebody; the rest is not started
OPEN_SHARES = (0.30, 0.25, 0.25)
UNSURE_EVERY = 40  # one complete pair in so many knows too little for an index


@dataclass(frozen=True, slots=True)
class Participation:
    """How much of its form each side has answered, 0 to 1; 1 is submitted."""

    done: dict[Side, float]
    unsure: bool = False  # the EOC does not know most of it: submitted, yet no index


Pair = tuple[str, str]
UNTOUCHED = Participation({Side.FUSION_CENTER: 0.0, Side.EOC: 0.0})
COMPLETE = Participation(dict.fromkeys(Side, SUBMITTED))

# pairs whose part in the demonstration is fixed: the accounts' own one, and one that is at work today
OWN_PAIR: Pair = ("FC-CO", "EOC-CO")
BUSY_PAIR: Pair = ("FC-WY", "EOC-WY")
FIXED_OPEN = {OWN_PAIR: UNTOUCHED, BUSY_PAIR: Participation({Side.FUSION_CENTER: 0.7, Side.EOC: 0.35})}
FIXED_CLOSED = {OWN_PAIR: COMPLETE, BUSY_PAIR: COMPLETE}


def participation(willingness: dict[Pair, float], age: int, seed: int) -> dict[Pair, Participation]:
    """What each pair has done in the cycle of this age."""
    fixed = FIXED_CLOSED if age else FIXED_OPEN
    luck = {pair: chance(seed, "part", *pair, age) for pair in willingness}
    eager = {pair: 0.8 * will + 0.6 * luck[pair].gauss(0, 1) for pair, will in willingness.items()}
    order = sorted(set(willingness) - set(fixed), key=lambda pair: (-eager[pair], pair))
    complete, one_sided, begun = _counts(len(order), CLOSED_SHARES if age else OPEN_SHARES)
    found = {pair: fixed[pair] for pair in willingness if pair in fixed}
    for place, pair in enumerate(order):
        rng = luck[pair]
        if place < complete:
            found[pair] = Participation(COMPLETE.done, unsure=place >= complete - _unsure(complete))
        elif place < complete + one_sided:
            found[pair] = _one_sided(rng)
        else:
            found[pair] = _begun(rng) if place < complete + one_sided + begun else UNTOUCHED
    return found


def _counts(pairs: int, shares: Sequence[float]) -> list[int]:
    return [round(share * pairs) for share in shares]


def _unsure(complete: int) -> int:
    """How many complete pairs know too little; at least one where there are ten."""
    return max(complete // UNSURE_EVERY, 1) if complete >= 10 else 0


def _one_sided(rng: Random) -> Participation:
    side = Side.FUSION_CENTER if rng.random() < 0.65 else Side.EOC
    begun = rng.uniform(0.1, 0.9) if rng.random() < 0.5 else 0.0
    return Participation({side: SUBMITTED, side.other: begun})


def _begun(rng: Random) -> Participation:
    side = Side.FUSION_CENTER if rng.random() < 0.55 else Side.EOC
    other = rng.uniform(0.1, 0.7) if rng.random() < 0.3 else 0.0
    return Participation({side: rng.uniform(0.1, 0.95), side.other: other})
