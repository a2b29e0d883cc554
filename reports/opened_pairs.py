"""The numbers of the pairs that a reader of the network may open by name, from what was released of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from assessment.access import Person
from assessment.database import Session
from assessment.frames import joint_answers
from assessment.models.cycles import Cycle
from assessment.network.opened import openable_pairs, released_forms
from questionnaires.library import Library
from reports.calculation import PairScores, score_pairs


def opened_pairs(session: Session, library: Library, cycle: Cycle, pairs: Collection[int]) -> pd.DataFrame:
    """A row a pair of these that was released complete: pair, index (0-100), level, status, items, apart,
    wide, and for each domain ``joint:<id>`` and ``gap:<id>`` (points of 100, NaN unless it is reportable).

    ``status`` is complete or insufficient; the latter has no index. Of ``items`` rated by both sides
    ``apart`` are two or more apart. ``wide``: some domain's gap is flagged, as the pair's report does it.
    Who calls has asked ``openable_pairs``.
    """
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    forms = released_forms(session, cycle.id, pairs)
    submitted = pd.DataFrame([(pair, str(side)) for pair, side in forms.values()], columns=["pair", "side"])
    scores = score_pairs(
        questionnaire,
        joint_answers(session, forms),
        pairs=sorted({pair for pair, _ in forms.values()}),
        submitted=submitted,
    )
    return _numbers(scores)


def pairs_open_to(session: Session, library: Library, cycle: Cycle, person: Person) -> pd.DataFrame:
    """``opened_pairs`` of all pairs that this person may open in the cycle."""
    return opened_pairs(session, library, cycle, openable_pairs(session, person, cycle.id))


def _numbers(scores: PairScores) -> pd.DataFrame:
    found = scores.pairs[["pair", "index", "level", "status", "items", "apart"]].astype({"status": object})
    shape = (len(found), len(scores.plan.domains))
    reportable = scores.domains["reportable"].to_numpy(dtype=bool).reshape(shape)
    columns: dict[str, Any] = {
        "wide": scores.domains["perception_gap"].to_numpy(dtype=bool).reshape(shape).any(axis=1)
    }
    for name in ("joint", "gap"):
        values = np.where(reportable, scores.domains[name].to_numpy(dtype=float).reshape(shape), np.nan)
        columns |= {f"{name}:{domain}": values[:, place] for place, domain in enumerate(scores.plan.domains)}
    return pd.concat([found.reset_index(drop=True), pd.DataFrame(columns)], axis=1)
