"""Taking a file from a page: first what it would change, then the change. No file is kept on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from assessment.access import TABLE, Action
from assessment.directory import services
from assessment.directory.csv_files import decode
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
    """What a page takes, and where it leads."""

    what: str
    columns: str  # the template that says which columns the file has
    service: Callable[..., ImportResult]
    done: str  # endpoint
    values: Mapping[str, Any] = field(default_factory=dict)  # of that endpoint's address

    @property
    def back(self) -> str:
        return url_for(self.done, **self.values)


CENTERS = Upload("centers", "directory/columns_centers.html", services.import_centers, "directory.centers")
PAIRS = Upload("pairs", "directory/columns_pairs.html", services.import_pairs, "directory.pairs")


def allow_files(action: Action, *endpoints: str) -> Callable[[str | None, dict[str, Any] | None], None]:
    """Larger requests than elsewhere, set before the form is read, for those who may send files there."""

    def allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if endpoint not in endpoints or request.method != "POST":
            return
        person = current_person()
        if person is not None and person.role in TABLE[action]:
            request.max_content_length = UPLOAD_LIMIT
            request.max_form_memory_size = UPLOAD_LIMIT

    return allow


def take(upload: Upload) -> Any:
    """Show the form, then what the file would change, then change it."""
    form = UploadForm()
    content = form.content() if form.validate_on_submit() else None
    if request.method != "POST":
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
    return redirect(upload.back)


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
