"""What two sides, or one alone, read about their relationship: one pair's answers in, one report out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from questionnaires.answers import AnswerStatus
from questionnaires.definition import MaturityLevel, Questionnaire, ScoringRules, Side
from reports import comparison, trend
from reports.calculation import PairScores, score_pairs
from reports.maturity import PairStatus
from reports.scoring import ItemState

SIDES = tuple(map(str, Side))
COLUMNS = ("side", "question", "status", "number", "option", "text")
_ONLY = 0  # the key of the one pair


@dataclass(frozen=True)
class PairAgreement:
    """Agreement on the items that both sides rated; None where there is nothing to say or too few items."""

    index: float | None  # 0-100
    exact: float | None  # share of 1, as within_one
    within_one: float | None
    items: int | None  # None while not both sides are heard
    same: int  # items 0, 1 and 2 or more apart
    close: int
    apart: int
    difference: float | None  # mean fusion center minus EOC
    weighted_kappa: float | None
    icc: float | None


@dataclass(frozen=True, eq=False)
class PairTrend:
    """Change since the previous cycle on common items; ``domains`` as in ``trend.Changes`` without pair."""

    previous_cycle: str | None
    items: int
    domain_count: int
    previous: float  # index on the common items, then and now
    current: float
    index_change: float
    previous_level: int | None  # as reported then
    domains: pd.DataFrame


@dataclass(frozen=True, eq=False)
class PairReport:
    """Everything that pages, figures and files show of one pair. Frames are in file order unless said.

    ``items``: item, domain, fusion_center_wording, eoc_wording, weight, critical, mirror, fusion_center,
    eoc (ratings), fusion_center_status, eoc_status, fusion_center_note, eoc_note, joint, difference, state,
    discuss, quadrant, priority, fails_gate, not_known, action, asked (both|fusion_center|eoc).
    ``domains``: id, title, fusion_center, eoc, joint, coverage, reportable, gap, gap_items, perception_gap,
    in_base, fails_gate.
    ``improvements``: rows of items, the most worthwhile first. ``find_first``: rows of items that apply but
    have no joint score, critical ones first. ``answer_matrix``: counts, rows fusion center, columns EOC.
    ``evidence``: side, rated, without_note: ratings that ask for a note and those without one.
    ``extras``: question, fusion_center, eoc: answers to unscored questions as files hold them, "" for none.
    """

    questionnaire: str
    version: str
    cycle: str | None
    fusion_center: str | None
    eoc: str | None
    synthetic: bool
    status: PairStatus
    sides: tuple[str, ...]  # whose answers are in this report
    index: float | None
    level: MaturityLevel | None
    band: MaturityLevel | None  # the level of the index alone
    held_back_by: tuple[str, ...]
    not_known: tuple[str, ...]  # critical items without a joint score that fail no gate
    reportable_domains: int
    domains_in_base: int
    agreement: PairAgreement
    items: pd.DataFrame
    domains: pd.DataFrame
    improvements: pd.DataFrame
    find_first: pd.DataFrame
    answer_matrix: pd.DataFrame
    evidence: pd.DataFrame
    extras: pd.DataFrame
    trend: PairTrend | None
    rules: ScoringRules

    @property
    def revealed(self) -> bool:
        """Both sides are heard."""
        return self.status in (PairStatus.COMPLETE, PairStatus.INSUFFICIENT)

    @property
    def scope_conflicts(self) -> pd.DataFrame:
        """Items that one side says do not apply."""
        return self.items[self.items["state"] == str(ItemState.SCOPE_CONFLICT)]

    @property
    def unknowns(self) -> pd.DataFrame:
        """Items that a side asked does not know or left blank."""
        return self.items[self.items["state"] == str(ItemState.UNKNOWN)]

    @property
    def talk_about(self) -> pd.DataFrame:
        """Items on which the sides are far apart, the widest first."""
        flagged = self.items[self.items["discuss"]]
        return flagged.loc[(-flagged["difference"].abs()).sort_values(kind="stable").index]

    def quadrant(self, name: str) -> pd.DataFrame:
        """Items of one of ``comparison.Quadrant``."""
        return self.items[self.items["quadrant"] == name]

    def to_json(self) -> dict[str, Any]:
        """The ``pair`` object of the contract: plain Python values, numbers unrounded, None for null.

        Until both sides are heard, everything is null or empty but names, status and the sides in it.
        Synthetic answers add the key ``synthetic``.
        """
        listed = ("index", "exact", "within_one", "items", "weighted_kappa", "icc")
        found = {
            "cycle": self.cycle,
            "fusion_center": self.fusion_center,
            "eoc": self.eoc,
            "questionnaire": self.questionnaire,
            "version": self.version,
            "status": str(self.status),
            "index": self.index,
            "level": self.level.level if self.level else None,
            "level_name": self.level.name if self.level else None,
            "held_back_by": list(self.held_back_by),
            "agreement": {name: getattr(self.agreement, name) for name in listed},
            "domains": self._records(self.domains, _DOMAIN_KEYS, ("reportable",)),
            "items": self._records(self.items.rename(columns={"item": "id"}), _ITEM_KEYS, ("discuss",)),
            "improvements": self._records(self.improvements, ("item", "priority", "action")),
            "trend": self._trend_json(),
        }
        return found | ({"synthetic": True} if self.synthetic else {})

    def _records(
        self, frame: pd.DataFrame, keys: Collection[str], joint_keys: Collection[str] = ()
    ) -> list[dict[str, Any]]:
        """Rows as dictionaries; the ``joint_keys`` say something of both sides and are null for one."""
        hidden = set() if self.revealed else set(joint_keys)
        return [
            {key: None if key in hidden else plain(row[key]) for key in keys}
            for row in frame[list(keys)].to_dict("records")
        ]

    def _trend_json(self) -> dict[str, Any] | None:
        if self.trend is None:
            return None
        change = self.trend
        return {
            "previous_cycle": change.previous_cycle,
            "items": change.items,
            "index_change": change.index_change,
        }


_DOMAIN_KEYS = ("id", "title", *SIDES, "joint", "coverage", "reportable", "gap")
_ITEM_KEYS = ("id", *SIDES, "joint", "difference", "state", "discuss")


def plain(value: Any) -> Any:
    """A cell as plain Python: numbers without numpy, every kind of missing as None."""
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def build(
    questionnaire: Questionnaire,
    frame: pd.DataFrame,
    *,
    submitted: Collection[str] | None = None,
    previous: pd.DataFrame | None = None,
    previous_questionnaire: Questionnaire | None = None,
    previous_cycle: str | None = None,
    previous_submitted: Collection[str] | None = None,
    cycle: str | None = None,
    fusion_center: str | None = None,
    eoc: str | None = None,
    synthetic: bool = False,
) -> PairReport:
    """The report of one pair from its answers (side, question, status, number, option, text; any order).

    ``submitted``: the sides that have submitted, by default those with a row; rows of any other side are
    dropped before anything is computed. A reader who may know that one side has submitted and may not read
    it gets the report of an empty frame with that side in ``submitted``. ``previous``: the frame of the
    earlier cycle, for the trend. Raises ValueError for a frame or a questionnaire that is not sound.
    """
    sides = _sides(frame, submitted)
    frame = _prepared(frame, sides)
    scores = _scores(questionnaire, frame, sides)
    change = None
    if previous is not None:
        earlier = previous_questionnaire or questionnaire
        change = _trend(questionnaire, scores, earlier, previous, previous_submitted, previous_cycle)
    return PairReport(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        cycle=cycle,
        fusion_center=fusion_center,
        eoc=eoc,
        synthetic=synthetic,
        sides=sides,
        trend=change,
        **_standing(scores),
        **_frames(questionnaire, scores, frame),
    )


def _standing(scores: PairScores) -> dict[str, Any]:
    """The numbers of the one pair: status, index, level, what held it back, agreement."""
    row = scores.pairs.iloc[0]
    rules = scores.plan.rules
    by_number = {level.level: level for level in rules.levels}
    items, domains = scores.items, scores.domains
    failing = (*items.loc[items["fails_gate"], "question"], *domains.loc[domains["fails_gate"], "domain"])
    return {
        "rules": rules,
        "status": PairStatus(row["status"]),
        "index": plain(row["index"]),
        "level": by_number.get(plain(row["level"])),
        "band": by_number.get(plain(row["band"])),
        "held_back_by": failing,
        "not_known": tuple(items.loc[items["not_known"], "question"]),
        "reportable_domains": int(row["reportable_domains"]),
        "domains_in_base": int(row["domains_in_base"]),
        "agreement": _agreement(row, revealed=bool(scores.answers.both[0])),
    }


def _frames(questionnaire: Questionnaire, scores: PairScores, frame: pd.DataFrame) -> dict[str, Any]:
    """The frames of the report, with the words that go with the numbers."""
    items = _items(questionnaire, scores, frame)
    return {
        "items": items,
        "domains": _domains(questionnaire, scores),
        "improvements": comparison.improvement_order(items),
        "find_first": comparison.find_first(items),
        "answer_matrix": _answer_matrix(scores),
        "evidence": _evidence(questionnaire, items),
        "extras": _extras(questionnaire, frame),
    }


def _sides(frame: pd.DataFrame, submitted: Collection[str] | None) -> tuple[str, ...]:
    """The sides that are heard, fusion center first; ValueError for a name that is no side."""
    if "side" not in frame.columns:
        raise ValueError("The answer frame has no column side.")
    given = {str(side) for side in (frame["side"].unique() if submitted is None else submitted)}
    if given - set(SIDES):
        raise ValueError(f"{min(given - set(SIDES))!r} is not a side; use fusion_center or eoc.")
    return tuple(side for side in SIDES if side in given)


def _prepared(frame: pd.DataFrame, sides: tuple[str, ...]) -> pd.DataFrame:
    """Only the rows of the sides that are heard, with every column."""
    kept = frame[frame["side"].isin(sides)]
    missing = [name for name in COLUMNS[:4] if name not in kept.columns]
    if missing:
        raise ValueError(f"The answer frame has no column {', '.join(missing)}.")
    if kept.duplicated(["side", "question"]).any():
        raise ValueError("Two rows answer one question for one side; the frame must hold one.")
    return kept.assign(**{name: "" for name in COLUMNS[4:] if name not in kept.columns}, pair=_ONLY)


def _scores(questionnaire: Questionnaire, frame: pd.DataFrame, sides: tuple[str, ...]) -> PairScores:
    submitted = pd.DataFrame({"pair": [_ONLY] * len(sides), "side": list(sides)})
    return score_pairs(questionnaire, frame, pairs=[_ONLY], submitted=submitted)


def _items(questionnaire: Questionnaire, scores: PairScores, frame: pd.DataFrame) -> pd.DataFrame:
    items = scores.items.drop(columns="pair").rename(columns={"question": "item"})
    items["item"], items["domain"] = items["item"].astype(object), items["domain"].astype(object)
    questions = [questionnaire.by_id[item] for item in items["item"]]
    notes = _of_cells(frame, frame["text"].fillna(""))
    for side in Side:
        items[f"{side}_wording"] = [question.wording.get(side, "") for question in questions]
        items[f"{side}_note"] = [str(notes.get((str(side), q.id), "")) for q in questions]
    items["mirror"] = [str(question.mirror) for question in questions]
    items["action"] = [question.action for question in questions]
    items["asked"] = ["both" if q.shared else str(q.sides[0]) for q in questions]
    return items


def _of_cells(frame: pd.DataFrame, values: pd.Series[Any]) -> dict[tuple[str, str], Any]:
    """Side and question -> the value of their row."""
    return dict(zip(zip(frame["side"], frame["question"], strict=True), values, strict=True))


def _domains(questionnaire: Questionnaire, scores: PairScores) -> pd.DataFrame:
    domains = scores.domains.drop(columns="pair").rename(columns={"domain": "id"})
    domains["id"] = domains["id"].astype(object)
    domains.insert(1, "title", [section.title for section in questionnaire.domains])
    return domains


def _agreement(row: pd.Series[Any], revealed: bool) -> PairAgreement:
    return PairAgreement(
        index=plain(row["agreement"]),
        exact=plain(row["exact"]),
        within_one=plain(row["within_one"]),
        items=int(row["items"]) if revealed else None,
        same=int(row["same"]),
        close=int(row["close"]),
        apart=int(row["apart"]),
        difference=plain(row["difference"]),
        weighted_kappa=plain(row["weighted_kappa"]),
        icc=plain(row["icc"]),
    )


def _answer_matrix(scores: PairScores) -> pd.DataFrame:
    """How often each two ratings meet on items that both rated: rows fusion center, columns EOC."""
    points = scores.plan.points
    compared = scores.items[scores.items["difference"].notna()]
    first, second = (np.searchsorted(points, compared[side]) for side in SIDES)
    counts = np.bincount(first * len(points) + second, minlength=len(points) ** 2)
    labels = [f"{point:g}" for point in points]
    return pd.DataFrame(
        counts.reshape(len(points), len(points)),
        index=pd.Index(labels, name=SIDES[0]),
        columns=pd.Index(labels, name=SIDES[1]),
    )


def _evidence(questionnaire: Questionnaire, items: pd.DataFrame) -> pd.DataFrame:
    """Of each side heard or not: ratings that ask for an evidence note, and those that have none."""
    scale = questionnaire.scale
    lowest = np.inf if scale is None or scale.evidence_from is None else scale.evidence_from
    rows = []
    for side in SIDES:
        asked = items[items[side] >= lowest]
        rows.append((side, len(asked), int((asked[f"{side}_note"].str.strip() == "").sum())))
    return pd.DataFrame(rows, columns=["side", "rated", "without_note"])


def _extras(questionnaire: Questionnaire, frame: pd.DataFrame) -> pd.DataFrame:
    unscored = [question.id for question in questionnaire.questions if not question.scored]
    if not unscored:
        return pd.DataFrame(columns=["question", *SIDES], dtype=object)
    answered = frame["status"].eq(str(AnswerStatus.ANSWERED)) & frame["question"].isin(unscored)
    given = frame[answered].astype({"option": object})
    values = given["option"].where(given["option"].notna() & (given["option"] != ""), given["number"])
    codes = _of_cells(given, values)
    rows = [(item, *(_extra(codes.get((side, item))) for side in SIDES)) for item in unscored]
    return pd.DataFrame(rows, columns=["question", *SIDES])


def _extra(value: Any) -> str:
    """A choice's code, or a rating's number without needless decimals."""
    if plain(value) is None:
        return ""
    return value if isinstance(value, str) else f"{value:g}"


def _trend(
    questionnaire: Questionnaire,
    scores: PairScores,
    earlier: Questionnaire,
    frame: pd.DataFrame,
    submitted: Collection[str] | None,
    cycle: str | None,
) -> PairTrend | None:
    """Change since the previous cycle; None unless both cycles are complete and share an item."""
    sides = _sides(frame, submitted)
    before = _scores(earlier, _prepared(frame, sides), sides)
    found = trend.changes(scores, before, trend.same_items(questionnaire, earlier))
    if found.pairs.empty:
        return None
    row = found.pairs.iloc[0]
    return PairTrend(
        previous_cycle=cycle,
        items=int(row["items"]),
        domain_count=int(row["domains"]),
        previous=float(row["previous"]),
        current=float(row["current"]),
        index_change=float(row["change"]),
        previous_level=plain(before.pairs["level"].iloc[0]),
        domains=found.domains.drop(columns="pair"),
    )
