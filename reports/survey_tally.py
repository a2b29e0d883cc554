"""The answers of many respondents, counted once: all that the survey's results are computed from.

One pass over dense codes; nothing after it grows with the number of respondents but the performance ratings,
which the quality score and the reliability need person by person. A database can make the same three frames
with two GROUP BYs and one SELECT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.answers import AnswerStatus
from questionnaires.definition import AnswerType, Questionnaire
from reports import shown_questions

Codes = NDArray[np.intp]

ATTRIBUTES = tuple(f"A-{n:02}" for n in range(1, 13))
PRODUCT_TYPES = tuple(f"T-{n:02}" for n in range(1, 10))
IMPORTANCE, PERFORMANCE, USEFULNESS, QUALITY = "importance", "performance", "usefulness", "quality"
EOC, OTHER = "eoc", "other"
GROUPS = (EOC, OTHER)
GROUP_QUESTION, GROUP_OPTION = "P-01", "eoc"

COLUMNS = ("respondent", "question", "part", "status", "number", "option")
STATUSES = tuple(map(str, AnswerStatus))
_UNANSWERED = STATUSES.index(AnswerStatus.UNANSWERED)
_ANSWERED = STATUSES.index(AnswerStatus.ANSWERED)


@dataclass(frozen=True, eq=False)
class Tally:
    """Answers to questions that were shown; blanks are not counted.

    ``counts``: question, part, group, status, number (NaN for none), option ("" for none), n.
    ``choosers``: question, group, n: who chose anything of a multiple choice, each once.
    ``performance``: respondents x attributes asked, ratings 1 to 5, NaN where there is none.
    ``respondents``: how many have any row.
    """

    counts: pd.DataFrame
    choosers: pd.DataFrame
    performance: pd.DataFrame
    respondents: int


@dataclass(frozen=True, eq=False)
class _Rows:
    """The frame as positions: of persons, questions, parts, statuses, numbers, options (-1 for none)."""

    person: Codes
    question: Codes
    part: Codes
    status: Codes
    number: Codes
    option: Codes

    def only(self, rows: NDArray[Any]) -> _Rows:
        return _Rows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class _Names:
    people: pd.Index[Any]
    questions: pd.Index[Any]
    parts: pd.Index[Any]
    numbers: pd.Index[Any]
    options: pd.Index[Any]

    def question(self, name: str) -> int:
        """Its position; -2, which no row has, where the questionnaire does not ask it."""
        place = _place(self.questions, name)
        return place if place >= 0 else -2


def tally(questionnaire: Questionnaire, frame: pd.DataFrame) -> Tally:
    """Count an answer frame: respondent, question, part, status, number, option; rows in any order.

    A multiple choice has a row for each option chosen, with the option as its part. Group is eoc where P-01
    says so, else other. Rows of unknown questions and answers to questions that the skip rules leave out are
    dropped. Fastest where question, part, status and option are categories. ValueError: a missing column, an
    unknown status, two rows for one answer, a rating off its scale.
    """
    names, rows = _coded(questionnaire, frame)
    asked = shown_questions.shown(questionnaire, frame, names.people).to_numpy()
    rows = rows.only((rows.question >= 0) & (rows.status != _UNANSWERED))
    rows = rows.only(asked[rows.person, rows.question])
    _refuse_doubles(rows, names)
    group = _groups(rows, names)
    counts = _counts(rows, names, group)
    _refuse_strange_ratings(questionnaire, counts)
    return Tally(
        counts=counts,
        choosers=_choosers(questionnaire, rows, names, group),
        performance=_performance(rows, names),
        respondents=len(names.people),
    )


def joined(tallies: Sequence[Tally]) -> Tally:
    """The tally of all respondents from those of parts of them; each respondent is in one part, whole.

    ValueError for no part at all.
    """
    keys = ["question", "part", "group", "status", "number", "option"]
    counts = pd.concat([each.counts for each in tallies], ignore_index=True)
    choosers = pd.concat([each.choosers for each in tallies], ignore_index=True)
    return Tally(
        counts=counts.groupby(keys, sort=False, dropna=False)["n"].sum().reset_index(),
        choosers=choosers.groupby(["question", "group"], sort=False)["n"].sum().reset_index(),
        performance=pd.concat([each.performance for each in tallies]),
        respondents=sum(each.respondents for each in tallies),
    )


def _coded(questionnaire: Questionnaire, frame: pd.DataFrame) -> tuple[_Names, _Rows]:
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"The answer frame has no column {', '.join(missing)}.")
    person, people = pd.factorize(frame["respondent"])
    questions = pd.Index([question.id for question in questionnaire.questions], dtype=object)
    part, parts = _labels(frame["part"])
    option, options = _labels(frame["option"])
    number, numbers = pd.factorize(frame["number"].to_numpy(dtype=float, na_value=np.nan))
    status = _positions(frame["status"], pd.Index(STATUSES, dtype=object))
    if (status < 0).any():
        wrong = frame["status"].to_numpy(dtype=object)[status < 0][0]
        raise ValueError(f"{wrong!r} is not an answer status.")
    names = _Names(pd.Index(people), questions, parts, pd.Index(numbers), options)
    return names, _Rows(person, _positions(frame["question"], questions), part, status, number, option)


def _labels(values: pd.Series[Any]) -> tuple[Codes, pd.Index[Any]]:
    """Positions of the words of a column, -1 for "" and for none, and the words."""
    held = values.array if isinstance(values.dtype, pd.CategoricalDtype) else pd.Categorical(values)
    assert isinstance(held, pd.Categorical)
    words = pd.Index([word for word in held.categories if word != ""], dtype=object)
    return _positions(values, words), words


def _positions(values: pd.Series[Any], index: pd.Index[Any]) -> Codes:
    """Position of each value in ``index``, -1 where it is not there; each distinct value is sought once."""
    held = values.array if isinstance(values.dtype, pd.CategoricalDtype) else pd.Categorical(values)
    assert isinstance(held, pd.Categorical)
    found = index.get_indexer(pd.Index(held.categories, dtype=object))
    positions: Codes = np.append(found, -1)[held.codes]
    return positions


def _place(index: pd.Index[Any], name: str) -> int:
    return int(index.get_indexer(pd.Index([name], dtype=object))[0])


def _refuse_doubles(rows: _Rows, names: _Names) -> None:
    answer = rows.question * (len(names.parts) + 1) + rows.part + 1
    used = np.flatnonzero(np.bincount(answer))
    place = np.zeros(int(used[-1]) + 1 if len(used) else 1, dtype=np.intp)
    place[used] = np.arange(len(used))
    seen = np.zeros(len(names.people) * len(used), dtype=bool)
    seen[rows.person * len(used) + place[answer]] = True
    if seen.sum() != len(answer):
        raise ValueError("Two rows give one answer of one respondent; the frame must hold one.")


def _groups(rows: _Rows, names: _Names) -> Codes:
    """Position in GROUPS of each person."""
    group = np.full(len(names.people), GROUPS.index(OTHER), dtype=np.intp)
    option = _place(names.options, GROUP_OPTION)
    says_so = (rows.question == names.question(GROUP_QUESTION)) & (rows.option == option) & (option >= 0)
    group[rows.person[says_so]] = GROUPS.index(EOC)
    return group


def _counts(rows: _Rows, names: _Names, group: Codes) -> pd.DataFrame:
    axes = (
        (rows.question, names.questions),
        (rows.part + 1, names.parts.insert(0, "")),
        (group[rows.person], pd.Index(GROUPS)),
        (rows.status, pd.Index(STATUSES)),
        (rows.number + 1, names.numbers.insert(0, np.nan)),
        (rows.option + 1, names.options.insert(0, "")),
    )
    shape = tuple(len(index) for _, index in axes)
    cell = np.bincount(np.ravel_multi_index(tuple(codes for codes, _ in axes), shape))
    found = np.flatnonzero(cell)
    columns = ("question", "part", "group", "status", "number", "option")
    places = np.unravel_index(found, shape)
    held = {
        name: index.to_numpy()[place] for name, (_, index), place in zip(columns, axes, places, strict=True)
    }
    return pd.DataFrame(held | {"n": cell[found]}).astype({"number": float})


def _choosers(questionnaire: Questionnaire, rows: _Rows, names: _Names, group: Codes) -> pd.DataFrame:
    found = []
    for question in questionnaire.questions:
        if question.type is AnswerType.MULTIPLE_CHOICE:
            chose = np.zeros(len(names.people), dtype=bool)
            chose[rows.person[rows.question == names.question(question.id)]] = True
            each = np.bincount(group[chose], minlength=len(GROUPS))
            found += [(question.id, name, int(n)) for name, n in zip(GROUPS, each, strict=True)]
    return pd.DataFrame(found, columns=["question", "group", "n"])


def _performance(rows: _Rows, names: _Names) -> pd.DataFrame:
    asked = [name for name in ATTRIBUTES if name in names.questions]
    column = np.full(len(names.questions), -1, dtype=np.intp)
    column[names.questions.get_indexer(pd.Index(asked, dtype=object))] = np.arange(len(asked))
    part = _place(names.parts, PERFORMANCE)
    rated = rows.only(
        (rows.part == part) & (column[rows.question] >= 0) & (rows.status == _ANSWERED) & (rows.number >= 0)
    )
    ratings = np.full((len(names.people), len(asked)), np.nan)
    ratings[rated.person, column[rated.question]] = names.numbers.to_numpy(dtype=float)[rated.number]
    return pd.DataFrame(ratings, index=names.people, columns=asked)


def rating_scales(questionnaire: Questionnaire) -> dict[tuple[str, str], tuple[float, ...]]:
    """(question, part) -> the points of its scale, ascending, of everything that is rated, in file order."""
    found = {}
    for question in questionnaire.questions:
        if question.scale is not None:
            found[question.id, ""] = tuple(sorted(question.scale.numbers))
        for part in question.parts:
            found[question.id, part.id] = tuple(sorted(part.scale.numbers))
    return found


def _refuse_strange_ratings(questionnaire: Questionnaire, counts: pd.DataFrame) -> None:
    scales = rating_scales(questionnaire)
    for row in counts[counts["number"].notna()].itertuples():
        if row.number not in scales.get((str(row.question), str(row.part)), ()):
            place = f"{row.question} {row.part}".strip()
            raise ValueError(f"{row.number:g} is not a rating of {place}.")
