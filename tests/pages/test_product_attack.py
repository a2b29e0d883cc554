"""Somebody who fetches all that there is of two yearly surveys and reckons: nothing hidden follows from it.

The attacker knows every number shown on the page, in the JSON and in the files, how the tables hang together,
and that whatever is hidden is a count of people. For each hidden count the smallest and the largest value
that agree with all of that must differ.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from scipy.optimize import linprog
from sqlalchemy import select, update

from assessment.models.surveys import Partner, Survey, SurveyResponse
from tests.conftest import Network
from tests.product_world import released, sheet
from tests.survey_world import add_partners

PAGE, JSON = "/reports/products/FC-CO", "/api/v1/reports/products/FC-CO"
FLOOR = 10
LAST_YEAR = {"opens_on": date(2025, 5, 1), "closes_on": date(2025, 6, 10)}
YEARS = ("last", "this")
OPTIONS = {"P-01": "eoc", "P-02": ""}  # questions of which every option is a group
GROUPS, MEASURES = ("EOC officials", "Others"), {"Usefulness": "usefulness", "Quality": "quality"}
Line = dict[str, str]


@dataclass(frozen=True)
class Year:
    """Who answers: people by group; of the EOC officials and of all how many do what."""

    people: dict[str, int]
    no_basis: int = 0  # EOC officials who cannot judge the usefulness
    few_received: int = 5  # people who received product type T-02

    def sheets(self) -> list[dict[str, str]]:
        groups = [group for group, count in self.people.items() for _ in range(count)]
        found = [sheet(group, 2 + place % 4) for place, group in enumerate(groups)]
        for one in [one for one in found if one["P-01"] == "eoc"][: self.no_basis]:
            one["O-01"] = "DK"
        for one in found[:: max(1, len(found) // self.few_received)][: self.few_received]:
            one["T-02"] = "usefulness=5;quality=5"
        for place, one in enumerate(found):
            one["P-02"] = ("county", "city", "state", "tribal")[min(3, place * 7 // len(found) % 4)]
        return found


SIX = Year({"eoc": 6, "law_enforcement": 234})
CASES = {
    "six beside 234, twice": (SIX, SIX, 0),
    "six, then a group": (Year({"eoc": 6, "fire_ems": 60}), Year({"eoc": 24, "fire_ems": 60}), 0),
    "one other beside a large group": (SIX, Year({"eoc": 24, "executive": 1, "law_enforcement": 40}), 0),
    "two small others": (SIX, Year({"eoc": 24, "executive": 1, "other": 2, "fire_ems": 40}), 0),
    "all others in small groups": (SIX, Year({"eoc": 30, "law_enforcement": 9, "fire_ems": 1}), 0),
    "too few who can judge": (SIX, Year({"eoc": 12, "fire_ems": 50}, no_basis=3), 0),
    "officials who judge nothing": (SIX, Year({"eoc": 6, "fire_ems": 60}, no_basis=6), 0),
    "the same people twice": (Year({"eoc": 6, "fire_ems": 60}), Year({"eoc": 6, "fire_ems": 74}), 66),
    "most of them twice": (Year({"eoc": 20, "fire_ems": 60}), Year({"eoc": 20, "fire_ems": 65}), 75),
    "enough of them twice": (Year({"eoc": 20, "fire_ems": 60}), Year({"eoc": 20, "fire_ems": 60}), 50),
}


def write(network: Network, years: tuple[Year, Year], matched: int) -> None:
    """Both surveys, released; the first ``matched`` sheets of both are of the same people."""
    asked = network.library.get("product-usefulness")
    with network.database.writing() as session:
        shared = {"shared_on": date(2025, 5, 2)}
        last = released(
            session, asked, years[0].sheets(), "last", released_on=date(2025, 6, 10), **LAST_YEAR, **shared
        )
        this = released(session, asked, years[1].sheets(), "this", **shared)
        if matched:
            add_partners(session, last, range(matched))
            people = session.scalars(select(Partner.id).order_by(Partner.id)).all()
            for survey in (last, this):
                _name(session, survey, people)


def _name(session: Any, survey: Survey, people: Any) -> None:
    mine = select(SurveyResponse.id).where(SurveyResponse.survey_id == survey.id).order_by(SurveyResponse.id)
    for response, partner in zip(session.scalars(mine).all(), people, strict=False):
        named = update(SurveyResponse).where(SurveyResponse.id == response)
        session.execute(named.values(partner_id=partner))


@dataclass
class Loot:
    """All that one reader has fetched of one year."""

    lines: list[Line]
    json: dict[str, Any]
    hidden_cells: Counter[str]  # of each sheet of the workbook
    page: str

    def line(self, table: str, row: str, measure: str, item: str = "") -> float | None:
        """A number that is shown."""
        for line in self.lines:
            start = line["row"] == row or line["row"].startswith(f"{row} / ")
            if (line["table"], line["measure"]) == (table, measure) and start and item in ("", line["item"]):
                return float(line["value"]) if line["state"] == "shown" else None
        return None

    def of(self, table: str, item: str, measure: str) -> dict[str, float | None]:
        """Row -> number, None where it is hidden."""
        found = [x for x in self.lines if (x["table"], x["item"], x["measure"]) == (table, item, measure)]
        return {x["row"]: float(x["value"]) if x["state"] == "shown" else None for x in found}


def fetch(network: Network, name: str, cycle: str) -> Loot:
    client = network.browser(name).client

    def get(address: str) -> Any:
        answer = client.get(f"{address}?cycle={cycle}", base_url="http://localhost")
        assert answer.status_code == 200, (name, address)
        return answer

    book = load_workbook(io.BytesIO(get(f"{PAGE}/results.xlsx").data))
    cells = {name: sum(list(line).count("Hidden") for line in book[name].values) for name in book.sheetnames}
    return Loot(
        lines=list(csv.DictReader(io.StringIO(get(f"{PAGE}/results.csv").data.decode("utf-8-sig")))),
        json=get(JSON).get_json(),
        hidden_cells=Counter({name: count for name, count in cells.items() if count}),
        page=get(PAGE).text,
    )


@dataclass
class Unknowns:
    """Counts of people with what is known of them: sums that hold, and the least that each can be."""

    names: dict[Any, int] = field(default_factory=dict)
    sums: list[tuple[dict[int, float], float, bool]] = field(
        default_factory=list
    )  # terms, sum, equal or less

    def of(self, *name: Any) -> int:
        return self.names.setdefault(name, len(self.names))

    def equal(self, terms: dict[int, float], total: float) -> None:
        self.sums.append((terms, total, True))

    def at_most(self, terms: dict[int, float], total: float) -> None:
        self.sums.append((terms, total, False))

    def ends(self, place: int) -> tuple[float, float]:
        """The smallest and the largest that this count can be."""
        rows = {True: ([], []), False: ([], [])}  # type: ignore[var-annotated]
        for terms, total, equal in self.sums:
            row = np.zeros(len(self.names))
            for at, weight in terms.items():
                row[at] = weight
            rows[equal][0].append(row)
            rows[equal][1].append(total)
        aim = np.eye(len(self.names))[place]
        known = {"A_eq": rows[True][0] or None, "b_eq": rows[True][1] or None}
        known |= {"A_ub": rows[False][0] or None, "b_ub": rows[False][1] or None}
        found = [linprog(sign * aim, bounds=(0, None), **known) for sign in (1, -1)]
        assert all(one.status in (0, 3) for one in found), "what is shown does not agree with itself"
        return tuple(
            s * one.fun if one.status == 0 else np.inf for s, one in zip((1, -1), found, strict=True)
        )  # type: ignore[return-value]


def reckon(loot: Loot) -> tuple[Unknowns, list[Any]]:
    """What the shown numbers say of the hidden counts, and which those are."""
    unknown, targets = Unknowns(), []
    responded = loot.json["responded"]
    for question in OPTIONS:
        counts = loot.of("choices", question, "count")
        places = {row: unknown.of(question, row) for row in counts}
        blank = unknown.of(question, "blank")
        unknown.equal({**dict.fromkeys(places.values(), 1.0), blank: 1}, responded)
        for row, count in counts.items():
            if count is None:
                targets.append((question, row))
                unknown.at_most({places[row]: -1}, -1)  # a zero is never hidden
            else:
                unknown.equal({places[row]: 1}, count)
        bases = [n for n in loot.of("choices", question, "n").values() if n is not None]
        if bases:
            unknown.equal({blank: 1}, responded - bases[0])
    targets += list(groups(loot, unknown))
    targets += list(product_types(loot, unknown, responded))
    return unknown, targets


def groups(loot: Loot, unknown: Unknowns) -> Iterator[Any]:
    """EOC officials and the others who rated, and those of them who gave 4 or 5: parts of P-01's groups."""
    eoc = next(row for row in loot.of("choices", "P-01", "count") if row.startswith("EOC"))
    for measure in MEASURES:
        whole = loot.line("headline", measure, "n")
        share = loot.line("headline", measure, "top_two")
        raters = [unknown.of(measure, group, "n") for group in GROUPS]
        tops = [unknown.of(measure, group, "top") for group in GROUPS]
        if whole is not None and share is not None:
            unknown.equal(dict.fromkeys(raters, 1.0), whole)
            unknown.equal(dict.fromkeys(tops, 1.0), round(share * whole))
        unknown.at_most({raters[0]: 1, unknown.of("P-01", eoc): -1}, 0)
        for group, n, top in zip(GROUPS, raters, tops, strict=True):
            unknown.at_most({top: 1, n: -1}, 0)
            shown = loot.line("groups", f"{group} / {measure}", "n")
            top_two = loot.line("groups", f"{group} / {measure}", "top_two")
            if shown is None:
                yield (measure, group, "n")
            else:
                unknown.equal({n: 1}, shown)
                unknown.equal({top: 1}, round((top_two or 0) * shown))


