"""Hiding leaves a network that says something: the real directory, all complete, some answers missing."""

import csv
import random
from collections import Counter
from pathlib import Path

import assessment.directory
from questionnaires.library import BUILT_IN, Library
from tests.network.random_networks import Cycle, Habits, Place, random_answers
from tests.reports.builder import EOC, FC

SEED = Path(assessment.directory.__file__).parent / "seed"
HABITS = Habits(missing=0.03, domain_missing=0, blank_guide=0, good=0.55, together=0.5)


def directory():
    with (SEED / "state_eocs.csv").open() as file:
        eocs = {row["code"]: row for row in csv.DictReader(file)}
    with (SEED / "pairs.csv").open() as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            eoc = eocs[row["eoc"]]
            region = int(eoc["fema_region"])
            yield Place(number, row["fusion_center"], row["eoc"], region, eoc["state"], eoc["level"])


def cycle(rng, before):
    checklist = Library([BUILT_IN]).get("cpg502-checklist")
    items = [
        (q.id, section.id, "both" if q.shared else str(q.sides[0]), int(q.weight))
        for section in checklist.domains
        for q in section.scored_questions
    ]
    places = {place.pair: place for place in directory()}
    return Cycle(
        code="C",
        items=items,
        places=places,
        status=dict.fromkeys(places, "complete"),
        shared=set(),
        answers={pair: random_answers(rng, items, HABITS, set()) for pair in places},
        guide={pair: {side: rng.choice(("not_seen", "used")) for side in (FC, EOC)} for pair in places},
        before=before,
    )


def shares(cycle, kind):
    """Of the scopes of a kind with five pairs or more: the share of its cells that are shown."""
    shown, there = Counter(), Counter()
    for key, numbers in cycle.release.scopes.items():
        if key.split(":")[0] != kind or len(cycle.members(key)) < 5:
            continue
        parts = {
            "index": [numbers["index"]["mean"]],
            "trend": [numbers["trend"]["change"]],
            "levels": [level["count"] for level in numbers["levels"]],
            "domains": [domain["mean"] for domain in numbers["domains"]],
            "gaps": [domain["gap"] for domain in numbers["domains"]],
            "items": [item["mean"] for item in numbers["items"]],
        }
        for name, cells in parts.items():
            there[name] += len(cells)
            shown[name] += sum(cell is not None for cell in cells)
    return {name: shown[name] / there[name] for name in there}


def test_most_of_the_real_network_shows():
    rng = random.Random(81)
    later = cycle(rng, cycle(rng, None))
    assert len(later.complete) == 81
    nation, regions = shares(later, "nation"), shares(later, "region")
    assert nation["index"] == nation["trend"] == 1
    assert min(nation["domains"], nation["items"]) > 0.9
    assert nation["gaps"] > 0.7
    assert regions["index"] == 1
    assert min(regions["domains"], regions["gaps"]) > 0.8
    assert regions["items"] > 0.7
    assert regions["trend"] >= 0.5
    # Few pairs at a level are few in every region; what shows of levels there is mostly that nobody is.
    assert regions["levels"] > 0.4
