"""The forms for signing in and for a new password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import DataRequired, InputRequired, Length

from assessment.accounts import passwords


class SignInForm(FlaskForm):
    email = EmailField("E-mail", [DataRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField(
        "Password", [InputRequired("Enter your password."), Length(max=passwords.LONGEST)]
    )
    next = HiddenField()
    kept = HiddenField()  # a form that was posted after the sign-in had ended, as JSON pairs
    kept_path = HiddenField()


NEW_PASSWORD = f"{passwords.SHORTEST} characters or more. A few words are good."


class PasswordForm(FlaskForm):
    old = PasswordField(
        "Password now", [InputRequired("Enter the password you have now."), Length(max=passwords.LONGEST)]
    )
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(passwords.SHORTEST, passwords.LONGEST, f"Use at least {passwords.SHORTEST} characters."),
        ],
        description=NEW_PASSWORD,
    )
