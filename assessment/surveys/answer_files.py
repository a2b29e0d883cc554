"""Survey answers from a CSV file: all or nothing, every bad line with its number, column and reason.

``respondent`` joins the lines of one file. An anonymous survey keeps neither it nor the order of the file.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session, joinedload

from assessment import audit
from assessment.cycles.services import CycleState, find_cycle, state_of
from assessment.errors import BadLines, Refused
from assessment.models.base import Base
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import (
    Completion,
    Partner,
    Survey,
    SurveyAnswer,
    SurveyDraft,
    SurveyDraftAnswer,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
    new_response_id,
)
from assessment.responding.services import Moment
from assessment.surveys import drafts, plans
from assessment.surveys.answer_lines import LONGEST_NAME, AnswerTable, Open, lines
from assessment.surveys.bulk import batched, write_rows
from assessment.surveys.links import draft_hash, new_token
from questionnaires.answers import AnswerRow
from questionnaires.library import Library

CHUNK = 5000
ROW = ("question", "part", "status", "number", "option", "text")
DRAFT_ROW = (*ROW, "revision", "changed_on_page")


@dataclass
class Known:
    """A respondent of a confidential survey of whom something is there."""

    draft: SurveyDraft | None = None
    partner_id: int | None = None
    finished: bool = False


@dataclass
class Part:
    """What the file says for one fusion center's survey."""

    survey: Survey
    table: AnswerTable
    known: dict[str, Known] = field(default_factory=dict)

    @property
    def keeps_names(self) -> bool:
        return self.survey.mode == SurveyMode.CONFIDENTIAL


def import_survey_answers(
    session: Session,
    library: Library,
    open_file: Open,
    cycle_code: str,
    moment: Moment,
    submit: bool = False,
    replace: bool = False,
) -> tuple[int, int]:
    """Write the file's answers; how many answers and respondents. One bad line and nothing is written.

    With ``submit`` each respondent's sheet is handed in; without, it stays a draft, and at the close it
    counts as a partial one or not at all.
    """
    cycle = find_cycle(session, cycle_code)
    if state_of(cycle, moment.today) is not CycleState.OPEN:
        raise Refused(f"Cycle {cycle_code} is not open. Open or reopen it first.")
    parts = _parts(session, library, cycle)
    problems = _read(parts, open_file)
    for part in parts.values():
        _find_known(session, part)
    faults = {code: _faults(session, part, replace) for code, part in parts.items()}
    if any(faults.values()):
        problems += _lines_of(faults, open_file)
    if problems:
        raise BadLines([f"line {number}, {said}" for number, said in sorted(problems)])
    return _write(session, cycle, parts, moment, submit)


def _parts(session: Session, library: Library, cycle: Cycle) -> dict[str, Part]:
    surveys = session.scalars(
        select(Survey)
        .join(Center, Survey.fusion_center_id == Center.id)
        .options(joinedload(Survey.cycle), joinedload(Survey.fusion_center))
        .where(Survey.cycle_id == cycle.id, Survey.opened_at.is_not(None))
    )
    return {
        survey.fusion_center.code: Part(survey, AnswerTable(plans.questionnaire_of(library, survey)))
        for survey in surveys
    }


def _read(parts: dict[str, Part], open_file: Open) -> list[tuple[int, str]]:
    problems = []
    for number, fields in lines(open_file):
        said = fields if isinstance(fields, str) else _read_line(parts, fields)
        if said:
            problems.append((number, said))
    return problems


def _read_line(parts: dict[str, Part], fields: list[str]) -> str:
    center, respondent, question, part, value = fields
    into = parts.get(center)
    if into is None:
        return f'column fusion_center: this cycle has no open survey of "{center[:40]}".'
    if not respondent:
        return "column respondent: it is blank. Write the same word in all lines of one respondent."
    if len(respondent) > LONGEST_NAME or not respondent.isprintable():
        return f"column respondent: {LONGEST_NAME} characters at most, all of them visible."
    said = into.table.add(respondent, question, part, value)
    return f"column {said}" if said else ""


def _find_known(session: Session, part: Part) -> None:
    """Of whom there is something already: by the name that a file gave, or by a partner's e-mail address."""
    if not part.keeps_names:
        return
    survey_id, named = part.survey.id, part.table.respondents
    partners = session.execute(
        select(Partner.email, SurveyPartner.partner_id, SurveyPartner.finished_on)
        .join(Partner, Partner.id == SurveyPartner.partner_id)
        .where(SurveyPartner.survey_id == survey_id)
    )
    by_email = {email: (partner_id, day) for email, partner_id, day in partners}
    for name in named:
        if name.lower() in by_email:
            partner_id, day = by_email[name.lower()]
            part.known[name] = Known(partner_id=partner_id, finished=day is not None)
    by_partner = {known.partner_id: name for name, known in part.known.items()}
    done = select(SurveyResponse.respondent).where(SurveyResponse.survey_id == survey_id)
    for taken in session.scalars(done.where(SurveyResponse.respondent.is_not(None))):
        if taken in named:
            part.known.setdefault(str(taken), Known()).finished = True
    for draft in session.scalars(
        select(SurveyDraft).where(SurveyDraft.survey_id == survey_id).with_for_update()
    ):
        owner = draft.respondent if draft.respondent in named else by_partner.get(draft.partner_id)
        if owner is not None:
            known = part.known.setdefault(owner, Known())
            known.draft, known.finished = draft, known.finished or draft.finished


Faults = dict[str, dict[str, str]]  # respondent -> question -> what is wrong, "" for all of the respondent's


