"""The page of one's own access tokens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from assessment.access import Action
from assessment.accounts.factor_routes import after_asking
from assessment.api import tokens
from assessment.api.scopes import MEANING, Scope
from assessment.api.token_forms import TokenForm, token_form
from assessment.errors import Refused
from assessment.web import asks, clock, database, settings, signed_in

blueprint = Blueprint("access_tokens", __name__)


@blueprint.get("/account/tokens")
@asks(Action.USE)
def page() -> str:
    """My tokens, and a form for another."""
    return _page(token_form(signed_in().role))


def _page(form: TokenForm, secret: str | None = None) -> str:
    with database().reading() as db:
        return render_template(
            "accounts/tokens.html",
            form=form,
            tokens=tokens.tokens_of(db, signed_in().id),
            meaning=MEANING,
            now=clock().now(),
            secret=secret,
            base_url=settings().base_url,
        )


@blueprint.post("/account/tokens")
@asks(Action.USE)
@after_asking
def make() -> Any:
    """Make a token; the answer to this form is the only place where it is ever shown."""
    form = token_form(signed_in().role)
    if not form.validate_on_submit():
        return _page(form), 422
    wish = tokens.Wish(form.name.data, [Scope(scope) for scope in form.scopes.data], int(form.days.data))
    try:
        with database().writing() as db:
            secret = tokens.make_token(db, signed_in(), wish, clock().now())
    except Refused as refused:
        form.form_errors = [refused.message]
        return _page(form), 422
    return _page(_empty(), secret)


def _empty() -> TokenForm:
    form = token_form(signed_in().role)
    form.name.data, form.scopes.data = "", []
    return form


@blueprint.post("/account/tokens/<public_id>/revoke")
@asks(Action.USE)
def revoke(public_id: str) -> Response:
    """End one of my tokens at once."""
    with database().writing() as db:
        name = tokens.revoke_token(db, signed_in().id, public_id, clock().now())
    flash(f"{name}: revoked. Whatever used it gets no answer any more.", "success")
    return redirect(url_for(".page"))
