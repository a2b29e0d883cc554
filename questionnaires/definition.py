"""The parts of a questionnaire, frozen: what a definition file says once it is read and found sound.

Nothing here knows how a file looks (``loader``), what an answer means (``answers``) or who has answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Side(StrEnum):
    """The two sides of a pair. The order is that of every table and chart."""

    FUSION_CENTER = "fusion_center"
    EOC = "eoc"

    @property
    def other(self) -> Side:
        return Side.EOC if self is Side.FUSION_CENTER else Side.FUSION_CENTER

    @property
    def words(self) -> str:
        """The side in a sentence, without its article."""
        return "fusion center" if self is Side.FUSION_CENTER else "EOC"


class Respondent(StrEnum):
    """Whoever answers a survey; there are no sides in one."""

    RESPONDENT = "respondent"

    @property
    def words(self) -> str:
        return "respondents"


RESPONDENT = Respondent.RESPONDENT
Party = Side | Respondent  # whom one form is for


class Audience(StrEnum):
    """Whom a questionnaire asks: both sides of pairs, or the respondents of a survey."""

    SIDES = "sides"
    RESPONDENTS = "respondents"

    @property
    def parties(self) -> tuple[Party, ...]:
        return tuple(Side) if self is Audience.SIDES else tuple(Respondent)


class AnswerType(StrEnum):
    """The closed set of answer types; ``answers.HANDLERS`` has one handler for each."""

    RATING = "rating"
    FREQUENCY = "frequency"
    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    YES_NO = "yes_no"
    DUAL_RATING = "dual_rating"
    GRID_ROW = "grid_row"
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"


TEXT_LIMITS = {AnswerType.SHORT_TEXT: 200, AnswerType.LONG_TEXT: 1000}  # characters


class Mirror(StrEnum):
    """What the two wordings of an item describe: one fact, or each side its own half."""

    SAME = "same"
    OWN = "own"


class OperatingState(StrEnum):
    """When an item applies: between incidents, during activation, or both."""

    STEADY = "steady"
    ACTIVE = "active"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One point of a scale or one choice. ``code`` is what files and tables hold."""

    code: str
    label: str
    anchor: str = ""
    number: float | None = None
    alone: bool = False  # one of several choices that goes with no other


YES_AND_NO = (AnswerOption("yes", "Yes"), AnswerOption("no", "No"))


@dataclass(frozen=True, slots=True)
class ResponseScale:
    """The labelled points that several rating questions share, and how to use them."""

    id: str
    options: tuple[AnswerOption, ...]
    instruction: str = ""
    not_applicable: str = ""  # label of "does not apply"; empty where it may not be chosen
    do_not_know: str = ""  # label of "do not know"; empty where it may not be chosen
    evidence_from: float | None = None  # from this rating on an evidence note is asked for

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(option.number for option in self.options if option.number is not None)

    @property
    def highest(self) -> float:
        return max(self.numbers)


@dataclass(frozen=True, slots=True)
class RatingPart:
    """One respect in which a thing is rated: how important it is, how well it is done."""

    id: str
    name: str  # in tables: "Importance"
    ask: str  # over the points: "How important is it to you?"
    scale: ResponseScale


