"""The sign-in form and the form for a person's rights."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from assessment.access import Role
from assessment.accounts import passwords


class SignInForm(FlaskForm):
    email = EmailField("E-mail", [InputRequired("Enter your e-mail address."), Length(max=254)])
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


class PersonForm(FlaskForm):
    """Role and rights are read field by field, never poured into a row."""

    name = StringField("Name", [InputRequired("Enter a name."), Length(max=200)])
    role = SelectField(
        "Role",
        [InputRequired("Choose a role.")],
        choices=[SelectChoice(role.value, role.value.capitalize()) for role in Role],
    )
    centers = SelectMultipleField("Centers", description="For a director, a manager or staff.")
    regions = SelectMultipleField(
        "FEMA regions",
        choices=[SelectChoice(str(n), f"Region {n}") for n in range(1, 11)],
        description="For a reviewer; without regions and states it is the nation.",
    )
    states = StringField("States", description="For a reviewer: two-letter codes with blanks between.")


class NewPersonForm(PersonForm):
    email = EmailField("E-mail", [InputRequired("Enter an e-mail address."), Length(max=254)])
    password = PasswordField(
        "First password",
        [
            InputRequired("Enter a password."),
            Length(passwords.SHORTEST, passwords.LONGEST, f"Use at least {passwords.SHORTEST} characters."),
        ],
        description=NEW_PASSWORD,
    )
