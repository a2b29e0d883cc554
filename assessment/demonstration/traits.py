"""What lies behind the synthetic answers: how far each pair is, how its sides see it, how willing it is.

Pure. Everything hangs on the seed and the codes alone, so a center answers alike whatever else is loaded.
Levels are on the answer scale, 0 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessment.demonstration.chance import chance
from questionnaires.definition import Side

MEAN = 2.1  # of the open cycle, before domains and sides
GROWTH = 0.13  # a cycle
LOWEST, HIGHEST = 0.1, 3.75

# how much easier or harder a domain is than the mean; one not named here is as hard as the mean
DOMAIN_PROFILE = {
    "REL": 0.35,
    "GOV": 0.15,
    "PLN": -0.10,
    "GTH": -0.05,
    "PRC": -0.05,
    "ANL": -0.05,
    "DIS": 0.40,
    "REV": -0.55,
    "ACT": -0.35,
    "SEC": 0.20,
    "TRN": 0.0,
    "SYS": -0.10,
}


@dataclass(frozen=True, slots=True)
class PairTraits:
    """One pair, as it is at the open cycle, and how it came to be so."""

    level: float
    growth: float  # a cycle
    domains: dict[str, float]  # what a domain adds
    lean: dict[Side, float]  # what a side adds when it rates
    willingness: float  # about a standard normal; persistent over cycles

    def level_at(self, age: int) -> float:
        """The level ``age`` cycles ago."""
        return min(HIGHEST, max(LOWEST, self.level - self.growth * age))


def pair_traits(seed: int, fusion_center: str, eoc: str, region: int, domains: list[str]) -> PairTraits:
    """The traits of a pair from those of its region, its two centers and its own chance."""
    own = chance(seed, "pair", fusion_center, eoc)
    where = chance(seed, "region", region)
    one, two = chance(seed, "center", fusion_center), chance(seed, "center", eoc)
    level = MEAN + where.gauss(0, 0.22) + one.gauss(0, 0.48) + two.gauss(0, 0.32) + own.gauss(0, 0.40)
    willingness = 0.4 * where.gauss(0, 1) + 0.5 * two.gauss(0, 1) + 0.77 * own.gauss(0, 1)
    proud = 0.65 if one.random() < 0.2 else 0.0  # some fusion centers see themselves well ahead
    return PairTraits(
        level=level,
        growth=own.gauss(GROWTH, 0.12),
        domains={domain: DOMAIN_PROFILE.get(domain, 0.0) + own.gauss(0, 0.32) for domain in domains},
        lean={
            Side.FUSION_CENTER: one.gauss(0.12, 0.20) + proud,
            Side.EOC: two.gauss(-0.06, 0.22),
        },
        willingness=willingness,
    )
