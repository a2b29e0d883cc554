"""Taking a file from a page: first what it would change, then the change. No file is kept on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from assessment.access import Action, may
from assessment.directory import services
from assessment.directory.csv_files import decode
from assessment.directory.entries import OPTIONAL, PAIR_COLUMNS, REQUIRED
from assessment.directory.forms import UploadForm
from assessment.directory.services import ImportResult
from assessment.errors import BadLines
from assessment.web import clock, current_person, database, signed_in

CARRIED_LIMIT = 500_000  # characters that travel in the page; a longer file is chosen a second time
UPLOAD_LIMIT = 8 * 1024 * 1024  # above the file's own limit, so that a sentence can say so
PROBLEMS_SHOWN = 200
CHANGES_SHOWN = 200


@dataclass(frozen=True)
class Upload:
    """What one of the two pages takes, and where it leads."""

    what: str
    columns: tuple[str, ...]
    optional: tuple[str, ...]
    service: Callable[..., ImportResult]
    done: str


CENTERS = Upload("centers", REQUIRED, OPTIONAL, services.import_centers, "directory.centers")
PAIRS = Upload("pairs", PAIR_COLUMNS, (), services.import_pairs, "directory.pairs")


def allow_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Larger requests than elsewhere, set before the form is read, for those who may send files."""
    uploads = ("directory.upload_centers", "directory.upload_pairs")
    if endpoint in uploads and request.method == "POST" and may(current_person(), Action.EDIT_DIRECTORY):
        request.max_content_length = UPLOAD_LIMIT
        request.max_form_memory_size = UPLOAD_LIMIT


def take(upload: Upload) -> Any:
    """Show the form, then what the file would change, then change it."""
    form = UploadForm()
    content = form.content() if form.validate_on_submit() else None
    if request.method == "GET":
        return _page(upload, form)
    if content is None:
        form.file.errors = ["Choose a file."]
        return _page(upload, form), 422
    try:
        if form.apply.data == "yes":
            return _apply(upload, content)
        with database().reading() as db:
            result = upload.service(db, content, clock().now(), dry_run=True)
        return _preview(upload, content, result)
    except BadLines as bad:
        return _page(upload, form, problems=bad.problems), 422


def _apply(upload: Upload, content: bytes | str) -> Any:
    """The whole check again, and the change."""
    with database().writing() as db:
        result = upload.service(db, content, clock().now(), signed_in().id)
    flash(f"The file is imported: {result.sentence}", "success")
    return redirect(url_for(upload.done))


def _page(upload: Upload, form: UploadForm, problems: list[str] | None = None) -> str:
    problems = problems or []
    return render_template(
        "directory/import.html", upload=upload, form=form, problems=problems, shown=problems[:PROBLEMS_SHOWN]
    )


def _preview(upload: Upload, content: bytes | str, result: ImportResult) -> str:
    text = decode(content)
    form = UploadForm(formdata=None, apply="yes", text=text if len(text) <= CARRIED_LIMIT else "")
    return render_template(
        "directory/import_preview.html", upload=upload, form=form, result=result, limit=CHANGES_SHOWN
    )
