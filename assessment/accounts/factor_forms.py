"""Forms of second factors. What a browser says for a passkey travels in a hidden field, as JSON."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from assessment.accounts import passwords
from assessment.accounts.factors import LONGEST_NAME


class SecondFactorForm(FlaskForm):
    """After the password: a code of the app, or one of the recovery codes."""

    code = StringField("Code", [Length(max=20)], description="Six digits that your authenticator app shows.")
    recovery = StringField("Recovery code", [Length(max=60)], description="Each of your ten works once.")
    credential = HiddenField()
    next = HiddenField()
    kept = HiddenField()  # as on the sign-in page
    kept_path = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Each of the two stands in a form of its own on the page, and must be filled in there."""
        super().__init__(*args, **kwargs)
        self.code.flags.required = self.recovery.flags.required = True


class PasskeySignInForm(FlaskForm):
    credential = HiddenField()
    next = HiddenField()
    kept = HiddenField()
    kept_path = HiddenField()


class AppForm(FlaskForm):
    setup = HiddenField()
    code = StringField(
        "Code",
        [DataRequired("Enter the code that the app shows."), Length(max=20)],
        description="Six digits that the app shows for Tandem.",
    )


class PasskeyNameForm(FlaskForm):
    name = StringField(
        "Name",
        [DataRequired("Give the passkey a name."), Length(max=LONGEST_NAME)],
        description="So that you know it again, such as Office laptop or Blue key.",
    )


class PasskeyForm(PasskeyNameForm):
    credential = HiddenField()


class ConfirmForm(FlaskForm):
    password = PasswordField(
        "Your password", [InputRequired("Enter your password."), Length(max=passwords.LONGEST)]
    )
    next = HiddenField()
    kept = HiddenField()
    kept_path = HiddenField()


class ConfirmByPasskeyForm(FlaskForm):
    credential = HiddenField()
    next = HiddenField()
    kept = HiddenField()
    kept_path = HiddenField()


class BareForm(FlaskForm):
    """Nothing but a button."""