def product_types(loot: Loot, unknown: Unknowns, responded: int) -> Iterator[Any]:
    """Each person rated a type, had no basis, did not receive it or left it blank."""
    items = {line["item"] for line in loot.lines if line["table"] == "product_types"}
    for item in sorted(items):
        (not_received,) = loot.of("product_types", item, "not_received").values()
        away = unknown.of(item, "not received")
        if not_received is not None:
            unknown.equal({away: 1}, not_received)
        for part in ("usefulness", "quality"):
            places = [unknown.of(item, part, what) for what in ("n", "no_basis", "blank")]
            unknown.equal({**dict.fromkeys(places, 1.0), away: 1}, responded)
            for what, place in zip(("n", "no_basis"), places, strict=False):
                rows = loot.of("ratings", item, what)
                (shown,) = [number for row, number in rows.items() if row.endswith(part)]
                if shown is not None:
                    unknown.equal({place: 1}, shown)
                elif what == "n":
                    yield (item, part, "n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("case", list(CASES))
def test_nothing_hidden_follows_from_all_that_is_shown(network: Network, case: str) -> None:
    last, this, matched = CASES[case]
    write(network, (last, this), matched)
    loot = {year: fetch(network, "director", year) for year in YEARS}
    no_hidden_count_follows(loot)
    every_form_hides_the_same(loot)
    nobody_left_over_is_a_small_group(loot)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reviewer_reads_what_the_director_reads_and_no_more(network: Network) -> None:
    write(network, CASES["most of them twice"][:2], CASES["most of them twice"][2])
    readers = [fetch(network, name, "this") for name in ("director", "reviewer")]
    assert readers[0].lines == readers[1].lines
    assert readers[0].json == readers[1].json
    assert readers[0].hidden_cells == readers[1].hidden_cells


def no_hidden_count_follows(loot: dict[str, Loot]) -> None:
    seen = 0
    for year, found in loot.items():
        unknown, targets = reckon(found)
        for target in targets:
            low, high = unknown.ends(unknown.of(*target))
            assert high - low > 0.5, f"{target} of {year} year is {low:g}"
            seen += 1
    assert seen, "nothing is hidden, so the test shows nothing"


def every_form_hides_the_same(loot: dict[str, Loot]) -> None:
    for found in loot.values():
        hidden = Counter(line["table"] for line in found.lines if line["state"] == "hidden")
        assert found.hidden_cells == hidden
        for line in found.lines:
            assert line["value"] == "" or line["state"] == "shown", line
        for thing in _objects(found.json):
            if thing.get("suppressed"):
                numbers = [
                    value for name, value in thing.items() if name not in ("id", "suppressed", "group")
                ]
                assert numbers == [None] * len(numbers), thing
        of_groups = {line["state"] for line in found.lines if line["table"] == "groups"}
        eoc = found.json["groups"][0]["usefulness"]
        assert eoc.get("suppressed", False) == (found.line("groups", "EOC officials", "n") is None)
        assert ("Hidden" in found.page) == bool(hidden), of_groups


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(part)


def nobody_left_over_is_a_small_group(loot: dict[str, Loot]) -> None:
    """One year less those who answered both times is nobody, or a group that may be shown."""
    bases: dict[tuple[str, str], dict[str, float | None]] = defaultdict(dict)
    for year, found in loot.items():
        for line in found.lines:
            if line["table"] == "ratings" and line["measure"] == "n":
                part = line["row"].rpartition(" / ")[2] if " / " in line["row"] else ""
                bases[line["item"], part][year] = float(line["value"]) if line["value"] else None
    changes = [line for line in loot["this"].lines if line["table"] in ("trend", "attribute_trend")]
    for line in (one for one in changes if one["measure"] in ("before_n", "now_n")):
        part = "performance" if line["table"] == "attribute_trend" else ""
        base = bases[line["item"], part]["last" if line["measure"] == "before_n" else "this"]
        assert base is not None, f"a change of {line['item']}, which is hidden"
        rest = base - float(line["value"])
        assert rest == 0 or rest >= FLOOR, line


def test_the_attacker_finds_what_follows() -> None:
    """One hidden option beside a total and shown ones is their difference; two are not."""
    unknown = Unknowns()
    one, two, three = (unknown.of(name) for name in "abc")
    unknown.equal({one: 1, two: 1, three: 1}, 60)
    unknown.equal({three: 1}, 50)
    assert unknown.ends(one) == (0, 10)
    unknown.at_most({two: -1}, -6)
    assert unknown.ends(one) == (0, 4)
    unknown.equal({two: 1}, 7)
    assert unknown.ends(one) == (3, 3)
