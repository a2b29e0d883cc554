"""What the lists take and give, as the document of the API says it."""

from __future__ import annotations

from assessment.access import Role
from assessment.api.endpoints import Parameter, Schema, one_of, text_of, whole_number
from assessment.api.shapes import COUNT, DATE, TEXT, YES_NO, choice, list_of, or_null, thing, word
from assessment.cycles.services import CycleState
from assessment.directory.states import NAMES, REGIONS
from assessment.models.directory import EocLevel, FusionCenterLevel
from assessment.models.surveys import SurveyMode
from questionnaires.definition import Side

USUAL, MOST = 100, 200  # rows of one answer
LONGEST_KEY = 100

KIND = choice(*(side.value for side in Side))
LEVEL = choice(*(level.value for level in (*FusionCenterLevel, *EocLevel)))
STATE: Schema = {
    "type": "string",
    "pattern": "^[A-Z]{2}$",
    "description": "Two letters, as the post writes it.",
}
REGION: Schema = {"type": "integer", "minimum": min(REGIONS), "maximum": max(REGIONS)}
ROLE = choice(*(role.value for role in Role))
CYCLE_STATE = choice(*(state.value for state in CycleState))
SHORT_CENTER = thing({"code": TEXT, "name": TEXT})


def _bool(text: str) -> bool:
    return one_of(["true", "false"])(text) == "true"


LIMIT = Parameter(
    "limit",
    f"How many rows at most; {USUAL} where it is not said.",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    whole_number(1, MOST),
)
AFTER = Parameter(
    "after",
    "The key of the last row one has; it stands in `next` of every answer that is not the last.",
    word(LONGEST_KEY),
    text_of(LONGEST_KEY),
)
PAGING = (LIMIT, AFTER)
ACTIVE = Parameter("active", "Only active ones, or only those that are not.", YES_NO, _bool)
IN_STATE = Parameter(
    "state", "Only of this state.", {"type": "string", "enum": sorted(NAMES)}, one_of(sorted(NAMES))
)
IN_REGION = Parameter("region", "Only of this FEMA region.", REGION, whole_number(min(REGIONS), max(REGIONS)))
OF_KIND = Parameter("kind", "Only of this kind.", KIND, one_of(KIND["enum"]))

OF_CYCLE_STATE = Parameter("state", "Only in this state.", CYCLE_STATE, one_of(CYCLE_STATE["enum"]))
OF_ROLE = Parameter("role", "Only with this role.", ROLE, one_of(ROLE["enum"]))


def code_of(name: str, what: str) -> Parameter:
    return Parameter(name, what, word(40), text_of(40))


def rows_of(name: str, row: Schema) -> Schema:
    """An answer with rows of this kind and the key of the next page."""
    return thing({name: list_of(row), "next": {**or_null(TEXT), "description": "`after` of the next page."}})


CENTER_ROW = thing(
    {
        "code": TEXT,
        "name": TEXT,
        "kind": KIND,
        "level": LEVEL,
        "state": STATE,
        "region": REGION,
        "city": or_null(TEXT),
        "active": YES_NO,
        "active_pairs": COUNT,
    }
)
PAIR_ROW = thing(
    {
        "fusion_center": SHORT_CENTER,
        "eoc": SHORT_CENTER,
        "state": STATE,
        "region": REGION,
        "active": YES_NO,
        "report": {**or_null(TEXT), "description": "Where the pair's report is; null where it is not yours."},
    }
)
CYCLE_ROW = thing(
    {
        "code": TEXT,
        "title": TEXT,
        "questionnaire": TEXT,
        "version": TEXT,
        "opens": DATE,
        "closes": {**DATE, "description": "The last day, included."},
        "state": CYCLE_STATE,
        "synthetic": YES_NO,
        "pairs": or_null(
            thing({"expected": COUNT, "complete": COUNT, "one_sided": COUNT, "not_started": COUNT})
        ),
        "surveys": or_null(thing({"surveys": COUNT, "finished": COUNT})),
    },
    description="`pairs` of a checklist's cycle, `surveys` of a survey's; the other one is null.",
)
SURVEY_ROW = thing(
    {
        "cycle": TEXT,
        "title": TEXT,
        "fusion_center": SHORT_CENTER,
        "mode": choice(*(mode.value for mode in SurveyMode)),
        "opens": DATE,
        "closes": {**DATE, "description": "The last day, included."},
        "state": choice("plan", *CYCLE_STATE["enum"]),
        "finished": {**or_null(COUNT), "description": "Finished answer sheets; null before the first day."},
    }
)
PERSON_ROW = thing(
    {
        "id": TEXT,
        "name": TEXT,
        "email": TEXT,
        "role": ROLE,
        "active": YES_NO,
        "centers": list_of(TEXT),
        "regions": list_of(REGION),
        "states": list_of(STATE),
    },
    description="A reviewer without regions and states has the nation.",
)
