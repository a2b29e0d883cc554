"""What `make audit` makes of the answers of a vulnerability service."""

from __future__ import annotations

from typing import Any

from tests.audit_packages import ACCEPTED, report

GOOD: dict[str, Any] = {"name": "flask", "version": "3.1.3", "vulns": []}
BAD: dict[str, Any] = {
    "name": "werkzeug",
    "version": "2.2.0",
    "vulns": [{"id": "PYSEC-2023-221", "fix_versions": ["2.3.8", "3.0.1"]}],
}
SKIPPED: dict[str, Any] = {"name": "alembic", "skip_reason": "Dependency not found"}


def test_a_known_fault_ends_it() -> None:
    lines, status = report([GOOD, BAD], {})
    assert status == 1
    assert lines[0] == "werkzeug 2.2.0: PYSEC-2023-221, mended in 2.3.8, 3.0.1"
    assert lines[-1] == "2 of 2 packages audited, 1 open faults."


def test_an_accepted_one_is_still_named_with_the_reason() -> None:
    lines, status = report([BAD], {"PYSEC-2023-221": "we take no multipart forms"})
    assert status == 0
    assert lines[0].endswith("(accepted: we take no multipart forms)")


def test_a_service_that_knows_nothing_is_no_clean_result() -> None:
    lines, status = report([SKIPPED], {})
    assert status == 0
    assert lines == ["NOTHING WAS AUDITED: the vulnerability service knows none of the packages from here."]


def test_each_exception_has_its_reason() -> None:
    assert all(len(reason.split()) > 3 for reason in ACCEPTED.values())
