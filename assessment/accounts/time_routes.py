"""How long my sign-in still lasts, and staying signed in: what the warning before its end asks for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf

from assessment.access import Action
from assessment.accounts import services
from assessment.web import SESSION_KEY, asks, clock, database, public, settings

blueprint = Blueprint("sign_in_time", __name__)


@blueprint.get("/account/time-left")
@public
def time_left() -> Any:
    """Asking is no visit. Who is not signed in learns just that."""
    return jsonify(_left())


def _left() -> dict[str, Any]:
    secret, now, limits = session.get(SESSION_KEY), clock().now(), settings().sign_in_limits
    visit = None
    if secret:
        with database().reading() as db:
            visit = services.find_visit(db, secret, now, settings().demo, limits)
    if visit is None:
        return {"state": "signed_out"}
    return {
        "state": "signed_in",
        "idle": max(0, int((visit.idle_until - now).total_seconds())),
        "absolute": max(0, int((visit.at_most_until - now).total_seconds())),
        "warn": int(limits.warned_before.total_seconds()),
        "csrf_token": generate_csrf(),
    }


@blueprint.post("/account/stay")
@asks(Action.USE)
def stay() -> Any:
    """This is a visit, however short ago the last one was."""
    secret = session.get(SESSION_KEY)
    if secret:
        with database().writing() as db:
            services.note_visit(db, secret, clock().now())
    if request.headers.get("X-Background-Save"):
        return jsonify(_left())
    flash("You stay signed in.", "success")
    return redirect(url_for("own_account.account"))
