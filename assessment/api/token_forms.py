"""The form for a new access token."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from assessment.access import Role
from assessment.api.scopes import MEANING, scopes_for
from assessment.api.tokens import LONGEST_DAYS, LONGEST_NAME
from assessment.surveys.forms import CheckboxesField

DAYS = {7: "7 days", 30: "30 days", 90: "90 days", 180: "180 days", LONGEST_DAYS: "1 year"}
USUAL_DAYS = 90


class TokenForm(FlaskForm):
    name = StringField(
        "Name",
        [
            DataRequired("Enter a name."),
            Length(max=LONGEST_NAME, message=f"Use at most {LONGEST_NAME} characters."),
        ],
        description="What it is for, so that you know later which one to revoke.",
    )
    scopes = CheckboxesField("What it may read", [InputRequired("Choose at least one.")])
    days = SelectField(
        "How long it is good",
        choices=[SelectChoice(str(days), words) for days, words in DAYS.items()],
        default=str(USUAL_DAYS),
        description="The shorter the better: make a new one when it ends.",
    )


def token_form(role: Role) -> TokenForm:
    """With the scopes that open anything to somebody of this role."""
    form = TokenForm()
    form.days.flags.required = True  # one is always chosen
    form.scopes.choices = [SelectChoice(str(scope), MEANING[scope]) for scope in scopes_for(role)]
    return form
