"""The results of a survey from an archive of its sheets: what the database says of it, counted elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from assessment import frames
from assessment.database import Session
from assessment.models.surveys import Survey
from assessment.surveys import results
from questionnaires.definition import Questionnaire
from reports.archives import AGAIN, Archive, ArchiveError
from reports.engines import Engine
from reports.survey_parts import SheetsWork, count_part
from reports.survey_tally import Tally, joined, tally


def counting(session: Session, archive: Archive, engine: Engine) -> Callable[[Survey, Questionnaire], Tally]:
    """For ``gather_products``: counts a released survey's sheets from the archive.

    ArchiveError where the archive is not of this release.
    """
    return partial(_count, session, archive, engine)


def _count(
    session: Session, archive: Archive, engine: Engine, survey: Survey, questionnaire: Questionnaire
) -> Tally:
    sheets = results.base_of(session, survey).responded
    if sheets < survey.floor:  # too few for any result, and so in no archive
        return tally(questionnaire, frames.survey_frame(session, survey))
    held = archive.find(survey.cycle.code, survey.fusion_center.code)
    if held.released != str(survey.released_on) or held.members != sheets:
        raise ArchiveError(
            f"The archive {archive.folder} is not of this database's {survey.cycle.code}. {AGAIN}."
        )
    works = [SheetsWork(archive.folder, questionnaire, part) for part in held.parts]
    return joined(engine(count_part, works))