@dataclass(frozen=True, slots=True)
class RatingSet:
    """The parts that several dual ratings, or the rows of a grid, share.

    A grid asks first which of its rows apply (``pick``), and has only those rated; the others are
    ``not_applicable``.
    """

    id: str
    parts: tuple[RatingPart, ...]
    pick: str = ""
    not_applicable: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A question of the closed set: ``all``/``any`` of others, or one comparison with one answer.

    ``operator`` is one of all, any, is, is_not, one_of, at_least, at_most, answered.
    """

    operator: str
    question: str = ""
    operands: tuple[Condition, ...] = ()
    values: tuple[str, ...] = ()

    def questions(self) -> frozenset[str]:
        """Ids of all questions whose answers decide."""
        own = {self.question} if self.question else set()
        return frozenset(own.union(*(operand.questions() for operand in self.operands)))


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    type: AnswerType
    wording: dict[Party, str]  # a side that is not asked has no wording
    scale: ResponseScale | None = None
    options: tuple[AnswerOption, ...] = ()  # the question's own choices
    rating_set: RatingSet | None = None  # of a dual rating or a row of a grid
    limit: int | None = None  # characters of a text; None: that of its type
    scored: bool = True
    required: bool = True  # asked for before submitting; an optional one may stay blank
    weight: float = 1.0
    mirror: Mirror = Mirror.SAME
    state: OperatingState = OperatingState.BOTH
    why: str = ""  # item help: why it matters
    evidence: str = ""  # item help: what evidence looks like
    action: str = ""  # improvement action where the score is low
    basis: tuple[str, ...] = ()
    applies_when: Condition | None = None  # its own and that of its section

    @property
    def sides(self) -> tuple[Side, ...]:
        return tuple(side for side in Side if side in self.wording)

    @property
    def shared(self) -> bool:
        """Asked of both sides: scored as a pair."""
        return len(self.wording) == len(Side)

    def asked_of(self, party: Party) -> bool:
        return party in self.wording

    @property
    def parts(self) -> tuple[RatingPart, ...]:
        """The respects in which it is rated; none but of a dual rating or a row of a grid."""
        return self.rating_set.parts if self.rating_set else ()

    @property
    def answer_count(self) -> int:
        """How many answers it asks for: a dual rating counts as two."""
        return len(self.parts) or 1

    @property
    def text_limit(self) -> int:
        """How many characters may be written; 0 where no words are asked for."""
        return self.limit or TEXT_LIMITS.get(self.type, 0)

    def critical(self, rules: ScoringRules) -> bool:
        return self.scored and self.weight >= rules.critical_weight

    @property
    def choices(self) -> tuple[AnswerOption, ...]:
        """The scale's points or the question's own options."""
        return self.scale.options if self.scale else self.options


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the form; where it holds scored questions, one domain of the score."""

    id: str
    title: str
    questions: tuple[Question, ...]
    group: str = ""
    introduction: str = ""

    @property
    def scored_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.scored)


@dataclass(frozen=True, slots=True)
class Gate:
    """What must hold beside the index for a level to count. ``None`` asks nothing."""

    critical_at_least: float | None = None  # lowest joint score of a critical item, 0-4
    domain_at_least: float | None = None  # lowest reportable domain score, 0-100
    critical_known: bool = False  # no critical item of the base without a joint score


@dataclass(frozen=True, slots=True)
class MaturityLevel:
    level: int
    name: str
    meaning: str
    from_index: float  # lower bound of the band, included
    gate: Gate = field(default_factory=Gate)


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """The settings of the maturity index; domain.md part iv, kept fixed across the cycles of a version."""

    weaker_side_factor: float
    domain_coverage: float  # share of weight from which a domain is reportable
    index_coverage: float  # share of domains from which the index is reportable
    critical_weight: float
    target: float  # an item below it is in the improvement list
    discuss_at: float  # item difference from which the sides should talk
    perception_gap: float  # domain gap, points of 100
    perception_gap_items: int  # shared items that such a gap needs
    strength_from: float  # both at or above: shared strength
    gap_to: float  # both at or below: shared gap
    agreement_items: int  # shared items from which kappa and ICC are shown
    levels: tuple[MaturityLevel, ...]  # ascending


@dataclass(frozen=True)
class Questionnaire:
    """One published version of a questionnaire."""

    id: str
    version: str
    title: str
    sections: tuple[Section, ...]
    introduction: str = ""
    scoring: ScoringRules | None = None
    minutes: int | None = None  # how long it takes, for the person who opens it
    audience: Audience = Audience.SIDES

    @property
    def is_survey(self) -> bool:
        return self.audience is Audience.RESPONDENTS

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in file order."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """Question id -> its section."""
        return {question.id: section for section in self.sections for question in section.questions}

    def section(self, section_id: str) -> Section | None:
        return next((section for section in self.sections if section.id == section_id), None)

    @property
    def domains(self) -> tuple[Section, ...]:
        """The sections that are scored."""
        return tuple(section for section in self.sections if section.scored_questions)

    @property
    def scale(self) -> ResponseScale | None:
        """The scale of the scored items; one questionnaire has one."""
        return next((q.scale for q in self.questions if q.scored and q.scale), None)
