"""The calculation of pair reports, all pairs at once, against the cheapest pass over the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, seconds
from questionnaires.answers import AnswerStatus
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import BUILT_IN, Library
from reports import trend
from reports.calculation import score_pairs

PAIRS = 5_000
LIMIT = 6
STATUSES = (AnswerStatus.ANSWERED, AnswerStatus.NOT_APPLICABLE, AnswerStatus.DO_NOT_KNOW)


def answers(questionnaire: Questionnaire, pairs: int, seed: int) -> pd.DataFrame:
    """Answers of both sides of every pair to every scored item, in no order: 0 to 4, a few NA and DK."""
    rng = np.random.default_rng(seed)
    scored = [question for question in questionnaire.questions if question.scored]
    asked = [(side.value, question.id) for side in Side for question in scored if question.asked_of(side)]
    sides, questions = zip(*asked, strict=True)
    count = pairs * len(asked)
    status = rng.choice(len(STATUSES), size=count, p=(0.92, 0.04, 0.04))
    frame = pd.DataFrame(
        {
            "pair": np.repeat(np.arange(pairs), len(asked)),
            "side": pd.Categorical(np.tile(sides, pairs)),
            "question": pd.Categorical(np.tile(questions, pairs)),
            "status": pd.Categorical.from_codes(status, pd.Index([str(s) for s in STATUSES])),
            "number": np.where(status == 0, rng.integers(0, 5, count).astype(float), np.nan),
        }
    )
    return frame.iloc[rng.permutation(count)].reset_index(drop=True)


def means(frame: pd.DataFrame) -> pd.Series:
    """The floor: one bare pass over the rows."""
    return frame.groupby(["pair", "side", "question"], observed=True).number.mean()


@contextmanager
def measures(_folder: Path) -> Iterator[list[Measure]]:
    questionnaire = Library([BUILT_IN]).get("cpg502-checklist")
    now, before = (answers(questionnaire, PAIRS, seed) for seed in (1, 2))
    names = now.astype(dict.fromkeys(("side", "question", "status"), str))
    both = pd.concat([now, before.assign(pair=before["pair"] + PAIRS)], ignore_index=True)
    common = trend.same_items(questionnaire, questionnaire)

    def with_change() -> None:
        trend.changes(score_pairs(questionnaire, now), score_pairs(questionnaire, before), common)

    rows = f"{PAIRS:,} pairs, {len(now):,} answers"
    yield [
        Measure(
            f"score pairs, {rows}",
            "s",
            lambda: seconds(lambda: score_pairs(questionnaire, now)),
            lambda: seconds(lambda: means(now)),
            LIMIT,
        ),
        Measure(
            f"score pairs, {rows}, columns of text",
            "s",
            lambda: seconds(lambda: score_pairs(questionnaire, names)),
            lambda: seconds(lambda: means(names)),
            LIMIT,
        ),
        Measure(
            f"score pairs and their change, two cycles of {rows}",
            "s",
            lambda: seconds(with_change),
            lambda: seconds(lambda: means(both)),
            LIMIT,
        ),
    ]