def _faults(session: Session, part: Part, replace: bool) -> Faults:
    """What no single line shows."""
    found: Faults = {}
    for respondent in part.table.respondents:
        wrong = part.table.problems(respondent)
        if wrong:
            found[respondent] = wrong
    for respondent, known in part.known.items():
        if known.finished:
            found[respondent] = {"": "this respondent's answers are handed in and take no more."}
        elif known.draft is not None and not replace:
            found.setdefault(respondent, {}).update(_differences(session, part, respondent, known.draft))
    return {respondent: wrong for respondent, wrong in found.items() if wrong}


def _differences(session: Session, part: Part, respondent: str, draft: SurveyDraft) -> dict[str, str]:
    stored = drafts.values_of(drafts.stored_answers(session, draft))
    said = "has another answer already; leave the line out, or use --replace."
    return {
        question: f"{question} {said}"
        for question, value in part.table.values(respondent).items()
        if question in stored and stored[question] != value
    }


def _lines_of(faults: dict[str, Faults], open_file: Open) -> list[tuple[int, str]]:
    """The lines in which these respondents' questions stand, in a second look at the file."""
    found = []
    for number, fields in lines(open_file):
        if isinstance(fields, str):
            continue
        center, respondent, question, _, _ = fields
        wrong = faults.get(center, {}).get(respondent, {})
        if "" in wrong:
            found.append((number, f"column respondent: {wrong['']}"))
        elif question in wrong:
            found.append((number, f"column value: {wrong[question]}"))
    return found


def _write(
    session: Session, cycle: Cycle, parts: dict[str, Part], moment: Moment, submit: bool
) -> tuple[int, int]:
    answers_written, respondents = 0, 0
    for part in parts.values():
        names = list(part.table.respondents)
        secrets.SystemRandom().shuffle(names)  # the order of the file is nobody's business
        begun = {name: known.draft for name, known in part.known.items() if known.draft is not None}
        _add_to_drafts(session, part, begun, submit)
        new = [name for name in names if name not in begun]
        write = _write_sheets if submit else _write_drafts
        write(session, part, new)
        if submit:
            _note_finished(session, part, moment)
        respondents += len(names)
        answers_written += sum(1 for name in names for _ in part.table.rows(name))
    if respondents:
        audit.record(
            session, moment.now, None, "answers imported", f"cycle {cycle.code}", f"{answers_written} answers"
        )
    return answers_written, respondents


def _add_to_drafts(session: Session, part: Part, begun: dict[str, SurveyDraft], submit: bool) -> None:
    for name, draft in begun.items():
        stored = drafts.stored_answers(session, draft)
        for question, value in part.table.values(name).items():
            before = stored.get(question)
            if before is None or before.value != value:
                stored[question] = drafts.write(session, draft, question, value, before, "")
        if submit:
            session.flush()
            drafts.drop_skipped(session, draft.id, part.table.questionnaire, drafts.values_of(stored))
            draft.finished = True


def _write_sheets(session: Session, part: Part, names: list[str]) -> None:
    sheets = sorted((new_response_id(), name) for name in names)
    columns = ("id", "survey_id", "partner_id", "respondent", "completion", "released")
    complete = Completion.COMPLETE.value
    rows = [(i, part.survey.id, *_kept_of(part, name), complete, False) for i, name in sheets]
    write_rows(session, _table(SurveyResponse), columns, rows)
    write_rows(session, _table(SurveyAnswer), ("response_id", *ROW), _answer_rows(part, sheets))


def _write_drafts(session: Session, part: Part, names: list[str]) -> None:
    """Under secrets that nobody has: no link leads to a draft from a file."""
    hashes = {draft_hash(new_token()): name for name in names}
    columns = ("survey_id", "draft_hash", "partner_id", "respondent", "finished")
    rows = [(part.survey.id, hashed, *_kept_of(part, name), False) for hashed, name in sorted(hashes.items())]
    write_rows(session, _table(SurveyDraft), columns, rows)
    for some in batched(hashes, CHUNK):
        query = select(SurveyDraft.id, SurveyDraft.draft_hash).where(SurveyDraft.draft_hash.in_(some))
        owners = [(draft_id, hashes[hashed]) for draft_id, hashed in session.execute(query)]
        drafted = ((*row, 1, "") for row in _answer_rows(part, owners))
        write_rows(session, _table(SurveyDraftAnswer), ("draft_id", *DRAFT_ROW), drafted)


def _kept_of(part: Part, name: str) -> tuple[int | None, str | None]:
    """Partner and respondent as kept: nothing at all in an anonymous survey."""
    if not part.keeps_names:
        return None, None
    known = part.known.get(name)
    return (known.partner_id if known else None), name


def _answer_rows(part: Part, owners: Iterable[tuple[int | str, str]]) -> Iterator[tuple[object, ...]]:
    for owner, name in owners:
        for question, row in part.table.rows(name):
            yield owner, question, *_fields(row)


def _fields(row: AnswerRow) -> tuple[object, ...]:
    return row.part, row.status.value, row.number, row.option, row.text


def _table(model: type[Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model} has no table")
    return table


def _note_finished(session: Session, part: Part, moment: Moment) -> None:
    """Whoever was asked and is in the file by e-mail address has answered: no reminder, no second sheet."""
    ids = [known.partner_id for known in part.known.values() if known.partner_id is not None]
    for some in batched(ids, CHUNK):
        session.execute(
            update(SurveyPartner)
            .where(SurveyPartner.survey_id == part.survey.id, SurveyPartner.partner_id.in_(some))
            .values(finished_on=moment.today)
            .execution_options(synchronize_session=False)
        )
