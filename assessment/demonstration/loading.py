"""Loading the demonstration: directory, people and cycles, into a database that has no real answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from assessment import audit, schema
from assessment.clock import Clock
from assessment.cycles.services import NewCycle, find_cycle, open_cycle
from assessment.database import Database
from assessment.demonstration.accounts import add_people, teams
from assessment.demonstration.answers import AnswerMaker
from assessment.demonstration.participation import BUSY_PAIR, OWN_PAIR, Pair
from assessment.demonstration.places import center_lines, pair_lines, synthetic_eocs
from assessment.demonstration.schedule import PlannedCycle, plan_cycles
from assessment.demonstration.surveys import write_surveys
from assessment.demonstration.traits import PairTraits, pair_traits
from assessment.demonstration.writing import Network, Written, write_cycle
from assessment.directory import services as directory
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.directory import Pair as PairRow
from assessment.models.people import PersonRow
from assessment.responding.services import Moment
from assessment.web import clock, database, library
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library

QUESTIONNAIRE = "cpg502-checklist"
AT_ONCE = 1500  # pairs times cycles up to which one transaction holds everything
UNFINISHED = " (demonstration not fully loaded)"  # in a cycle's title until the last cycle is there
LOCK = 5022011  # of PostgreSQL: one load at a time
AFRESH = (
    "To start afresh, use a new database: name another folder in TANDEM_INSTANCE (or another DATABASE_URL), "
    "then run flask db upgrade and flask demo load."
)


@dataclass(frozen=True)
class Wanted:
    """How large the demonstration shall be. ``pairs`` None: those of the directory."""

    pairs: int | None = None
    cycles: int = 2
    seed: int = 502
    respondents: int | None = None  # of each product survey; None: as many as believable


# What `make run` and `demo load` give: the real directory's 81 pairs and 44 with made-up county, city and
# regional EOCs; three closed cycles and an open one.
DEMONSTRATION = Wanted(pairs=125, cycles=4)


@dataclass(frozen=True)
class Loaded:
    """What is there now."""

    pairs: int
    cycles: list[str]
    written: Written
    sheets: int = 0  # of the product surveys

    @property
    def sentence(self) -> str:
        return (
            f"{self.pairs:,} pairs, the cycles {', '.join(self.cycles)}, {self.written.submitted:,} "
            f"submitted forms and {self.written.answers:,} answers; two product surveys with {self.sheets:,} "
            "answer sheets. All of them are synthetic."
        )


def load_where_empty() -> bool:
    """Load the demonstration where nobody and no cycle is there yet; for the start of ``make run``."""
    with database().reading() as session:
        if session.scalar(select(PersonRow.id).limit(1)) or session.scalar(select(Cycle.id).limit(1)):
            return False
    click.echo("Loading the demonstration ...", err=True)
    click.echo(load(database(), library(), clock(), DEMONSTRATION).sentence, err=True)
    return True


def load(
    database: Database,
    library: Library,
    clock: Clock,
    wanted: Wanted,
    advance: Callable[[int], None] = lambda _: None,
) -> Loaded:
    """Load it; Refused with a sentence where anything real, or a demonstration, is there already.

    A small one is one transaction. A large one is a transaction a cycle, and until the last is there every
    title says that it is not whole. ``advance`` hears of each cycle in PARTS.
    """
    if not schema.is_current(database):
        raise Refused("The database's tables are not there or not up to date. Run flask db upgrade first.")
    loading = _Loading(library, clock, wanted, advance)
    if loading.small:
        with database.writing() as session:
            for step in loading.steps():
                step(session)
    else:
        for step in loading.steps():
            with database.writing() as session:
                step(session)
    return loading.loaded


class _Loading:
    """The steps of one load and what they hand on to each other."""

    def __init__(
        self, library: Library, clock: Clock, wanted: Wanted, advance: Callable[[int], None]
    ) -> None:
        self.library, self.clock, self.wanted, self.advance = library, clock, wanted, advance
        self.moment = Moment(clock.now(), clock.today())
        self.questionnaire = library.get(QUESTIONNAIRE)
        self.planned = plan_cycles(self.moment.today, wanted.cycles)
        self.small = (wanted.pairs or 100) * wanted.cycles <= AT_ONCE
        self.network: Network | None = None
        self.written = Written()
        self.sheets = 0

    def steps(self) -> list[Callable[[Session], None]]:
        cycles = [partial(self._load_cycle, planned) for planned in self.planned]
        return [self._prepare, *cycles, self._load_surveys, self._finish]

    @property
    def loaded(self) -> Loaded:
        pairs = len(self.network.traits) if self.network else 0
        return Loaded(pairs, [planned.code for planned in self.planned], self.written, self.sheets)

    def _prepare(self, session: Session) -> None:
        if session.get_bind().dialect.name == "postgresql":
            session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        require_no_answers(session)
        directory.seed(session, self.moment.now)
        add_people(session, self.moment.now)
        pairs = _pairs(session, self.wanted, self.moment)
        audit.record(session, self.moment.now, None, "demonstration begun", "demonstration", str(self.wanted))
        self.network = Network(
            traits=_traits(pairs, self.wanted.seed, self.questionnaire),
            teams=teams(session),
            questionnaire=self.questionnaire,
            maker=AnswerMaker(self.questionnaire, self.wanted.seed),
            seed=self.wanted.seed,
            moment=self.moment,
            zone=self.clock.zone,
        )

    def _load_cycle(self, planned: PlannedCycle, session: Session) -> None:
        assert self.network is not None
        new = NewCycle(
            code=planned.code,
            title=planned.title if self.small else planned.title + UNFINISHED,
            questionnaire=self.questionnaire.id,
            version=self.questionnaire.version,
            opens=planned.opens,
            closes=planned.closes,
            pairs=list(self.network.traits),
            synthetic=True,
        )
        cycle = open_cycle(session, self.library, new, self.moment.now)
        self.written += write_cycle(session, self.network, planned, cycle, self.advance)

    def _load_surveys(self, session: Session) -> None:
        wanted, moment = self.wanted, self.moment
        self.sheets = write_surveys(
            session, self.library, moment.today, moment.now, wanted.seed, wanted.respondents
        )

    def _finish(self, session: Session) -> None:
        for planned in self.planned:
            find_cycle(session, planned.code).title = planned.title
        detail = f"{self.written.submitted} submitted"
        audit.record(session, self.clock.now(), None, "demonstration loaded", "demonstration", detail)


def require_no_answers(session: Session) -> None:
    """Refused where a cycle is real, or where a demonstration, whole or not, is there already."""
    real = session.scalar(select(Cycle.code).where(~Cycle.synthetic).limit(1))
    if real:
        raise Refused(
            f"There are real cycles here ({real}), and synthetic answers are never mixed with real ones. "
            f"{AFRESH}"
        )
    titles = session.scalars(select(Cycle.title)).all()
    people = session.scalar(select(PersonRow.id).where(PersonRow.demonstration).limit(1))
    if any(title.endswith(UNFINISHED) for title in titles) or (people and not titles):
        raise Refused(f"Loading the demonstration here was interrupted, and it is not whole. {AFRESH}")
    if titles or people:
        raise Refused(f"A demonstration is there already. {AFRESH}")


def left_behind(session: Session) -> str:
    """What an interrupted load has left, as a sentence."""
    try:
        require_no_answers(session)
    except Refused as refused:
        return refused.message
    return "Nothing was written."


def _pairs(session: Session, wanted: Wanted, moment: Moment) -> dict[Pair, int]:
    """The pairs to ask, with the region of each, after adding synthetic ones where more are wanted."""
    pairs = _active_pairs(session)
    if wanted.pairs is None:
        return pairs
    if wanted.pairs > len(pairs):
        _add_synthetic(session, wanted.pairs - len(pairs), wanted.seed, moment)
        return _active_pairs(session)
    first = [pair for pair in (OWN_PAIR, BUSY_PAIR) if pair in pairs]
    order = [*first, *(pair for pair in pairs if pair not in first)]
    return {pair: pairs[pair] for pair in order[: wanted.pairs]}


def _active_pairs(session: Session) -> dict[Pair, int]:
    fusion_center, eoc = aliased(Center), aliased(Center)
    rows = session.execute(
        select(fusion_center.code, eoc.code, eoc.fema_region)
        .select_from(PairRow)
        .join(fusion_center, PairRow.fusion_center_id == fusion_center.id)
        .join(eoc, PairRow.eoc_id == eoc.id)
        .where(PairRow.active)
    )
    return dict(sorted(((fc, e), region) for fc, e, region in rows))


def _add_synthetic(session: Session, count: int, seed: int, moment: Moment) -> None:
    own = Center.kind == Side.FUSION_CENTER.value
    centers = session.execute(select(Center.code, Center.state).where(own, Center.active)).all()
    eocs = synthetic_eocs([(code, state) for code, state in centers], count, seed, OWN_PAIR[0])
    directory.import_centers(session, center_lines(eocs), moment.now)
    directory.import_pairs(session, pair_lines(eocs), moment.now)


def _traits(pairs: dict[Pair, int], seed: int, questionnaire: Questionnaire) -> dict[Pair, PairTraits]:
    domains = [section.id for section in questionnaire.domains]
    return {(fc, eoc): pair_traits(seed, fc, eoc, region, domains) for (fc, eoc), region in pairs.items()}
