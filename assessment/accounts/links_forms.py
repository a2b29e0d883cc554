"""The forms behind a link and on the page where one asks for it."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, InputRequired, Length

from assessment.accounts import passwords
from assessment.accounts.forms import NEW_PASSWORD


class ForgotForm(FlaskForm):
    email = EmailField("E-mail", [DataRequired("Enter your e-mail address."), Length(max=254)])


class FirstPasswordForm(FlaskForm):
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(passwords.SHORTEST, passwords.LONGEST, f"Use at least {passwords.SHORTEST} characters."),
        ],
        description=NEW_PASSWORD,
    )
