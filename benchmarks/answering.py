"""Opening a section and saving an answer: no slower and no more statements as the stored responses grow."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.measure import Measure, seconds
from benchmarks.person import Person
from benchmarks.stored import PASSWORD, Filled, filled

FEW, MANY = 100, 100_000
SECTION, QUESTION = "GOV", "GOV-01"
REQUESTS = 5  # in a row; their median is one figure
RUNS = 41  # short ones, so that a busy moment of the machine falls on both alike
TIME_LIMIT = 1.5


class Form:
    """One EOC's form, open in a signed-in browser."""

    def __init__(self, filled: Filled) -> None:
        self.database = filled.app.extensions["tandem.database"]
        self.path = f"/responses/{filled.response_id}/{SECTION}"
        self.person = Person(filled.app)
        self.person.sign_in(filled.email, PASSWORD)
        self._open()
        self._numbers = itertools.count()
        self._save()

    def opening_time(self) -> float:
        return seconds(self._open, REQUESTS)

    def saving_time(self) -> float:
        return seconds_of_prepared([self._prepare_save() for _ in range(REQUESTS)])

    def opening_statements(self) -> float:
        return self._statements(self._open)

    def saving_statements(self) -> float:
        return self._statements(self._save)

    def _open(self) -> None:
        answered = self.person.read(self.path)
        if answered.status != 200:
            raise RuntimeError(f"{self.path} answered {answered.status}")

    def _save(self) -> None:
        self._prepare_save()()

    def _prepare_save(self) -> Callable[[], None]:
        """The post of our script when one item changes; each differs from the one before."""
        fields, number = self.person.fields, next(self._numbers)
        kept = {name: fields[name] for name in ("csrf_token", "page", f"rev_{QUESTION}", f"was_{QUESTION}")}
        data = kept | {f"q_{QUESTION}": str(number % 5), f"note_{QUESTION}": f"Edition {number} of the plan."}
        send = self.person.prepared(self.path, data, X_Background_Save="1")

        def save() -> None:
            answered = send()
            if answered.status != 200 or '"saved"' not in answered.text:
                raise RuntimeError(f"a save was answered {answered.status}: {answered.text[:200]}")

        return save

    def _statements(self, work: Callable[[], Any]) -> float:
        with counted(self.database.engine) as statements:
            work()
        return float(len(statements))


def seconds_of_prepared(calls: list[Callable[[], None]]) -> float:
    """The median time of these calls, each made once."""
    waiting = iter(calls)
    return seconds(lambda: next(waiting)(), len(calls))


@contextmanager
def counted(engine: Any) -> Iterator[list[str]]:
    """The statements that an engine is given while the block runs."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    many, few = Form(filled(folder, MANY)), Form(filled(folder, FEW))
    sizes = f"{MANY:,} responses stored against {FEW}"
    yield [
        Measure(f"open a section, {sizes}", "s", many.opening_time, few.opening_time, TIME_LIMIT, RUNS),
        Measure(f"save an answer, {sizes}", "s", many.saving_time, few.saving_time, TIME_LIMIT, RUNS),
        Measure(f"open a section, {sizes}", "statements", many.opening_statements, few.opening_statements, 1),
        Measure(f"save an answer, {sizes}", "statements", many.saving_statements, few.saving_statements, 1),
    ]
    for form in (many, few):
        form.database.engine.dispose()
