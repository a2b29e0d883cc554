"""From questions to form fields, and from what was posted to what the person touched.

Field names carry a prefix (``q_<id>``), so that a question called ``data`` breaks nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from questionnaires import answers
from questionnaires.answers import AnswerValue
from questionnaires.definition import AnswerType, Question
from questionnaires.routing import Page

LONGEST_REVISION = 9  # digits


def _choice_field(question: Question) -> Field:
    choices = [SelectChoice(option.code, option.label) for option in answers.choices(question)]
    return RadioField(choices=choices, validate_choice=False)  # answers.parse decides, with a sentence


def _code_field(_: Question) -> Field:
    return StringField()  # holds the one code that stands for several answers


def _text_field(_: Question) -> Field:
    return TextAreaField()


FIELDS: dict[AnswerType, Callable[[Question], Field]] = {
    AnswerType.RATING: _choice_field,
    AnswerType.FREQUENCY: _choice_field,
    AnswerType.SINGLE_CHOICE: _choice_field,
    AnswerType.YES_NO: _choice_field,
    AnswerType.MULTIPLE_CHOICE: _code_field,
    AnswerType.DUAL_RATING: _code_field,
    AnswerType.GRID_ROW: _code_field,
    AnswerType.SHORT_TEXT: _text_field,
    AnswerType.LONG_TEXT: _text_field,
}


@dataclass(frozen=True)
class Touched:
    """An answer as posted, and the revision of the one that the person saw."""

    question: str
    raw: str
    text: str
    base_revision: int


class Held(Protocol):
    """A stored answer, of a side or of a survey's draft."""

    @property
    def value(self) -> AnswerValue: ...

    @property
    def revision(self) -> int: ...


def fingerprint(raw: str, text: str) -> str:
    """A short mark of an answer as shown, to tell which ones a person has changed."""
    parts = [part.replace("\r\n", "\n").replace("\r", "\n").strip() for part in (raw, text)]
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:16]


def section_form(page: Page, stored: Mapping[str, Held], posted: MultiDict[str, str] | None = None) -> Form:
    """The fields of one page: what is stored, or what was posted where it could not be taken."""
    fields: dict[str, Field] = {}
    data: dict[str, str] = {}
    for question in page.questions:
        current = stored.get(question.id)
        raw = answers.code(question, current.value) if current else ""
        text = answers.note(question, current.value) if current else ""
        fields |= {
            f"q_{question.id}": FIELDS[question.type](question),
            f"note_{question.id}": TextAreaField(),
            f"rev_{question.id}": HiddenField(),
            f"was_{question.id}": HiddenField(),
        }
        data |= {
            f"q_{question.id}": raw,
            f"note_{question.id}": text,
            f"rev_{question.id}": str(current.revision if current else 0),
            f"was_{question.id}": fingerprint(raw, text),
        }
    form: Form = type("SectionForm", (Form,), fields)(data=data)
    for name, value in (posted or {}).items():
        if name in form and name.startswith(("q_", "note_")):
            form[name].data = value
    return form


def touched_answers(posted: MultiDict[str, str]) -> list[Touched]:
    """The answers that differ from what the page showed; what nobody touched is never written."""
    found = []
    for name in posted:
        if not name.startswith("rev_"):
            continue
        question = name.removeprefix("rev_")
        raw, text = posted_code(posted, question), posted.get(f"note_{question}", "")
        if fingerprint(raw, text) != posted.get(f"was_{question}"):
            found.append(Touched(question, raw, text, _revision(posted[name])))
    return found


def posted_code(posted: MultiDict[str, str], question: str) -> str:
    """What was answered to a question, in one code, whatever fields it was asked with.

    ``q_<id>`` may be there several times (choices), or as ``q_<id>__<part>`` once for each part.
    ``else_<id>`` is the code where none of them is: a box that is not ticked posts nothing.
    """
    whole = [code for code in posted.getlist(f"q_{question}") if code]
    start = f"q_{question}__"
    parts = [f"{name.removeprefix(start)}={posted[name]}" for name in posted if name.startswith(start)]
    return ";".join(whole + parts) or posted.get(f"else_{question}", "")


def _revision(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_REVISION else 0


class SubmitForm(FlaskForm):
    name = StringField("Your name", [DataRequired("Enter your name."), Length(max=200)])
    title = StringField("Your title", [DataRequired("Enter your title."), Length(max=200)])
    participants = IntegerField(
        "How many people took part in answering",
        [
            InputRequired("Enter how many people took part, yourself included."),
            NumberRange(1, 999, "Enter a whole number from 1 to 999."),
        ],
        description="A number only, yourself included.",
    )


class ReopenForm(FlaskForm):
    reason = StringField(
        "Why it is reopened",
        [DataRequired("Enter the reason; both sides can read it."), Length(max=500)],
    )
