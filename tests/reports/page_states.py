"""Every state of the pair report's page, over the real checklist, without a database."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
from flask import Flask, render_template

from assessment.access import PairFacts, Person, Role
from assessment.assets import serve_static
from assessment.frames import PairInCycle
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.responses import Response
from assessment.responding.routes import blueprint as responding
from questionnaires import answers
from questionnaires.definition import Side
from questionnaires.library import BUILT_IN, Library
from reports import pair
from reports.gathering import GatheredPair
from reports.pages import pair_page
from reports.routes import blueprint as reports

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Library([BUILT_IN])
CHECKLIST = LIBRARY.get("cpg502-checklist", "1.0")
FC, EOC = Side.FUSION_CENTER, Side.EOC
TODAY = date(2026, 11, 20)
NOTES = {
    FC: "Roster of March 2026, held at the watch desk",
    EOC: "Duty plan, annex C; tested in the spring exercise",
}

DIRECTOR = Person(1, "Dana", "director@example.gov", Role.DIRECTOR, frozenset({"FC-CO"}))
MANAGER = Person(2, "Mika", "manager@example.gov", Role.MANAGER, frozenset({"EOC-CO"}))
ADMINISTRATOR = Person(3, "Ada", "admin@example.gov", Role.ADMINISTRATOR)
REVIEWER = Person(4, "Rae", "reviewer@example.gov", Role.REVIEWER)


def checklist_answers(
    seed: int = 1, base: float = 2.2, unknown: float = 0.04, notes: Any = None
) -> pd.DataFrame:
    """Both sides' answers to the checklist: alike within a domain, a little higher on one side."""
    rng = random.Random(seed)
    notes = notes or NOTES
    rows = []
    for section in CHECKLIST.sections:
        middle = rng.gauss(base, 0.7)
        lean = {FC: rng.gauss(0.15, 0.4), EOC: rng.gauss(-0.15, 0.4)}
        for question in section.questions:
            shared = rng.gauss(0, 0.6)
            for side in question.sides:
                raw = _raw(rng, question, middle + lean[side] + shared, unknown)
                text = notes[side] if raw == "NA" or (raw in "34" and rng.random() < 0.7) else ""
                value = answers.parse(question, raw, text)
                rows.append(
                    (str(side), question.id, str(value.status), value.number, value.option, value.text)
                )
    columns = ["side", "question", "status", "number", "option", "text"]
    return pd.DataFrame(rows, columns=columns).astype({"number": "float64"})


def held_back_answers() -> pd.DataFrame:
    """Answers in the highest band, with a critical item unknown, one low, and a weak domain."""
    frame = checklist_answers(seed=3, base=3.6, unknown=0.0)
    frame.loc[(frame["question"] == "REL-01") & (frame["side"] == EOC), ["status", "number"]] = [
        "do_not_know",
        None,
    ]
    low = frame["question"].isin(["GOV-01", "SYS-01", "SYS-02", "SYS-03"])
    frame.loc[low, ["status", "number", "text"]] = ["answered", 1.0, ""]
    return frame


def _raw(rng: random.Random, question: Any, level: float, unknown: float) -> str:
    if not question.scored:
        return rng.choice([option.code for option in question.choices])
    draw = rng.random()
    if draw < unknown:
        return "DK"
    if draw < unknown + 0.02:
        return "NA"
    return str(min(max(round(rng.gauss(level, 0.6)), 0), 4))


def _cycle(**changes: Any) -> Cycle:
    given: dict[str, Any] = {
        "id": 1,
        "code": "checklist-2026",
        "title": "Checklist 2026",
        "questionnaire_id": CHECKLIST.id,
        "version": CHECKLIST.version,
        "opens_on": date(2026, 10, 1),
        "closes_on": date(2026, 11, 30),
        "closed_at": None,
        "synthetic": False,
    }
    return Cycle(**given | changes)


def center(code: str, name: str, kind: Side) -> Center:
    return Center(code=code, name=name, kind=str(kind), level="primary", state="CO", fema_region=8)


def _response(side: Side, status: str, **changes: Any) -> Response:
    submitted = status == "submitted"
    given: dict[str, Any] = {
        "id": 1 if side is FC else 2,
        "public_id": f"public-{side}",
        "side": str(side),
        "edition": 1,
        "status": status,
        "last_question": None if status == "draft" else "SYS-04",
        "submitted_at": datetime(2026, 11, 12, 15, 30, tzinfo=UTC) if submitted else None,
        "participants": (4 if side is FC else 6) if submitted else None,
    }
    return Response(**given | changes)


