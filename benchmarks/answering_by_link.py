"""Opening a page of a survey and saving an answer: flat in the number of sheets that others have begun."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assessment.models.surveys import SurveyMode
from assessment.responding.forms import fingerprint
from benchmarks.answering import FEW, MANY, REQUESTS, RUNS, TIME_LIMIT, counted, seconds_of_prepared
from benchmarks.measure import Measure, seconds
from benchmarks.person import Person
from benchmarks.survey_drafts import UnderWay, filled

PAGE, QUESTION = "A", "A-01"
RATINGS = [f"importance={n};performance={m}" for n in range(1, 6) for m in range(1, 6)]


class Phone:
    """Somebody who has answered most of one survey, with its page of dual ratings open."""

    def __init__(self, under_way: UnderWay, mode: SurveyMode) -> None:
        self.engine = under_way.app.extensions["tandem.database"].engine
        self.path = f"/s/{under_way.links[mode]}/{PAGE}"
        self.person = Person(under_way.app)
        self.open()
        self._numbers = itertools.count()
        self.save()

    def open(self) -> None:
        answered = self.person.read(self.path)
        if answered.status != 200 or f"rev_{QUESTION}" not in self.person.fields:
            raise RuntimeError(f"{self.path} answered {answered.status}")

    def save(self) -> None:
        self._prepare_save()()

    def opening_time(self) -> float:
        return seconds(self.open, REQUESTS)

    def saving_time(self) -> float:
        return seconds_of_prepared([self._prepare_save() for _ in range(REQUESTS)])

    def statements(self, work: Callable[[], Any]) -> float:
        with counted(self.engine) as found:
            work()
        return float(len(found))

    def _prepare_save(self) -> Callable[[], None]:
        """The post of our script when one answer changes; each differs from the one before."""
        fields = self.person.fields
        others = [rating for rating in RATINGS if fingerprint(rating, "") != fields[f"was_{QUESTION}"]]
        kept = {name: fields[name] for name in ("csrf_token", "page", f"rev_{QUESTION}", f"was_{QUESTION}")}
        data = kept | {f"q_{QUESTION}": others[next(self._numbers) % len(others)]}
        send = self.person.prepared(self.path, data, X_Background_Save="1")

        def save() -> None:
            answered = send()
            if answered.status != 200 or '"saved"' not in answered.text:
                raise RuntimeError(f"a save was answered {answered.status}: {answered.text[:200]}")

        return save


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    many, few = filled(folder, MANY), filled(folder, FEW)
    sizes = f"{MANY:,} sheets begun against {FEW}"
    yield [
        measure
        for mode in SurveyMode
        for measure in measures_of(Phone(many, mode), Phone(few, mode), f"{mode.value} survey, {sizes}")
    ]
    for under_way in (many, few):
        under_way.app.extensions["tandem.database"].engine.dispose()


def measures_of(many: Phone, few: Phone, what: str) -> list[Measure]:
    """Time and statements of opening and of saving."""
    return [
        Measure(f"open a page, {what}", "s", many.opening_time, few.opening_time, TIME_LIMIT, RUNS),
        Measure(f"save an answer, {what}", "s", many.saving_time, few.saving_time, TIME_LIMIT, RUNS),
        Measure(
            f"open a page, {what}", "statements",
            lambda: many.statements(many.open), lambda: few.statements(few.open), 1,
        ),
        Measure(
            f"save an answer, {what}", "statements",
            lambda: many.statements(many.save), lambda: few.statements(few.save), 1,
        ),
    ]  # fmt: skip
