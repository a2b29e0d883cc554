"""What stands in for the variable parts of addresses, so that each page of a furnished site can be opened."""

from __future__ import annotations

from tests.browser.furnished import public_ids
from tests.browser.live import Site

Key = tuple[str, frozenset[str]]  # blueprint, names of the variable parts

FORMS = [  # half done, complete, waiting, revealed, reopened, untouched
    ("FC-CO", "EOC-CO", "eoc", "spring"),
    ("FC-CO", "EOC-CO", "fusion_center", "spring"),
    ("FC-CO", "EOC-DEN", "fusion_center", "spring"),
    ("FC-CO", "EOC-CO", "eoc", "winter"),
    ("FC-CO", "EOC-CO", "eoc", "correction"),
    ("FC-WY", "EOC-WY", "fusion_center", "spring"),
]
PAIRS = [("FC-CO", "EOC-CO"), ("FC-CO", "EOC-DEN"), ("FC-WY", "EOC-WY")]


def samples_of(site: Site) -> dict[Key, list[dict[str, str]]]:
    forms = [{"public_id": site.network.response_id(*form)} for form in FORMS]
    checklist = site.network.response_id("FC-CO", "EOC-CO", "eoc", "checklist")
    sections = [{**form, "slug": "GOV"} for form in forms] + [{"public_id": checklist, "slug": "REL"}]
    pairs = [
        {"fusion_center": fc, "eoc": eoc, "cycle": cycle}
        for fc, eoc in PAIRS
        for cycle in ("winter", "spring")
    ]
    return {
        ("people", frozenset({"public_id"})): [{"public_id": public_ids(site)["director"]}],
        ("responding", frozenset({"public_id"})): forms,
        ("delegation", frozenset({"public_id"})): forms,
        ("responding", frozenset({"public_id", "slug"})): sections,
        ("cycles", frozenset({"code"})): [{"code": code} for code in ("spring", "winter", "autumn")],
        ("directory", frozenset({"code"})): [{"code": code} for code in ("FC-CO", "EOC-CO")],
        ("privacy", frozenset({"public_id"})): [{"public_id": public_ids(site)["director"]}],
        ("audit_pages", frozenset({"code"})): [{"code": code} for code in ("FC-CO", "EOC-CO")],
        ("center_reports", frozenset({"code"})): [
            {"code": code, "cycle": cycle}
            for code in ("FC-CO", "EOC-CO", "EOC-WY")
            for cycle in ("winter", "spring")
        ],
        ("reports", frozenset({"fusion_center", "eoc"})): pairs,
        ("product_reports", frozenset({"fusion_center"})): [
            {"fusion_center": "FC-CO", "cycle": cycle}
            for cycle in ("products-closed", "products-few", "products-open")
        ],
    }
