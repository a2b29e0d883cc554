"""The pages on which cycles are opened, watched and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessment.access import TABLE, Action, Role, may
from assessment.cycles import services
from assessment.cycles.forms import NewCycleForm, ReopenCycleForm
from assessment.cycles.progress import PAGE, CycleLine, ProgressFilter, cycle_lines, pair_progress
from assessment.database import Session
from assessment.errors import NotFound, Refused
from assessment.surveys.closing import release_cycle
from assessment.surveys.listing import Lists, surveys_of
from assessment.web import asks, clock, database, library, signed_in

blueprint = Blueprint("cycles", __name__)
USUAL_LENGTH = timedelta(days=60)


@blueprint.get("/cycles")
@asks(Action.USE)
def index() -> str:
    """Every cycle, its state and how many pairs are complete."""
    with database().reading() as db:
        lines = cycle_lines(db, clock().today())
        return render_template("cycles/index.html", lines=lines, may_run=may(signed_in(), Action.RUN_CYCLES))


@blueprint.route("/cycles/new", methods=["GET", "POST"])
@asks(Action.RUN_CYCLES)
def new() -> Any:
    """Open a cycle for every active pair."""
    form = NewCycleForm()
    form.questionnaire.choices = [
        SelectChoice(f"{q.id} {q.version}", f"{q.title} ({q.version})")
        for q in library().all()
        if not q.is_survey and q.scoring is not None
    ]
    if request.method != "POST":
        form.opens.data, form.closes.data = clock().today(), clock().today() + USUAL_LENGTH
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                cycle = services.open_cycle(db, library(), _new_cycle(form), clock().now(), signed_in().id)
                code = cycle.code
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            flash("The cycle is set up. Both sides of every pair find it under Your work.", "success")
            return redirect(url_for(".progress", code=code))
    return render_template("cycles/new.html", form=form), 200 if request.method != "POST" else 422


def _new_cycle(form: NewCycleForm) -> services.NewCycle:
    questionnaire, version = form.questionnaire.data.split(" ")
    return services.NewCycle(
        code=form.code.data.strip(),
        title=form.title.data,
        questionnaire=questionnaire,
        version=version,
        opens=form.opens.data,
        closes=form.closes.data,
    )


@blueprint.get("/cycles/<code>")
@asks(Action.USE)
def progress(code: str) -> Any:
    """Who has started, how far, who has submitted."""
    person = signed_in()
    wanted = _wanted()
    sees_all = person.role is Role.ADMINISTRATOR
    with database().reading() as db:
        line = _line(db, code)
        cycle = line.cycle
        if line.surveys is not None:
            return _survey_progress(db, line)
        pairs, total = pair_progress(db, library(), cycle, wanted, None if sees_all else person.centers)
        return render_template(
            "cycles/progress.html",
            line=line,
            cycle=cycle,
            questionnaire=library().get(cycle.questionnaire_id, cycle.version),
            pairs=pairs,
            total=total,
            pages=max(1, -(-total // PAGE)),
            wanted=wanted,
            sees_all=sees_all,
            # A row is headed by the other center: whose own is the fusion center of all knows that one.
            eoc_first=not sees_all and all(pair.fusion_center.code in person.centers for pair in pairs),
            reopen=ReopenCycleForm(formdata=None),
            may_run=may(person, Action.RUN_CYCLES),
            partial=bool(request.headers.get("HX-Request")),
        )


def _line(db: Session, code: str) -> CycleLine:
    """The cycle as the lists have it; NotFound for one of surveys that are still being planned."""
    cycle = services.find_cycle(db, code)
    for line in cycle_lines(db, clock().today()):
        if line.cycle.id == cycle.id:
            return line
    raise NotFound


def _survey_progress(db: Session, line: CycleLine) -> str:
    """A cycle of surveys: how many have finished, of those surveys that this person may watch."""
    person = signed_in()
    lists = surveys_of(db, person, clock().today()) if person.role in TABLE[Action.WATCH_SURVEYS] else Lists()
    every = [*lists.open, *lists.planned, *lists.closed]
    return render_template(
        "cycles/survey_progress.html",
        line=line,
        cycle=line.cycle,
        questionnaire=library().get(line.cycle.questionnaire_id, line.cycle.version),
        surveys=[one for one in every if one.survey.cycle_id == line.cycle.id],
        reopen=ReopenCycleForm(formdata=None),
        may_run=may(person, Action.RUN_CYCLES),
    )


def _wanted() -> ProgressFilter:
    page = request.args.get("page", "1")
    return ProgressFilter(
        text=request.args.get("text", "").strip()[:100],
        only=request.args.get("only", "") if request.args.get("only") in ("missing", "complete") else "",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


@blueprint.post("/cycles/<code>/close")
@asks(Action.RUN_CYCLES)
def close(code: str) -> Response:
    """Close a cycle now."""
    with database().reading() as db:
        _line(db, code)
    try:
        with database().writing() as db:
            services.close_cycle(db, code, clock().now(), clock().today(), signed_in().id)
        release_cycle(database(), clock(), code, library())
        flash("The cycle is closed. It can be reopened.", "success")
    except Refused as refused:
        flash(refused.message, "error")
    return redirect(url_for(".progress", code=code))


@blueprint.post("/cycles/<code>/reopen")
@asks(Action.RUN_CYCLES)
def reopen(code: str) -> Response:
    """Let the sides go on until a new last day."""
    form = ReopenCycleForm()
    if not form.validate():
        flash("Enter the new last day as a date.", "error")
        return redirect(url_for(".progress", code=code))
    with database().reading() as db:
        _line(db, code)
    release_cycle(database(), clock(), code, library())  # before later answers can come in
    try:
        with database().writing() as db:
            services.reopen_cycle(db, code, form.closes.data, clock().now(), clock().today(), signed_in().id)
        flash("The cycle is open again.", "success")
    except Refused as refused:
        flash(refused.message, "error")
    return redirect(url_for(".progress", code=code))
