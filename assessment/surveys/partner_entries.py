"""What is said of one partner, from a line of a file or from a form, and what is wrong with it. Pure.

A formula in a name is text like any other: it is kept as it is, and made harmless where a file is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessment.directory.csv_files import quoted
from assessment.directory.states import NAMES

REQUIRED = ("email",)
OPTIONAL = ("name", "organization", "sector", "level", "state")
LONGEST = {"email": 254, "name": 200, "organization": 200}

SECTORS = {  # the codes of P-01 and P-02, in their order
    "eoc": "EOC or emergency management",
    "fire_ems": "Fire/EMS",
    "law_enforcement": "Law enforcement",
    "public_health": "Public health",
    "infrastructure": "Infrastructure or private sector",
    "executive": "Elected or executive office",
    "other": "Other",
}
LEVELS = {
    "state": "State",
    "territory": "Territory",
    "tribal": "Tribal",
    "regional": "Regional (several counties or cities)",
    "county": "County or parish",
    "city": "City or town",
    "special_district": "Special district",
    "federal": "Federal",
    "private": "Private",
}

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+{_LABEL}")

Faults = dict[str, str]  # column -> what is wrong in it


@dataclass(frozen=True)
class PartnerEntry:
    """A partner as it shall be. None: nothing is said, what is there stays."""

    email: str
    name: str | None = None
    organization: str | None = None
    sector: str | None = None
    level: str | None = None
    state: str | None = None


def partner_entry(cells: Mapping[str, str]) -> PartnerEntry | Faults:
    """The entry of these cells, or for each bad column the sentence that says why."""
    faults = {}
    if fault := address_fault(cells["email"]):
        faults["email"] = fault
    for column in ("name", "organization"):
        if fault := _text_fault(column, cells.get(column, "")):
            faults[column] = fault
    for column, known in (("sector", SECTORS), ("level", LEVELS)):
        if cells.get(column) and _code(cells[column], known) is None:
            faults[column] = f"{quoted(cells[column])} is not a {column}. Use {_choice(list(known))}."
    if cells.get("state") and cells["state"].upper() not in NAMES:
        faults["state"] = (
            f"{quoted(cells['state'])} is not a state or territory. Use its postal code, such as CO."
        )
    return faults or _entry(cells)


def _entry(cells: Mapping[str, str]) -> PartnerEntry:
    return PartnerEntry(
        email=cells["email"].lower(),
        name=cells.get("name"),
        organization=cells.get("organization"),
        sector=_code(cells["sector"], SECTORS) if "sector" in cells else None,
        level=_code(cells["level"], LEVELS) if "level" in cells else None,
        state=cells["state"].upper() if "state" in cells else None,
    )


def address_fault(address: str) -> str | None:
    """Why no message could be sent to this address."""
    if not address:
        return "is empty. Each partner needs an e-mail address."
    if len(address) > LONGEST["email"] or len(address.partition("@")[0]) > 64:
        return f"{quoted(address)} is too long for an e-mail address."
    if not ADDRESS.fullmatch(address):
        return f"{quoted(address)} is not an e-mail address. Write it like name@example.gov, without a name."
    return None


def _text_fault(column: str, text: str) -> str | None:
    if len(text) > LONGEST[column]:
        return f"{quoted(text)} has {len(text)} characters, more than {LONGEST[column]}. Shorten it."
    if not text.isprintable():
        return f"{quoted(text)} holds a line break or another character that cannot be shown. Take it away."
    return None


def _code(text: str, known: Mapping[str, str]) -> str | None:
    """The code that this text is, or is the label of; None where it is neither. Empty stays empty."""
    wanted = text.casefold()
    if not wanted:
        return ""
    return next((code for code, label in known.items() if wanted in (code, label.casefold())), None)


def _choice(values: list[str]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"
