"""The numbers of the complete pairs of a cycle as arrays, and how one pair's numbers are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
    unless the domain is reportable). ``items`` and ``difference`` P x N (0-4, f - e). ``guidance`` 2 x P,
    position in GUIDANCE or -1.
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
        items=items["joint"].to_numpy(dtype=float).reshape(count, -1),
        difference=items["difference"].to_numpy(dtype=float).reshape(count, -1),
        guidance=_guidance(frame, pairs),
    )


def _facts(released: pd.DataFrame, pairs: Iterable[Any]) -> pd.DataFrame:
    return released.set_index("pair").loc[list(pairs)].reset_index()[_FACTS]


def _guidance(frame: pd.DataFrame, pairs: NDArray[Any]) -> NDArray[np.intp]:
    found = np.full((len(Side), len(pairs)), BLANK, dtype=np.intp)
    said = frame[frame["question"] == GUIDANCE_QUESTION]
    said = said[said["option"].isin(GUIDANCE)]
    side = said["side"].astype(str).map({str(side): row for row, side in enumerate(Side)}).to_numpy(dtype=int)
    option = said["option"].astype(str).map({code: place for place, code in enumerate(GUIDANCE)})
    found[side, pd.Index(pairs).get_indexer(pd.Index(said["pair"]))] = option.to_numpy(dtype=int)
    return found


def kept(values: PairValues) -> dict[int, dict[str, Any]]:
    """Pair -> its numbers as JSON can hold them; what is not there is left out."""
    return {int(pair): _kept_of(values, row) for row, pair in enumerate(values.pairs)}


def _kept_of(values: PairValues, row: int) -> dict[str, Any]:
    by_domain = np.stack([*values.sides[:, row], values.joint[row], values.gap[row]], axis=1)
    by_item = np.stack([values.items[row], values.difference[row]], axis=1)
    return {
        "index": _number(values.index[row]),
        "level": int(values.level[row]),
        "agreement": _number(values.agreement[row]),
        "domains": _rows(values.domains, by_domain),
        "items": _rows(values.questions, by_item),
        "guidance": [int(code) for code in values.guidance[:, row]],
    }


def _rows(names: Iterable[str], table: Floats) -> dict[str, list[float | None]]:
    return {
        name: [_number(value) for value in line]
        for name, line in zip(names, table, strict=True)
        if not np.isnan(line).all()
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def of_kept(
    questionnaire: Questionnaire, released: pd.DataFrame, numbers: Mapping[int, Mapping[str, Any]]
) -> PairValues:
    """The inverse of ``kept`` for these pairs."""
    scored = plan(questionnaire)
    pairs = sorted(numbers)
    questions = tuple(scored.codebook["question"])
    by_domain = _table(numbers, pairs, "domains", tuple(scored.domains), 4)
    by_item = _table(numbers, pairs, "items", questions, 2)
    return PairValues(
        facts=_facts(released, pairs),
        domains=tuple(scored.domains),
        questions=questions,
        domain_of=scored.domain,
        index=_column(numbers, pairs, "index"),
        level=np.array([numbers[pair]["level"] for pair in pairs], dtype=np.intp),
        agreement=_column(numbers, pairs, "agreement"),
        sides=by_domain[:2],
        joint=by_domain[2],
        gap=by_domain[3],
        items=by_item[0],
        difference=by_item[1],
        guidance=np.array([numbers[pair]["guidance"] for pair in pairs], dtype=np.intp).reshape(-1, 2).T,
    )


def _column(numbers: Mapping[int, Mapping[str, Any]], pairs: list[int], name: str) -> Floats:
    return np.array([numbers[pair][name] for pair in pairs], dtype=float)


def _table(
    numbers: Mapping[int, Mapping[str, Any]], pairs: list[int], part: str, names: tuple[str, ...], width: int
) -> Floats:
    nothing = [None] * width
    rows = [[numbers[pair][part].get(name, nothing) for name in names] for pair in pairs]
    found: Floats = np.array(rows, dtype=float).reshape(len(pairs), len(names), width)
    return np.moveaxis(found, -1, 0)
