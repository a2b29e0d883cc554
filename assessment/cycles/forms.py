"""Forms for opening and reopening a cycle."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from assessment.cycles.services import CODE


class NewCycleForm(FlaskForm):
    title = StringField("Title", [DataRequired("Enter a title."), Length(max=200)])
    code = StringField(
        "Code",
        [
            DataRequired("Enter a code."),
            Regexp(f"^{CODE.pattern}$", message="Use letters, digits, dots and dashes."),
        ],
        description="Short and without blanks, for addresses and files: checklist-2027.",
    )
    questionnaire = SelectField("Questionnaire", [InputRequired("Choose a questionnaire.")])
    opens = DateField("First day", [InputRequired("Enter the first day.")])
    closes = DateField(
        "Last day", [InputRequired("Enter the last day.")], description="The whole day is included."
    )


class ReopenCycleForm(FlaskForm):
    closes = DateField("New last day", [InputRequired("Enter the new last day.")])
