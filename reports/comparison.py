"""What two sides should talk about, keep, build together and find out (domain.md part iv, *Flags*)."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from reports.scoring import Answers, Bools, Codes, DomainScores, Floats, ItemScores, ItemState, Plan, bounded


class Quadrant(StrEnum):
    """Where an item that both sides rated stands; the first that fits."""

    SHARED_STRENGTH = "shared_strength"
    SHARED_GAP = "shared_gap"
    FUSION_CENTER_HIGHER = "fusion_center_higher"
    EOC_HIGHER = "eoc_higher"
    SAME_PARTLY = "same_partly"


QUADRANTS = tuple(Quadrant)
NO_QUADRANT = -1


def discuss_flags(scored: Plan, items: ItemScores) -> Bools:
    """P x N: both sides rated the item, ``discuss_at`` or more apart."""
    return bounded(np.abs(items.difference)) >= scored.rules.discuss_at


def perception_gaps(scored: Plan, domains: DomainScores) -> Bools:
    """P x D: a gap of ``perception_gap`` points or more, either way, on enough shared items to say so."""
    wide = bounded(np.abs(domains.gap)) >= scored.rules.perception_gap
    return wide & (domains.gap_items >= scored.rules.perception_gap_items)


def quadrants(scored: Plan, answers: Answers, items: ItemScores) -> Codes:
    """P x N: position in QUADRANTS, -1 where not both sides rated the item."""
    first, second = answers.rating
    rated = ~np.isnan(items.difference)
    quadrant = np.full(rated.shape, NO_QUADRANT, dtype=np.int8)
    # Later lines win, so the rule "the first that fits" is written from its end.
    quadrant[rated] = QUADRANTS.index(Quadrant.SAME_PARTLY)
    quadrant[items.difference < 0] = QUADRANTS.index(Quadrant.EOC_HIGHER)
    quadrant[items.difference > 0] = QUADRANTS.index(Quadrant.FUSION_CENTER_HIGHER)
    low, high = scored.rules.gap_to, scored.rules.strength_from
    quadrant[rated & (first <= low) & (second <= low)] = QUADRANTS.index(Quadrant.SHARED_GAP)
    quadrant[rated & (first >= high) & (second >= high)] = QUADRANTS.index(Quadrant.SHARED_STRENGTH)
    return quadrant


def priorities(scored: Plan, items: ItemScores) -> Floats:
    """P x N: w*(target - c) where c is below the target, else NaN."""
    joint = bounded(items.joint)
    target = scored.rules.target
    return np.where(joint < target, scored.weight * (target - items.joint), np.nan)


def improvement_order(items: pd.DataFrame) -> pd.DataFrame:
    """The rows of one pair's items that have a priority, the most worthwhile first.

    Order: priority, then size of the difference (none for a one-side item), both high to low, then file
    order. ``items`` has columns priority and difference and is in file order.
    """
    listed = items[items["priority"].notna()]
    keys = pd.DataFrame(
        {
            "priority": -listed["priority"].round(9),
            "apart": -listed["difference"].abs().fillna(0.0).round(9),
        }
    )
    return listed.loc[keys.sort_values(["priority", "apart"], kind="stable").index]


def find_first(items: pd.DataFrame) -> pd.DataFrame:
    """The rows of one pair's items that apply but have no joint score: critical ones first, file order."""
    states = [str(ItemState.UNKNOWN), str(ItemState.SCOPE_CONFLICT)]
    listed = items[items["state"].isin(states)]
    return listed.sort_values("critical", ascending=False, kind="stable")