def gathered(
    submitted: Sequence[Side] = (FC, EOC),
    readable: Sequence[Side] | None = None,
    frame: pd.DataFrame | None = None,
    *,
    cycle: Mapping[str, Any] | None = None,
    names: tuple[str, str] = ("Colorado Information Analysis Center", "Colorado State EOC"),
    responses: Mapping[Side, Mapping[str, Any]] | None = None,
    changed: bool = False,
    previous: pd.DataFrame | None = None,
    leaky: bool = False,
) -> GatheredPair:
    """A pair in a cycle as ``gather_pair`` hands it over: only what may be read reaches the report.

    ``leaky``: the answers of a side that has not submitted get as far as the calculation.
    """
    readable = submitted if readable is None and len(submitted) == len(Side) else readable or ()
    found_cycle = _cycle(**(cycle or {}))
    extra = responses or {}
    by_side = {
        side: _response(side, "submitted" if side in submitted else "draft", **extra.get(side, {}))
        for side in Side
    }
    place = PairInCycle(
        cycle_pair_id=1,
        cycle=found_cycle,
        fusion_center=center("FC-CO", names[0], FC),
        eoc=center("EOC-CO", names[1], EOC),
        facts=PairFacts("FC-CO", "EOC-CO", 8, "CO", frozenset(submitted)),
        readable=frozenset(readable),
        responses=by_side,
        read_by=frozenset(),
        changed_after_reveal=changed,
    )
    frame = checklist_answers() if frame is None else frame
    report = pair.build(
        CHECKLIST,
        frame if leaky else frame[frame["side"].isin(map(str, readable))],
        submitted=frozenset(submitted),
        previous=previous,
        previous_cycle="checklist-2025" if previous is not None else None,
        cycle=found_cycle.code,
        fusion_center="FC-CO",
        eoc="EOC-CO",
        synthetic=found_cycle.synthetic,
    )
    return GatheredPair(place, report)


CHOICES = (_cycle(), _cycle(id=2, code="checklist-2025", title="Checklist 2025"))
CLOSED = {"opens_on": date(2026, 3, 1), "closes_on": date(2026, 3, 31)}


@cache
def states() -> dict[str, tuple[GatheredPair, Person]]:
    """Each state that a page can be in, and somebody who reads it."""
    earlier = checklist_answers(seed=7, base=1.7)
    unknown = checklist_answers(unknown=0.55)
    started = {EOC: {"last_question": "GOV-02"}}
    return {
        "complete": (gathered(previous=earlier), DIRECTOR),
        "complete-eoc": (gathered(previous=earlier), MANAGER),
        "held-back": (gathered(frame=held_back_answers(), cycle=CLOSED), ADMINISTRATOR),
        "insufficient": (gathered(frame=unknown), MANAGER),
        "own-profile": (gathered([EOC], [EOC]), MANAGER),
        "own-closed": (gathered([FC], [FC], cycle=CLOSED), DIRECTOR),
        "waiting": (gathered([FC], [], responses=started), MANAGER),
        "waiting-start": (gathered([FC], []), MANAGER),
        "waiting-reopened": (gathered([FC], [], responses={EOC: {"edition": 2}}, changed=True), MANAGER),
        "waiting-closed": (gathered([FC], [], cycle=CLOSED), MANAGER),
        "waiting-administrator": (gathered([FC], []), ADMINISTRATOR),
        "nothing": (gathered([], []), DIRECTOR),
        "nothing-reviewer": (gathered([], []), REVIEWER),
        "changed": (gathered(changed=True, responses={EOC: {"edition": 2}}), DIRECTOR),
        "synthetic": (gathered(cycle={"synthetic": True}), DIRECTOR),
    }


def page_app(static: Path) -> Flask:
    """The templates with what the application gives them, without sign-in and database."""
    app = Flask("assessment", root_path=str(ROOT / "assessment"), static_folder=None)
    app.secret_key = "for this test"
    serve_static(app, static)
    app.jinja_env.globals["csrf_token"] = lambda: "token-of-this-form"
    app.register_blueprint(reports)
    app.register_blueprint(responding)
    return app


def context(name: str, choices: Sequence[Cycle] = CHOICES) -> dict[str, Any]:
    found, person = states()[name]
    return pair_page(found, LIBRARY, person, today=TODAY, cycles=choices)


def rendered(app: Flask, found: GatheredPair, person: Person, query: str = "") -> str:
    page = pair_page(found, LIBRARY, person, today=TODAY, cycles=CHOICES)
    with app.test_request_context(f"/reports/pairs/FC-CO/EOC-CO{query}"):
        return render_template("reports/pair.html", **page)


def words(page: str) -> str:
    """The text of a page without its markup."""
    return re.sub(
        r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", page, flags=re.S)))
    )
