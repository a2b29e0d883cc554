"""What the reports take and give as JSON, as the document of the API says it: the contract in JSON Schema."""

from __future__ import annotations

from assessment.api.endpoints import Endpoint, Parameter, Schema
from assessment.api.scopes import Scope

CODE: Schema = {"type": "string", "maxLength": 40}
CYCLE = Parameter("cycle", "The code of a cycle; without it the latest that you may read.", CODE)
REGION = Parameter("region", "A FEMA region, 1 to 10.", {"type": "string", "maxLength": 10})
STATE = Parameter("state", "Two letters of a state.", {"type": "string", "maxLength": 10})
EOC_LEVEL = Parameter(
    "level", "A level of EOCs, such as state or county.", {"type": "string", "maxLength": 20}
)


def in_path(name: str, what: str) -> Parameter:
    return Parameter(name, what, CODE)


FUSION_CENTER = in_path("fusion_center", "The code of a fusion center.")
EOC = in_path("eoc", "The code of an EOC.")
CENTER = in_path("code", "The code of a center.")

PAIR = Endpoint(
    "pair_report",
    "What a pair reads of itself",
    Scope.REPORTS,
    {"type": "object"},
    (CYCLE,),
    (FUSION_CENTER, EOC),
)
CENTER_REPORT = Endpoint(
    "center_report", "All pairs of one center", Scope.REPORTS, {"type": "object"}, (CYCLE,), (CENTER,)
)
PRODUCTS = Endpoint(
    "products_report",
    "A product survey's results",
    Scope.REPORTS,
    {"type": "object"},
    (CYCLE,),
    (FUSION_CENTER,),
)
NETWORK = Endpoint(
    "network_report",
    "What is released of the network",
    Scope.REPORTS,
    {"type": "object"},
    (CYCLE, REGION, STATE, EOC_LEVEL),
)
