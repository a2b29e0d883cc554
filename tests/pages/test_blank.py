"""Blanks are no name, no reason and no address: fields that must be filled in refuse them, in every form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, StringField

from tests.conftest import Network

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ONE_OF_TWO = "SecondFactorForm"  # a code of the app or a recovery code; blanks are a wrong one


def every_form(kind: type[FlaskForm] = FlaskForm) -> Iterator[type[FlaskForm]]:
    for form in kind.__subclasses__():
        if form.__module__.startswith("assessment."):
            yield form
        yield from every_form(form)


def test_a_field_that_must_be_filled_in_refuses_blanks(network: Network) -> None:
    tried, taken = 0, []
    with network.app.test_request_context(method="POST"):
        for kind in (kind for kind in every_form() if kind.__name__ != ONE_OF_TWO):
            names = list(kind(formdata=None)._fields)
            form = kind(formdata=MultiDict(dict.fromkeys(names, " \t")))
            for field in form:
                if not isinstance(field, StringField) or isinstance(field, PasswordField):
                    continue
                tried += field.flags.required or False
                if field.flags.required and field.validate(form):
                    taken.append(f"{kind.__name__}.{field.name}")
    assert tried > 15
    assert taken == []


def test_who_forgot_their_password_and_their_address_is_asked_for_it(network: Network) -> None:
    answer = network.browser().post("/sign-in/forgot", {"email": "  "})
    assert answer.status_code == 422
    assert "Enter your e-mail address." in answer.get_data(as_text=True)
