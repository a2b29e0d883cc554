"""The pages of the audit trail: all of it for administrators, its own part for each center."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for

from assessment import audit
from assessment.access import Action, may
from assessment.audit_pages import files, trail
from assessment.audit_pages.names import names_of
from assessment.audit_pages.sentences import PHRASES
from assessment.audit_pages.wanted import LONGEST, moment, wanted
from assessment.directory.services import find_center
from assessment.errors import NotFound
from assessment.network.centers import facts_of
from assessment.web import asks, clock, database, settings, signed_in

blueprint = Blueprint("audit_pages", __name__)


@blueprint.get("/audit")
@asks(Action.READ_TRAIL)
def index() -> str:
    """What happened, the newest first."""
    asked = wanted(request.args)
    _note_view()
    with database().reading() as db:
        found = trail.find(db, asked, clock().zone)
        names = names_of(db, found.events)
        link = audit.newest_link(db)
    older = url_for(".index", **asked.address(found.last)) if found.more else None
    return render_template(
        "audit/index.html",
        lines=[names.line(event) for event in found.events],
        wanted=asked,
        older=older,
        link=link,
        actions=sorted(PHRASES, key=str.lower),
        longest=LONGEST,
        zone=clock().zone,
    )


def _note_view() -> None:
    """That an administrator has looked, once an hour: each sees in the trail what the other did."""
    person, now = signed_in(), clock().now()
    with database().reading() as db:
        if audit.seen_lately(db, now, person.id, "audit trail viewed", "audit trail"):
            return
    with database().writing() as db:
        audit.record(db, now, person.id, "audit trail viewed", "audit trail")


@blueprint.get("/audit/events.csv")
@asks(Action.READ_TRAIL)
def events_file() -> Response:
    """The events asked for as a file, which is itself an event."""
    asked = wanted(request.args)
    limited = ", ".join(asked.filters) or "nothing"
    with database().writing() as db:
        audit.record(
            db, clock().now(), signed_in().id, "audit trail exported", "audit trail", f"limited by {limited}"
        )
    pieces = stream_with_context(files.trail_file(database(), asked, clock().zone))
    name = f"audit-trail-{clock().today()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, mimetype="text/csv", headers=headers)


@blueprint.get("/audit/check")
@asks(Action.READ_TRAIL)
def check() -> Any:
    """Every seal of the trail, checked now; the newest link, to be kept elsewhere."""
    with database().reading() as db:
        verified = audit.verify(db, settings().audit_keys, request.args.get("link", "").strip())
    return render_template("audit/check.html", verified=verified, link=request.args.get("link", ""))


@blueprint.get("/centers/<code>/trail")
@asks(Action.READ_CENTER_TRAIL)
def of_center(code: str) -> str:
    """Who looked at or changed what is this center's."""
    before = moment(request.args.get("before", ""))
    with database().reading() as db:
        center = find_center(db, code)
        if not may(signed_in(), Action.READ_CENTER_TRAIL, facts_of(center)):
            raise NotFound
        found = trail.find_of_center(db, center.id, before)
        names = names_of(db, found.events, own_center=center.code)
    last = found.events[-1].at.isoformat() if found.more else None
    older = url_for(".of_center", code=code, before=last) if last else None
    lines = [names.line(event) for event in found.events]
    return render_template(
        "audit/center.html", center=center, lines=lines, older=older, later=before, zone=clock().zone
    )
