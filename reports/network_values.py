"""The numbers of the complete pairs of a cycle as arrays, and which of them there are."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.definition import Questionnaire, Side
from reports.calculation import PairScores
from reports.scoring import Bools, Floats, plan

GUIDANCE = ("not_seen", "seen_not_used", "used")  # in the order of how much was done
GUIDANCE_QUESTION = "GUIDE"
BLANK = -1
_FACTS = ["pair", "fusion_center", "eoc", "region", "state", "eoc_level", "shared"]


@dataclass(frozen=True, eq=False)
class PairValues:
    """P complete pairs, ascending by ``pair``; D domains, N scored items, in file order. NaN for none.

    ``facts``: pair, fusion_center, eoc, region, state, eoc_level, shared. ``index`` P (0-100), ``level`` P
    (-1 for none), ``agreement`` P. ``sides`` 2 x P x D, ``joint`` and ``gap`` P x D (points of 100, NaN
    unless the domain is reportable). ``lopsided`` P x D: one side rated an item that the other, asked
    too, did not. ``items`` and ``difference`` P x N (0-4, f - e). ``guidance`` 2 x P, position in GUIDANCE
    or -1.
    """

    facts: pd.DataFrame
    domains: tuple[str, ...]
    questions: tuple[str, ...]
    domain_of: NDArray[np.intp]
    index: Floats
    level: NDArray[np.intp]
    agreement: Floats
    sides: Floats
    joint: Floats
    gap: Floats
    lopsided: Bools
    items: Floats
    difference: Floats
    guidance: NDArray[np.intp]

    @property
    def pairs(self) -> NDArray[Any]:
        return self.facts["pair"].to_numpy()

    @property
    def shared(self) -> Bools:
        found: Bools = self.facts["shared"].to_numpy(dtype=bool)
        return found

    def with_shared(self, pairs: Collection[int]) -> PairValues:
        """The same, seen by somebody who has these pairs by name."""
        return replace(self, facts=self.facts.assign(shared=self.facts["pair"].isin(list(pairs))))


def of_scores(released: pd.DataFrame, scores: PairScores, frame: pd.DataFrame) -> PairValues:
    """From the released pairs (as ``_FACTS`` and status), the scores and the answers of the complete ones."""
    pairs = scores.pairs["pair"].to_numpy()
    count, width = len(pairs), len(scores.plan.domains)
    table = scores.domains
    reportable = table["reportable"].to_numpy(dtype=bool).reshape(count, width)

    def per_domain(name: str) -> Floats:
        values: Floats = table[name].to_numpy(dtype=float).reshape(count, width)
        return np.where(reportable, values, np.nan)

    items = scores.items
    return PairValues(
        facts=_facts(released, pairs),
        domains=tuple(scores.plan.domains),
        questions=tuple(scores.plan.codebook["question"]),
        domain_of=scores.plan.domain,
        index=scores.pairs["index"].to_numpy(dtype=float),
        level=scores.pairs["level"].fillna(-1).to_numpy(dtype=np.intp),
        agreement=scores.pairs["agreement"].to_numpy(dtype=float),
        sides=np.stack([per_domain(str(side)) for side in Side]),
        joint=per_domain("joint"),
        gap=per_domain("gap"),
        lopsided=_lopsided(scores),
        items=items["joint"].to_numpy(dtype=float).reshape(count, len(scores.plan.codebook)),
        difference=items["difference"].to_numpy(dtype=float).reshape(count, len(scores.plan.codebook)),
        guidance=_guidance(frame, pairs),
    )


def joined(parts: Sequence[PairValues]) -> PairValues:
    """The values of all pairs from those of parts of them, which must be in the order of their pairs."""
    first = parts[0]

    def all_of(name: str, axis: int = 0) -> Any:
        return np.concatenate([getattr(part, name) for part in parts], axis=axis)

    by_pair = ("index", "level", "agreement", "joint", "gap", "lopsided", "items", "difference")
    return replace(
        first,
        facts=pd.concat([part.facts for part in parts], ignore_index=True),
        **{name: all_of(name) for name in by_pair},
        **{name: all_of(name, axis=1) for name in ("sides", "guidance")},
    )


def _facts(released: pd.DataFrame, pairs: Iterable[Any]) -> pd.DataFrame:
    return released.set_index("pair").loc[list(pairs)].reset_index()[_FACTS]


def _lopsided(scores: PairScores) -> Bools:
    rated = ~np.isnan(scores.answers.rating)
    uneven = (rated[0] != rated[1]) & scores.plan.shared
    found: Bools = np.logical_or.reduceat(uneven, scores.plan.first, axis=1)
    return found


def _guidance(frame: pd.DataFrame, pairs: NDArray[Any]) -> NDArray[np.intp]:
    found = np.full((len(Side), len(pairs)), BLANK, dtype=np.intp)
    said = frame[frame["question"] == GUIDANCE_QUESTION]
    said = said[said["option"].isin(GUIDANCE)]
    side = said["side"].astype(str).map({str(side): row for row, side in enumerate(Side)}).to_numpy(dtype=int)
    option = said["option"].astype(str).map({code: place for place, code in enumerate(GUIDANCE)})
    found[side, pd.Index(pairs).get_indexer(pd.Index(said["pair"]))] = option.to_numpy(dtype=int)
    return found


def membership(values: PairValues) -> dict[str, Any]:
    """Which pair has which number, as JSON can hold it; the numbers themselves are not in it.

    Enough to say what may be shown to a reader who has some of the pairs by name (``network.benchmark``).
    """
    parts = [values.index[:, None], *values.sides, values.joint, values.gap, values.items, values.difference]
    there = ~np.isnan(np.concatenate(parts, axis=1))
    there = np.packbits(np.concatenate([there, values.lopsided], axis=1), axis=1)
    return {
        "pairs": values.pairs.tolist(),
        "level": values.level.tolist(),
        "guidance": values.guidance.tolist(),
        "there": base64.b64encode(there.tobytes()).decode(),
    }


def of_membership(
    questionnaire: Questionnaire, released: pd.DataFrame, kept: Mapping[str, Any]
) -> PairValues:
    """Values of these pairs that are 0 where there is a number and NaN where there is none."""
    scored = plan(questionnaire)
    questions = tuple(scored.codebook["question"])
    domains = len(scored.domains)
    widths = np.cumsum([1, *[domains] * 4, len(questions), len(questions), domains])
    packed = np.frombuffer(base64.b64decode(kept["there"]), dtype=np.uint8)
    there = np.unpackbits(packed.reshape(len(kept["pairs"]), -1), axis=1, count=int(widths[-1]))
    index, first, second, joint, gap, items, difference, lopsided = np.split(
        np.where(there, 0.0, np.nan), widths[:-1], axis=1
    )
    return PairValues(
        facts=_facts(released, kept["pairs"]),
        domains=tuple(scored.domains),
        questions=questions,
        domain_of=scored.domain,
        index=index[:, 0],
        level=np.array(kept["level"], dtype=np.intp),
        agreement=np.full(len(kept["pairs"]), np.nan),
        sides=np.stack([first, second]),
        joint=joint,
        gap=gap,
        lopsided=~np.isnan(lopsided),
        items=items,
        difference=difference,
        guidance=np.array(kept["guidance"], dtype=np.intp).reshape(len(Side), -1),
    )
