"""The forms of a director's pages. Each is read field by field; nothing else of a survey can be posted."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from assessment.directory.services import BadFields
from assessment.directory.states import NAMES
from assessment.models.surveys import SMALLEST_FLOOR, Recurrence, SurveyMode
from assessment.surveys import own_questions
from assessment.surveys.messages import MOST_BODY, MOST_SUBJECT
from assessment.surveys.partner_entries import LEVELS, SECTORS
from assessment.surveys.plan_rules import LARGEST_CAP, LARGEST_FLOOR

REMINDERS = 3  # fields of the form
WRITE_A_DAY = "Write a day as year-month-day, such as 2026-11-30."


class Day(DateField):
    """A day whose fault is said in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(WRITE_A_DAY) from error


class Whole(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Write a whole number.") from error


class CheckboxesField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ScheduleForm(FlaskForm):
    """Step 1: what and when."""

    fusion_center = SelectField("Fusion center", [InputRequired("Choose a fusion center.")])
    title = StringField(
        "Title", [DataRequired("Enter a title."), Length(max=200)], description="Respondents read it first."
    )
    opens = Day("First day", [InputRequired("Enter the first day.")])
    closes = Day("Last day, included", [InputRequired("Enter the last day.")])
    period_from = Day("From", [InputRequired("Enter the first day of the period.")])
    period_to = Day("To", [InputRequired("Enter the last day of the period.")])
    recurrence = RadioField(
        "How often",
        [InputRequired("Choose how often.")],
        choices=[
            SelectChoice(Recurrence.YEARLY.value, "Every year"),
            SelectChoice(Recurrence.HALF_YEARLY.value, "Every six months"),
            SelectChoice(Recurrence.NONE.value, "Once"),
        ],
        description="When this one closes, the next is prepared as a plan, and waits until you confirm it.",
    )
    sponsor = StringField(
        "Sponsor", [Length(max=200)], description="Who asks, where it is not the center alone."
    )
    federal_sponsor = BooleanField(
        "The sponsor is a federal agency",
        description="Then the Paperwork Reduction Act asks for a current OMB control number."
        " A survey that a center runs for itself needs none.",
    )
    omb_control_number = StringField("OMB control number", description="Such as 1103-0117.")
    omb_expires = Day("It expires on", [Optional()])
    burden_minutes = Whole(
        "Burden in minutes",
        [Optional(), NumberRange(1, 999, "Enter 1 to 999 minutes.")],
        description="How long answering is estimated to take; shown on page one.",
    )

    def changes(self) -> dict[str, Any]:
        """What was entered, by the names of a plan."""
        texts = ("title", "sponsor", "omb_control_number")
        days = ("opens", "closes", "period_from", "period_to", "omb_expires", "burden_minutes")
        return {
            **{name: (self[name].data or "").strip() for name in texts},
            **{name: self[name].data for name in days},
            "recurrence": Recurrence(self.recurrence.data),
            "federal_sponsor": self.federal_sponsor.data,
        }


class OpenScheduleForm(FlaskForm):
    """What may still change once the survey is open."""

    closes = Day("Last day, included", [InputRequired("Enter the last day.")])
    recurrence = RadioField(
        "How often", [InputRequired("Choose how often.")], choices=ScheduleForm.recurrence.kwargs["choices"]
    )

    def changes(self) -> dict[str, Any]:
        return {"closes": self.closes.data, "recurrence": Recurrence(self.recurrence.data)}


class PromiseForm(FlaskForm):
    """Step 2: anonymous or confidential."""

    mode = RadioField(
        "What you promise",
        [InputRequired("Choose anonymous or confidential.")],
        choices=[SelectChoice(mode.value, mode.value.capitalize()) for mode in reversed(SurveyMode)],
    )
    floor = Whole(
        "Smallest group shown",
        [
            InputRequired("Enter a number."),
            NumberRange(SMALLEST_FLOOR, LARGEST_FLOOR, f"Enter {SMALLEST_FLOOR} to {LARGEST_FLOOR}."),
        ],
        description=f"Results of fewer respondents are hidden. 10 is usual, {SMALLEST_FLOOR} the least.",
    )
    introduction = TextAreaField(
        "A few words of your own",
        [Length(max=2000, message="At most 2,000 characters.")],
        description="On page one, under the title. At most 2,000 characters.",
    )

    def changes(self) -> dict[str, Any]:
        words = (self.introduction.data or "").replace("\r\n", "\n").strip()
        return {"mode": SurveyMode(self.mode.data), "floor": self.floor.data, "introduction": words}


class TopicsForm(FlaskForm):
    """Step 3: which product types."""

    topics = CheckboxesField(
        "Product types asked about", [InputRequired("Choose at least one product type.")]
    )

    def changes(self) -> dict[str, Any]:
        every = {choice.value for choice in self.topics.choices}
        chosen = set(self.topics.data or ())
        return {"topics": () if chosen == every else tuple(sorted(chosen))}


class OwnQuestionForm(FlaskForm):
    """Step 3: one question of the center's own."""

    wording = StringField(
        "Question", [DataRequired("Enter the question."), Length(max=500)], id="own-wording"
    )
    kind = SelectField(
        "How it is answered",
        choices=[SelectChoice(kind, words) for kind, words in own_questions.FREE_TYPES.items()],
    )
    choices = TextAreaField("Choices", description="One a line, 2 to 20; only for questions with choices.")

    def lines(self) -> list[str]:
        return [line.strip() for line in (self.choices.data or "").splitlines() if line.strip()]

    def validate_choices(self, _field: Any) -> None:
        if self.kind.data in own_questions.WITH_CHOICES and not 2 <= len(self.lines()) <= 20:
            raise ValidationError("Enter 2 to 20 choices, one a line.")


class OwnTextForm(FlaskForm):
    """Step 3: all own questions as the text of a definition."""

    text = TextAreaField("Own questions as text", id="own-text")


class PartnerForm(FlaskForm):
    """Step 4: one partner by hand. ``partner_entries`` says what fits, as it does for files."""

    email = StringField("E-mail address", [DataRequired("Enter an e-mail address.")])
    name = StringField("Name")
    organization = StringField("Organization")
    sector = SelectField(
        "Sector", choices=[SelectChoice("", "Not said"), *[SelectChoice(*item) for item in SECTORS.items()]]
    )
    level = SelectField(
        "Level", choices=[SelectChoice("", "Not said"), *[SelectChoice(*item) for item in LEVELS.items()]]
    )
    state = SelectField(
        "State",
        choices=[
            SelectChoice("", "Not said"),
            *[SelectChoice(code, f"{name} ({code})") for code, name in NAMES.items()],
        ],
    )

    def cells(self) -> dict[str, str]:
        names = ("email", "name", "organization", "sector", "level", "state")
        return {name: (self[name].data or "").strip() for name in names}

    def take(self, bad: BadFields) -> None:
        """Show what a service said about a field at that field."""
        for column, fault in bad.faults.items():
            self[column].errors = [fault[:1].upper() + fault[1:]]


class SendingForm(FlaskForm):
    """Step 5: reminders, and one open link."""

    reminder_1 = Day("First reminder", [Optional()])
    reminder_2 = Day("Second reminder", [Optional()])
    reminder_3 = Day("Third reminder", [Optional()])
    open_link = BooleanField(
        "Make one open link too",
        description="One address for everybody, to put into a bulletin or on a wall. No response rate is"
        " known for those who come by it.",
    )
    cap = Whole(
        "Answers that the open link takes",
        [Optional(), NumberRange(1, LARGEST_CAP, f"Enter 1 to {LARGEST_CAP:,}.")],
        description="It stops at this number, so that it cannot be flooded.",
    )

    def fill(self, reminders: tuple[date, ...], cap: int | None) -> None:
        for number, day in enumerate(reminders[:REMINDERS], 1):
            self[f"reminder_{number}"].data = day
        self.open_link.data, self.cap.data = cap is not None, cap or 200

    def reminders(self) -> tuple[date, ...]:
        days = [self[f"reminder_{number}"].data for number in range(1, REMINDERS + 1)]
        return tuple(sorted({day for day in days if day is not None}))

    def changes(self) -> dict[str, Any]:
        return {
            "reminders": self.reminders(),
            "open_link_cap": (self.cap.data or 200) if self.open_link.data else None,
        }


class BounceForm(FlaskForm):
    """A message that came back to a person."""

    email = StringField("To which address", [DataRequired("Enter the address."), Length(max=254)])
    reason = StringField("What it said", [Length(max=300)])


class WordsForm(FlaskForm):
    """What the messages of one kind say. ``messages`` says which placeholders fit."""

    subject = StringField("Subject", [DataRequired("Enter a subject."), Length(max=MOST_SUBJECT)])
    body = TextAreaField("Text", [DataRequired("Enter the text."), Length(max=MOST_BODY)])
