"""What the reports take and give as JSON, as the document of the API says it: the contract in JSON Schema."""

from __future__ import annotations

from assessment.api.endpoints import Endpoint, Parameter, Schema
from assessment.api.scopes import Scope
from assessment.api.shapes import (
    COUNT,
    DATE,
    NUMBER,
    SHARE,
    TEXT,
    YES_NO,
    choice,
    hideable,
    list_of,
    named,
    or_null,
    thing,
    word,
)
from questionnaires.definition import Side

CODE: Schema = word(40)
CYCLE = Parameter("cycle", "The code of a cycle; without it the latest that you may read.", CODE)
REGION = Parameter("region", "A FEMA region, 1 to 10.", word(10))
STATE = Parameter("state", "Two letters of a state.", word(10))
EOC_LEVEL = Parameter("level", "A level of EOCs, such as county.", word(20))
FUSION_CENTER = Parameter("fusion_center", "The code of a fusion center.", CODE)
EOC = Parameter("eoc", "The code of an EOC.", CODE)
CENTER = Parameter("code", "The code of a center.", CODE)

SIDES = [str(side) for side in Side]
# Written out and not taken from where they are used: that would load pandas at the start. A test compares.
STATUS = choice("not_started", "one_sided", "complete", "insufficient")
ITEM_STATE = choice("not_applicable", "scope_conflict", "unknown", "scored")
GUIDANCE = ("not_seen", "seen_not_used", "used")
POINTS: Schema = {"type": "number", "minimum": 0, "maximum": 100}
GAP: Schema = {"type": "number", "minimum": -100, "maximum": 100, "description": "Fusion center less EOC."}
SCORE: Schema = {"type": "number", "minimum": 0, "maximum": 4}
APART: Schema = {"type": "number", "minimum": -4, "maximum": 4}
LEVEL: Schema = {"type": "integer", "minimum": 0, "maximum": 4}
RATING: Schema = {"type": "number", "minimum": 1, "maximum": 5}
CHANGE: Schema = {"type": "number", "minimum": -100, "maximum": 100}
SYNTHETIC: Schema = {
    "const": True,
    "description": "There where the answers are made up.",
}

PAIR_SHAPE = thing(
    {
        "cycle": or_null(TEXT),
        "fusion_center": TEXT,
        "eoc": TEXT,
        "questionnaire": TEXT,
        "version": TEXT,
        "status": STATUS,
        "index": or_null(POINTS),
        "level": or_null(LEVEL),
        "level_name": or_null(TEXT),
        "held_back_by": list_of(TEXT),
        "agreement": thing(
            {
                "index": or_null(POINTS),
                "exact": or_null(SHARE),
                "within_one": or_null(SHARE),
                "items": or_null(COUNT),
                "weighted_kappa": or_null(NUMBER),
                "icc": or_null(NUMBER),
            }
        ),
        "domains": list_of(
            thing(
                {"id": TEXT, "title": TEXT}
                | {side: or_null(POINTS) for side in SIDES}
                | {
                    "joint": or_null(POINTS),
                    "coverage": or_null(SHARE),
                    "reportable": or_null(YES_NO),
                    "gap": or_null(GAP),
                }
            )
        ),
        "items": list_of(
            thing(
                {"id": TEXT}
                | {side: or_null(SCORE) for side in SIDES}
                | {
                    "joint": or_null(SCORE),
                    "difference": or_null(APART),
                    "state": or_null(ITEM_STATE),
                    "discuss": or_null(YES_NO),
                }
            )
        ),
        "improvements": list_of(thing({"item": TEXT, "priority": or_null(NUMBER), "action": or_null(TEXT)})),
        "trend": or_null(thing({"previous_cycle": TEXT, "items": COUNT, "index_change": or_null(CHANGE)})),
        "synthetic": SYNTHETIC,
    },
    optional=["synthetic"],
    description="Until both sides have submitted, all is null or empty but names, status and your own side.",
)

CENTER_SHAPE = thing(
    {
        "cycle": TEXT,
        "center": TEXT,
        "pairs": list_of(
            thing(
                {
                    "partner": TEXT,
                    "partner_name": TEXT,
                    "partner_level": TEXT,
                    "state": TEXT,
                    "region": COUNT,
                    "answered": {
                        **COUNT,
                        "maximum": 2,
                        "description": "How many sides have submitted.",
                    },
                    "waits_for": choice("", *SIDES),
                    "joint": {**YES_NO, "description": "Whether you may read both sides."},
                    "status": STATUS,
                    "index": or_null(POINTS),
                    "level": or_null(LEVEL),
                    "level_name": or_null(TEXT),
                    "held_back_by": list_of(TEXT),
                    "agreement": or_null(POINTS),
                    "items": or_null(COUNT),
                    "apart": or_null(COUNT),
                    "change": or_null(CHANGE),
                    "level_change": or_null({"type": "integer", "minimum": -4, "maximum": 4}),
                }
            )
        ),
        "counts": thing(
            {"expected": COUNT, "complete": COUNT}
            | {f"waits_for_{side}": COUNT for side in SIDES}
            | {"waits_for_one": COUNT, "not_started": COUNT}
        ),
        "domains": list_of(
            thing(
                {"id": TEXT, "title": TEXT, "n": COUNT, "joint": or_null(POINTS)}
                | {side: or_null(POINTS) for side in SIDES}
                | {"gap": or_null(GAP)}
            )
        ),
        "common_gaps": list_of(
            thing(
                {
                    "item": TEXT,
                    "n": COUNT,
                    "mean": SCORE,
                    "below": {**COUNT, "description": "Pairs below the target."},
                    "apart": {**COUNT, "description": "Pairs whose sides are two or more apart."},
                    "action": or_null(TEXT),
                }
            )
        ),
        "trend": or_null(
            thing({"previous_cycle": TEXT, "pairs": COUNT, "items": COUNT, "index_change": or_null(CHANGE)})
        ),
    }
)

