"""What anonymous and confidential mean here, in plain words: for the director who chooses, and on page one.

Pure. Say here only what the tables and the pages keep.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessment.models.surveys import SurveyMode


@dataclass(frozen=True)
class Promise:
    title: str
    short: str
    covers: tuple[str, ...]
    not_covered: tuple[str, ...]


def promise(mode: str, floor: int) -> Promise:
    """What the respondents of a survey of this mode and smallest group are told."""
    return _anonymous(floor) if mode == SurveyMode.ANONYMOUS.value else _confidential(floor)


def _anonymous(floor: int) -> Promise:
    return Promise(
        title="Anonymous",
        short="Nothing that is kept joins anybody's name to what they answered.",
        covers=(
            "Finished answers are kept without a name, an address, a link or a time.",
            "That somebody has finished is kept apart from what was answered, by day, so that they are not"
            " reminded.",
            f"Results are shown for groups of {floor} or more people only.",
        ),
        not_covered=(
            "Words that somebody writes are kept as written: they should name neither themselves nor others.",
            "Until somebody finishes, their answers are found by their link, so that they can go on later.",
        ),
    )


def _confidential(floor: int) -> Promise:
    return Promise(
        title="Confidential",
        short="The system keeps who gave which answers; results never show one person.",
        covers=(
            f"Results are shown for groups of {floor} or more people only, in pages and in files.",
            "Names and addresses are in no result and in no file of answers.",
            "Comments are read by the fusion center before they are shown.",
        ),
        not_covered=(
            "The fusion center sees who has finished, so that it can remind the others.",
            "Whoever runs the database could find out who gave which answers.",
            "Words that somebody writes are kept as written: they should name neither themselves nor others.",
        ),
    )
