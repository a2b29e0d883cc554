"""Random questionnaires and answer sets for comparing with the reference calculation."""

from __future__ import annotations

import random

from tests.reports.builder import EOC, FC, question, questionnaire

MIXES = (  # weights of "0".."4", NA, DK, blank: from tidy to hardly answered
    (1, 1, 1, 1, 1, 0, 0, 0),
    (2, 5, 9, 9, 3, 1, 1, 1),
    (0, 0, 1, 9, 9, 1, 0.3, 0.3),
    (0, 0, 0, 3, 9, 0.2, 0.1, 0),
    (9, 5, 1, 0, 0, 0.3, 0.3, 0.3),
    (1, 4, 4, 1, 0, 3, 2, 1),
    (1, 1, 1, 1, 1, 2, 5, 9),
)
VALUES = ("0", "1", "2", "3", "4", "NA", "DK", "")


def random_items(rng: random.Random) -> list[tuple[str, str, str, int]]:
    """Two to six domains of one to seven items, some of one side only."""
    items = []
    for number in range(rng.randint(2, 6)):
        domain = f"D{number}"
        for place in range(rng.randint(1, 7)):
            asked = rng.choices(("both", FC, EOC), (6, 1, 1))[0]
            items.append((f"{domain}-{place}", domain, asked, rng.choices((1, 2, 3), (5, 3, 1))[0]))
    return items


def random_answers(rng: random.Random, items, sides=(FC, EOC)) -> dict[str, dict[str, str]]:
    """Answers of the sides; sometimes a whole domain says *does not apply* or stays blank."""
    mix = rng.choice(MIXES)
    lean = {item[0]: rng.choices(VALUES, mix)[0] for item in items}
    answers = {}
    for side in sides:
        mine = {item[0]: item for item in items if item[2] in ("both", side)}
        # Often the same as the other side, as in life; else drawn anew.
        answers[side] = {
            item: lean[item] if rng.random() < 0.5 else rng.choices(VALUES, mix)[0] for item in mine
        }
    for domain in {item[1] for item in items}:
        if rng.random() < 0.08:
            empty = rng.choice(("NA", ""))
            for given in answers.values():
                given.update({item: empty for item in given if item.startswith(f"{domain}-")})
    return answers


def questionnaire_of(items, **rules):
    return questionnaire((question(item, asked, weight) for item, _, asked, weight in items), **rules)