WILSON = hideable(
    {"top_two": or_null(SHARE), "n": or_null(COUNT), "low": or_null(SHARE), "high": or_null(SHARE)},
    description="The share of the two best answers of n, with a Wilson interval of 95 %.",
)
PRODUCTS_SHAPE = thing(
    {
        "cycle": or_null(TEXT),
        "fusion_center": or_null(TEXT),
        "released": or_null(DATE),
        "invited": or_null(COUNT),
        "responded": COUNT,
        "response_rate": thing({"definition": TEXT, "value": or_null(SHARE)}),
        "headline": thing({"usefulness": named("TopTwo"), "quality": named("TopTwo")}),
        "attributes": list_of(
            hideable(
                {
                    "id": TEXT,
                    "importance": or_null(RATING),
                    "performance": or_null(RATING),
                    "n": or_null(COUNT),
                    "quadrant": or_null(
                        choice("concentrate_here", "keep_up", "low_priority", "possible_overkill")
                    ),
                }
            )
        ),
        "product_types": list_of(
            hideable(
                {"id": TEXT, "usefulness": or_null(RATING), "quality": or_null(RATING), "n": or_null(COUNT)}
            )
        ),
        "quality_score": hideable({"mean": or_null(NUMBER), "n": or_null(COUNT)}),
        "reliability": hideable({"alpha": or_null(NUMBER), "omega": or_null(NUMBER), "n": or_null(COUNT)}),
        "groups": list_of(thing({"group": choice("eoc", "other"), "usefulness": named("TopTwo")})),
        "difference": or_null(
            hideable(
                {
                    name: or_null({"type": "number", "minimum": -1, "maximum": 1})
                    for name in ("value", "low", "high")
                },
                description="Usefulness as the EOC sees it, less the others.",
            )
        ),
        "synthetic": SYNTHETIC,
    },
    optional=["synthetic"],
)

GUIDANCE_SHAPE = hideable({name: or_null(COUNT) for name in (*GUIDANCE, "n")})
BASELINE = thing(
    {side: thing(dict.fromkeys(("not_seen", "seen_not_used", "left", "n"), COUNT)) for side in SIDES}
    | {"headline": TEXT},
    description="What inspectors found in 2011; its parts do not add up.",
)
NETWORK_SHAPE = thing(
    {
        "cycle": TEXT,
        "released": or_null(DATE),
        "scope": thing({"region": or_null(COUNT), "state": or_null(TEXT), "eoc_level": TEXT}, ["eoc_level"]),
        "pairs": thing({"expected": COUNT, "complete": COUNT, "one_sided": COUNT, "not_started": COUNT}),
        "index": hideable(
            {"n": or_null(COUNT)} | {name: or_null(POINTS) for name in ("mean", "median", "q1", "q3")}
        ),
        "levels": list_of(hideable({"level": LEVEL, "name": TEXT, "count": or_null(COUNT)})),
        "domains": list_of(
            hideable(
                {"id": TEXT, "mean": or_null(POINTS), "gap": or_null(GAP)}
                | {side: or_null(POINTS) for side in SIDES}
                | {"n": or_null(COUNT)}
            )
        ),
        "groups": list_of(
            hideable(
                {
                    "by": choice("fema_region", "state", "eoc_level"),
                    "value": {"type": ["integer", "string"]},
                    "n": or_null(COUNT),
                    "mean": or_null(POINTS),
                }
            )
        ),
        "guidance": thing({side: named("Guidance") for side in SIDES} | {"baseline_2011": BASELINE}),
        "common_gaps": list_of(thing({"item": TEXT, "n": or_null(COUNT), "mean": or_null(SCORE)})),
        "items": list_of(
            hideable({"id": TEXT, "n": or_null(COUNT), "mean": or_null(SCORE), "difference": or_null(APART)})
        ),
        "trend": or_null(
            hideable(
                {"previous_cycle": TEXT, "n": or_null(COUNT)}
                | {name: or_null(POINTS) for name in ("previous", "current")}
                | {name: or_null(NUMBER) for name in ("change", "low", "high")}
            )
        ),
    },
    description="A number that rests on too few pairs is null, as are all before the cycle first closes.",
)

PAIR = Endpoint(
    "pair_report",
    "How one pair stands, as its two sides see it",
    Scope.REPORTS,
    "PairReport",
    (CYCLE,),
    (FUSION_CENTER, EOC),
    {"PairReport": PAIR_SHAPE},
)
CENTER_REPORT = Endpoint(
    "center_report",
    "All pairs of one center",
    Scope.REPORTS,
    "CenterReport",
    (CYCLE,),
    (CENTER,),
    {"CenterReport": CENTER_SHAPE},
)
PRODUCTS = Endpoint(
    "products_report",
    "What partners say about a fusion center's products",
    Scope.REPORTS,
    "ProductsReport",
    (CYCLE,),
    (FUSION_CENTER,),
    {"ProductsReport": PRODUCTS_SHAPE, "TopTwo": WILSON},
)
NETWORK = Endpoint(
    "network_report",
    "What is released of the network, in one scope",
    Scope.REPORTS,
    "NetworkReport",
    (CYCLE, REGION, STATE, EOC_LEVEL),
    schemas={"NetworkReport": NETWORK_SHAPE, "Guidance": GUIDANCE_SHAPE},
)
