"""Answers that may leave as a file, row by row: revealed pairs, released sheets of a survey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.errors import Refused
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.network import ReleasedPair
from assessment.models.responses import Answer, Response, ResponseStatus
from assessment.models.surveys import CommentReview, Survey, SurveyAnswer, SurveyResponse
from questionnaires.definition import Side

AT_ONCE = 20_000
Rows = Iterator[Sequence[Any]]


def checklist_query(cycle: Cycle) -> Select[*tuple[Any, ...]]:
    """fusion_center, eoc, side, question, part, status, number, option, text of revealed pairs."""
    submitted = ResponseStatus.SUBMITTED
    revealed = (
        select(Response.cycle_pair_id)
        .join(CyclePair, CyclePair.id == Response.cycle_pair_id)
        .where(CyclePair.cycle_id == cycle.id, Response.status == submitted)
        .group_by(Response.cycle_pair_id)
        .having(func.count(Response.id) == len(Side))
    )
    query: Select[*tuple[Any, ...]] = select(
        FUSION_CENTER.code,
        EOC.code,
        Response.side,
        Answer.question,
        Answer.part,
        Answer.status,
        Answer.number,
        Answer.option,
        Answer.text,
    )
    pairs = (
        query.join(Response, Response.id == Answer.response_id)
        .join(CyclePair, CyclePair.id == Response.cycle_pair_id)
        .join(Pair, Pair.id == CyclePair.pair_id)
    )
    return (
        with_centers(pairs)
        .where(Response.cycle_pair_id.in_(revealed), Response.status == submitted)
        .order_by(Answer.response_id, Answer.question, Answer.part)
    )


def survey_query(survey: Survey) -> Select[*tuple[Any, ...]]:
    """Sheet, question, part, status, number, option, text; sheets in the order of their random ids."""
    columns = [
        getattr(SurveyAnswer, name) for name in ("question", "part", "status", "number", "option", "text")
    ]
    query: Select[*tuple[Any, ...]] = select(SurveyAnswer.response_id, *columns)
    return (
        query.join(SurveyResponse, SurveyResponse.id == SurveyAnswer.response_id)
        .where(SurveyResponse.survey_id == survey.id, SurveyResponse.released)
        .order_by(SurveyAnswer.response_id, SurveyAnswer.question, SurveyAnswer.part)
    )


def stream(session: Session, query: Select[*tuple[Any, ...]]) -> Rows:
    """The rows in batches, never all at once.

    On SQLite straight from the driver, which takes half the time: none of these columns needs translating.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        options = {"yield_per": AT_ONCE, "stream_results": True}
        yield from session.execute(query, execution_options=options).partitions(AT_ONCE)
        return
    compiled = query.compile(dialect=connection.dialect)
    values = [compiled.params[name] for name in getattr(compiled, "positiontup", None) or ()]
    cursor = connection.connection.cursor()
    cursor.execute(str(compiled), values)
    while rows := cursor.fetchmany(AT_ONCE):
        yield rows


def all_cycles(session: Session) -> list[Cycle]:
    """The earliest first."""
    return list(session.scalars(select(Cycle).order_by(Cycle.opens_on, Cycle.id)))


def members(session: Session, cycle: Cycle) -> int:
    """How many complete pairs and sheets were released of a cycle."""
    complete = (ReleasedPair.cycle_id == cycle.id, ReleasedPair.status == "complete")
    pairs = session.scalar(select(func.count()).select_from(ReleasedPair).where(*complete)) or 0
    surveys = session.scalars(select(Survey).where(Survey.cycle_id == cycle.id)).all()
    return pairs + sum(sheet_count(session, survey) for survey in surveys)


def surveys_to_export(session: Session, cycle: Cycle) -> list[Survey]:
    """The cycle's released surveys by center, less those with fewer sheets than their floor.

    Refused where none is released yet, or none is large enough.
    """
    query = select(Survey).join(Center).where(Survey.cycle_id == cycle.id).order_by(Center.code)
    surveys = list(session.scalars(query))
    released = [survey for survey in surveys if survey.released_on is not None]
    if surveys and not released:
        raise Refused(f"Cycle {cycle.code} is not closed yet. Its answers can be exported from its close on.")
    enough = [survey for survey in released if sheet_count(session, survey) >= survey.floor]
    if released and not enough:
        raise Refused(
            f"Fewer people answered in {cycle.code} than a result may rest on; nothing is exported."
        )
    return enough


def released_comments(session: Session, survey: Survey) -> set[tuple[str, str]]:
    """Sheet and question of the comments that somebody has released."""
    query = (
        select(CommentReview.response_id, CommentReview.question)
        .join(SurveyResponse, SurveyResponse.id == CommentReview.response_id)
        .where(SurveyResponse.survey_id == survey.id, CommentReview.shown)
    )
    return {(response_id, question) for response_id, question in session.execute(query)}


def sheet_count(session: Session, survey: Survey) -> int:
    """How many sheets were released."""
    own = (SurveyResponse.survey_id == survey.id, SurveyResponse.released)
    return session.scalar(select(func.count()).select_from(SurveyResponse).where(*own)) or 0
