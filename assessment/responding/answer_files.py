"""Checklist answers from a CSV file: all or nothing, every bad line with its number, column and reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.cycles.services import CycleState, find_cycle, state_of
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.errors import BadLines, Refused
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Pair
from assessment.models.responses import Answer, Response, ResponseStatus
from assessment.responding.services import Moment, Signature, freeze, own_center
from assessment.responding.stored import Sheet, value_of
from questionnaires import answers
from questionnaires.answers import AnswerError, AnswerRow, AnswerValue
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library

NEEDED = ("fusion_center", "eoc", "side", "question", "value")
OPTIONAL = ("note",)
CHUNK = 5000  # rows a statement
PAPER = Signature(name="Imported from a file", title="", participants=None)

Key = tuple[str, str, str]  # fusion center, EOC, side


@dataclass
class ImportPlan:
    """What a file would write: answers by response, once every line is found good."""

    sheets: dict[Key, Sheet]
    questionnaire: Questionnaire
    values: dict[Key, dict[str, AnswerValue]] = field(default_factory=dict)
    lines: dict[tuple[Key, str], int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def import_answers(
    session: Session,
    library: Library,
    text: str,
    cycle_code: str,
    moment: Moment,
    submit: bool = False,
    replace: bool = False,
) -> tuple[int, int]:
    """Write the file's answers; returns how many answers and sides. One bad line and nothing is written."""
    cycle = find_cycle(session, cycle_code)
    if state_of(cycle, moment.today) is not CycleState.OPEN:
        raise Refused(f"Cycle {cycle_code} is not open. Open or reopen it first.")
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    plan = ImportPlan(_sheets(session, cycle, questionnaire), questionnaire)
    rows = _rows(text)
    for number, row in rows:
        _read_line(plan, number, row, submit)
    stored = _stored(session, [plan.sheets[key].response.id for key in plan.values])
    _check_against_stored(plan, stored, replace)
    if plan.problems:
        raise BadLines(plan.problems)
    _write(session, plan, stored, moment, submit)
    count = sum(len(values) for values in plan.values.values())
    audit.record(session, moment.now, None, "answers imported", f"cycle {cycle.code}", f"{count} answers")
    return count, len(plan.values)


def _rows(text: str) -> Iterable[tuple[int, dict[str, str]]]:
    """Line numbers and fields; BadLines where the columns are not those of an answer file."""
    if "\0" in text:
        raise BadLines(["The file is not text: it holds a NUL byte."])
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        return _fields(reader, _header(next(reader, [])))
    except csv.Error as error:
        raise BadLines([f"line {reader.line_num}: the file cannot be read here ({error})."]) from error


def _header(cells: list[str]) -> list[str]:
    if not cells:
        raise BadLines([f"The file is empty. Its first line names the columns {', '.join(NEEDED)}."])
    header = [name.strip().lower() for name in cells]
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in (*NEEDED, *OPTIONAL)]
    if missing or unknown or len(set(header)) < len(header):
        raise BadLines(
            [f"line 1: the columns must be {', '.join(NEEDED)}[, note]; found {', '.join(header)}."]
        )
    return header


def _fields(reader: Iterable[list[str]], header: list[str]) -> list[tuple[int, dict[str, str]]]:
    found, problems = [], []
    for fields in reader:
        number = reader.line_num  # type: ignore[attr-defined]
        if not any(field.strip() for field in fields):
            continue
        if len(fields) != len(header):
            problems.append(f"line {number}: {len(fields)} columns where the first line has {len(header)}.")
        else:
            found.append((number, dict(zip(header, fields, strict=True))))
    if problems:
        raise BadLines(problems)
    return found


def _sheets(session: Session, cycle: Cycle, questionnaire: Questionnaire) -> dict[Key, Sheet]:
    rows = session.execute(
        with_centers(
            select(Response, FUSION_CENTER, EOC)
            .join(
                CyclePair,
                and_(Response.cycle_pair_id == CyclePair.id, Response.status != ResponseStatus.REOPENED),
            )
            .join(Pair, CyclePair.pair_id == Pair.id)
        )
        .where(CyclePair.cycle_id == cycle.id)
        .with_for_update(of=Response)
    )
    return {
        (fc.code, e.code, response.side): Sheet(response, cycle, questionnaire, Side(response.side), fc, e)
        for response, fc, e in rows
    }


