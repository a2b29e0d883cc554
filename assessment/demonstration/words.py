"""The words of synthetic answers: evidence notes, reasons and signatures. No person and no place is meant."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from assessment.demonstration.chance import chance
from questionnaires.definition import Question, Side

EVIDENCE_ENDS = (
    "reviewed in {month}.",
    "current; last checked in {month}.",
    "updated in {month}.",
    "kept since {month}.",
    "gone through with our partner in {month}.",
    "on file; last looked at in {month}.",
)
LOW_NOTES = (
    "Started; not all shifts know it yet.",
    "A draft is with both leaders.",
    "Worked well last time, but nothing is written.",
    "Depends on one person at the moment.",
    "On the work plan for next year.",
    "Only for large planned events so far.",
)
REASONS = (
    "Another agency of the state does this for us.",
    "Our mandate does not cover this.",
    "We have no staff in this function.",
    "This is handled at the state level, not by us.",
    "Covered by the regional center under its own agreement.",
)
GIVEN = (
    "Alex", "Andrea", "Ben", "Carla", "Chris", "Dale", "Elena", "Frank", "Grace", "Hector", "Ines", "James",
    "Karen", "Louis", "Maria", "Nora", "Omar", "Paula", "Quinn", "Rosa", "Steve", "Tina", "Victor", "Wendy",
)  # fmt: skip
FAMILY = (
    "Abbott", "Barnes", "Castillo", "Dunn", "Egan", "Fields", "Garza", "Holt", "Ivers", "Jensen", "Keller",
    "Lowe", "Mendez", "Norris", "Ortiz", "Pratt", "Quigley", "Reyes", "Shaw", "Tran", "Underhill", "Vance",
    "Walsh", "Yates",
)  # fmt: skip
TITLES = {
    Side.FUSION_CENTER: ("Director", "Deputy director", "Acting director"),
    Side.EOC: ("Emergency manager", "Deputy emergency manager", "Acting emergency manager"),
}


def evidence_note(question: Question, until: date, rng: Random) -> str:
    """What and when, from the item's own words on evidence."""
    what = question.evidence.split(";")[0].split("(")[0].split(", confirmed")[0].strip()
    return f"{what or 'Record kept'}: {rng.choice(EVIDENCE_ENDS).format(month=month_before(until, rng))}"


def month_before(until: date, rng: Random) -> str:
    """A month within the year before, as "May 2026"."""
    return (until - timedelta(days=rng.randint(15, 330))).strftime("%B %Y")


def signer(seed: int, center: str, side: Side) -> tuple[str, str]:
    """Name and title of whoever signs for a center that has no account."""
    rng = chance(seed, "signer", center)
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}", rng.choice(TITLES[side])


COMMENTS = (
    "Send the weekly summary before the Monday briefing, not after it.",
    "More on floods and wildfire, please; most of what we get is about crime.",
    "Say on the first page what you want an EOC to do with it.",
    "A version that we can share with our volunteer partners would help.",
    "The phone briefings during the last activation were the best thing you do.",
    "Too many e-mails with the same product. One list would be enough.",
    "We do not know whom to call at night.",
    "Keep the local context; nobody else has it.",
    "Tell us what became of our feedback.",
    "Shorter. One page is what our leaders read.",
    "Start a joint exercise before the season.",
)
