"""The steps of setting up a survey, and what tests of them look at."""

from __future__ import annotations

from assessment.surveys import plans
from tests.conftest import Network
from tests.director import find

SCHEDULE = {
    "title": "Products 2026",
    "opens": "2026-06-15",
    "closes": "2026-07-06",
    "period_from": "2025-06-15",
    "period_to": "2026-06-15",
    "recurrence": "yearly",
}
STEPS = ["schedule", "promise", "questions", "partners", "check"]


def plan_of(network: Network, public_id: str) -> plans.SurveyPlan:
    with network.database.reading() as session:
        return plans.plan_of(session, find(session, public_id))