def _read_line(plan: ImportPlan, number: int, row: dict[str, str], submit: bool) -> None:
    key = (row["fusion_center"].strip(), row["eoc"].strip(), row["side"].strip())
    problem = _wrong_key(plan, key)
    if problem:
        plan.problems.append(f"line {number}, {problem}")
        return
    question = plan.questionnaire.by_id.get(row["question"].strip())
    if question is None:
        plan.problems.append(
            f'line {number}, column question: there is no question "{row["question"][:40]}".'
        )
        return
    try:
        answers.require_asked(question, Side(key[2]))
        value = answers.parse(question, row["value"], row.get("note", ""))
    except AnswerError as error:
        plan.problems.append(f"line {number}, column value: {error.message}")
        return
    if submit and answers.needs_reason(value):
        plan.problems.append(f"line {number}, column note: NA needs its reason here to be submitted.")
    if (key, question.id) in plan.lines:
        first = plan.lines[key, question.id]
        plan.problems.append(f"line {number}, column question: {question.id} stands in line {first} already.")
        return
    plan.lines[key, question.id] = number
    plan.values.setdefault(key, {})[question.id] = value


def _wrong_key(plan: ImportPlan, key: Key) -> str:
    fusion_center, eoc, side = key
    if side not in [s.value for s in Side]:
        return f'column side: "{side[:40]}" is not a side; write fusion_center or eoc.'
    if key not in plan.sheets:
        return f"column eoc: {fusion_center[:40]} with {eoc[:40]} is not a pair that this cycle asks."
    if plan.sheets[key].response.status == ResponseStatus.SUBMITTED:
        return (
            f"column side: the {side} side of {fusion_center} with {eoc} is submitted; it takes no answers."
        )
    return ""


def _stored(session: Session, response_ids: list[int]) -> dict[int, dict[str, AnswerValue]]:
    stored: dict[int, dict[str, AnswerValue]] = {response_id: {} for response_id in response_ids}
    found: dict[tuple[int, str], list[Answer]] = {}
    for start in range(0, len(response_ids), CHUNK):
        rows = session.scalars(
            select(Answer).where(Answer.response_id.in_(response_ids[start : start + CHUNK]))
        )
        for row in rows:
            found.setdefault((row.response_id, row.question), []).append(row)
    for (response_id, question), own in found.items():
        stored[response_id][question] = value_of(own)
    return stored


def _check_against_stored(plan: ImportPlan, stored: dict[int, dict[str, AnswerValue]], replace: bool) -> None:
    if replace:
        return
    for key, values in plan.values.items():
        before = stored[plan.sheets[key].response.id]
        for question, value in values.items():
            if question in before and before[question] != value:
                line = plan.lines[key, question]
                plan.problems.append(
                    f"line {line}, column value: {question} has another answer already; "
                    "leave the line out, or use --replace."
                )


def _write(
    session: Session,
    plan: ImportPlan,
    stored: dict[int, dict[str, AnswerValue]],
    moment: Moment,
    submit: bool,
) -> None:
    rows = []
    for key, values in plan.values.items():
        response_id = plan.sheets[key].response.id
        changed = {q: v for q, v in values.items() if stored[response_id].get(q) != v}
        replaced = [question for question in changed if question in stored[response_id]]
        if replaced:
            session.execute(
                delete(Answer).where(Answer.response_id == response_id, Answer.question.in_(replaced))
            )
        rows += [
            _answer_row(response_id, question, row, moment)
            for question, value in changed.items()
            for row in answers.rows(value)
        ]
        stored[response_id] |= values
        if changed:
            _note_import(session, plan.sheets[key], len(changed), moment)
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(Answer).execution_options(render_nulls=True), rows[start : start + CHUNK])
    if submit:
        for key in plan.values:
            sheet = plan.sheets[key]
            freeze(session, sheet, stored[sheet.response.id], PAPER, moment.now, None)


def _note_import(session: Session, sheet: Sheet, count: int, moment: Moment) -> None:
    """For each side apart: a center reads of its own form alone."""
    subject, centers = f"response {sheet.response.public_id}", [own_center(sheet).id]
    audit.record(session, moment.now, None, "answers changed", subject, f"{count} from a file", centers)


def _answer_row(response_id: int, question: str, row: AnswerRow, moment: Moment) -> dict[str, object]:
    return {
        "response_id": response_id,
        "question": question,
        "part": row.part,
        "status": row.status.value,
        "number": row.number,
        "option": row.option,
        "text": row.text,
        "revision": 1,
        "changed_at": moment.now,
    }
