"""The pages of a product survey's results, their JSON, their files, and the review of comments."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from assessment.access import Action
from assessment.api.endpoints import describes
from assessment.cycles.reading import note_export
from assessment.errors import NotFound
from assessment.surveys import comment_review, plans, results
from assessment.web import asks, clock, database, library, settings, signed_in
from reports import api_shapes

blueprint = Blueprint("product_reports", __name__, template_folder="templates")
FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sav": "application/x-spss-sav",
    "parquet": "application/vnd.apache.parquet",
}


def _gathered(fusion_center: str, how: str, whole: bool = False) -> Any:
    """The survey for whoever asks; a look at another center's results is written down."""
    from reports.product_gathering import gather_products

    person, code = signed_in(), request.args.get("cycle")
    results.release_due(database(), clock(), library(), fusion_center)
    with database().reading() as db:
        found = gather_products(db, library(), person, fusion_center, code, clock().today(), whole=whole)
    if found.place.readable and found.place.center.code not in person.centers:
        results.note_view(database(), found.place.survey, person, clock().now(), how)
    return found


@blueprint.get("/reports/products/<fusion_center>")
@asks(Action.READ_SURVEYS)
def products(fusion_center: str) -> str:
    """What the partners say about the usefulness and quality of a center's products."""
    from reports.product_pages import products_page

    found = _gathered(fusion_center, "page", whole=True)
    return render_template("reports/products.html", **products_page(found, signed_in()))


@blueprint.get("/api/v1/reports/products/<fusion_center>")
@asks(Action.READ_SURVEYS)
@describes(api_shapes.PRODUCTS)
def products_json(fusion_center: str) -> Response:
    """The same for programs; see the contract's ``products`` object."""
    return jsonify(_gathered(fusion_center, "json").report.to_json())


@blueprint.get("/reports/products/<fusion_center>/results.<kind>")
@asks(Action.READ_SURVEYS)
def products_file(fusion_center: str, kind: str) -> Response:
    """The result tables as a file; comments that were released only where they are asked for."""
    from reports.product_exports import result_file

    if kind not in FORMATS:
        raise NotFound
    found = _gathered(fusion_center, kind, whole=True)
    if not found.place.readable:
        raise NotFound
    content = result_file(found, kind, settings().marking, comments=request.args.get("comments") == "yes")
    what = "survey results exported", f"survey {found.report.cycle} of {fusion_center}", kind
    note_export(database(), signed_in(), what, [fusion_center], clock().now())
    name = f"{fusion_center}-{found.report.cycle}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=FORMATS[kind], headers=headers)


@blueprint.get("/reports/products/<fusion_center>/comments")
@asks(Action.RUN_SURVEYS)
def comments(fusion_center: str) -> str:
    """The center's director reads each comment and decides whether it shows."""
    number = max(1, request.args.get("page", 1, type=int))
    with database().reading() as db:
        survey, texts = _to_review(db, fusion_center)
        return render_template(
            "reports/products/review.html",
            survey=survey,
            counts=comment_review.counts(db, survey, texts),
            comments=comment_review.page_of(db, survey, texts, number),
            wordings=plans.questionnaire_of(library(), survey).by_id,
            number=number,
            at_once=comment_review.AT_ONCE,
        )


def _to_review(db: Any, fusion_center: str) -> Any:
    """The survey whose comments are to be read, and its questions that ask for words."""
    places = results.surveys_of(db, signed_in(), fusion_center, clock().today())
    place = results.choose(places, request.args.get("cycle"))
    if not place.readable:
        raise NotFound
    survey = plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, place.survey.public_id)
    return survey, comment_review.text_questions(plans.questionnaire_of(library(), survey))


@blueprint.post("/reports/products/<fusion_center>/comments")
@asks(Action.RUN_SURVEYS)
def review(fusion_center: str) -> BaseResponse:
    """Keep what was decided on one page of comments."""
    with database().writing() as db:
        survey, texts = _to_review(db, fusion_center)
        decisions = {
            name.removeprefix("comment-"): value == "show"
            for name, value in request.form.items()
            if name.startswith("comment-") and value in ("show", "hide")
        }
        count = comment_review.decide(db, survey, texts, decisions, clock().now(), signed_in().id)
        code = survey.cycle.code
    flash("1 decision is kept." if count == 1 else f"{count} decisions are kept.", "success")
    return redirect(url_for("product_reports.comments", fusion_center=fusion_center, cycle=code))
