"""A form for each endpoint that would work if sent by the right person: what to post, to what, and by whom.

Sent by anybody else it must change nothing; with fields that are not of the form it must change no more than
without them. ``changes`` names tables that it does change, so that a form that works no longer shows here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.access.world import World
from tests.conftest import PASSWORD

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Post:
    by: str
    thing: str = "the page"
    fields: Fields | Callable[[World], Fields] = field(default_factory=dict)
    changes: frozenset[str] = frozenset()
    also: str = ""  # further fields that the form has

    def own_fields(self, world: World) -> set[str]:
        return {*self.of(world), *self.also.split()}

    def of(self, world: World) -> dict[str, str]:
        return dict(self.fields(world) if callable(self.fields) else self.fields)


def post(by: str, thing: str, changes: str, also: str = "", **fields: str) -> Post:
    return Post(by, thing, fields, frozenset(changes.split()), also)


OWN_FORM, FULL_FORM = "the form of FC-CO with EOC-CO in spring", "the form of FC-NV with EOC-NV in spring"
SUBMITTED_FORM = "the form of EOC-CO with FC-CO in spring"
SCHEDULE = {
    "title": "Our products",
    "opens": "2026-06-20",
    "closes": "2026-07-20",
    "period_from": "2025-06-15",
    "period_to": "2026-06-15",
    "recurrence": "none",
}
NEW_PASSWORD = "seven quiet herons wade"
CENTER = {"name": "Colorado Center", "level": "primary", "state": "CO", "city": "Denver", "active": "y"}
RIGHTS, STAFF = "regions states", {"role": "staff", "centers": "EOC-DEN"}
PACKAGE = {"kind": "network-package", "format": "csv", "cycle": "winter"}
CENTERS_FILE = "code,name,kind,level,state,fema_region\nEOC-NM,New Mexico EOC,eoc,state,NM,6\n"
PARTNERS_FILE = (
    "email,name,organization,sector,level,state\nann@eoc.example.gov,Ann,Larimer EOC,eoc,county,CO\n"
)
PEOPLE_FILE = "email,name,role,centers\nnew@example.gov,New One,staff,EOC-CO\n"

POSTS: dict[str, Post] = {
    "accounts.sign_in": post(
        "nobody", "the page", "sign_ins", email="manager@example.gov", password=PASSWORD
    ),
    "accounts.sign_out": post("director", "the page", "sign_ins"),
    "own_account.end_sign_ins": post("director", "the page", "sign_ins"),
    "own_account.change_password": post(
        "director", "the page", "people", old=PASSWORD, new=NEW_PASSWORD
    ),
    "account_links.forgot": post("nobody", "the page", "account_letters", email="manager@example.gov"),
    "account_links.invitation": post("nobody", "an invitation that is usable", "people", new=NEW_PASSWORD),
    "account_links.reset": post("nobody", "a reset", "people", new=NEW_PASSWORD),
    "factors.make_codes": post("director", "the page", "recovery_codes"),
    "factors.rename_passkey": post("director", "the passkey of director", "passkeys", name="Ring"),
    "factors.remove_passkey": post("director", "the passkey of director", "passkeys"),
    "access_tokens.make": post(
        "director", "the page", "access_tokens", name="Figures", scopes="reports:read", days="30"
    ),
    "access_tokens.revoke": post("director", "the token of director", "access_tokens"),
    "people.new": post(
        "admin", "the page", "people", RIGHTS, email="new@example.gov", name="New", **STAFF
    ),
    "people.upload": post("admin", "the page", "people", text=PEOPLE_FILE, apply="yes"),
    "people.edit": post(
        "admin", "the account of manager", "people", RIGHTS, name="Manager", **STAFF
    ),
    "privacy.erase": post("admin", "the account of manager", "people", sure="y"),
    "people.invitation": post("admin", "the account of manager", "", step="withdraw"),
    "people.switch": post("admin", "the account of manager", "people", active="no"),
    "factors.remove_somebodys": post("admin", "the account of nevada", "passkeys"),
    "responding.save": post(
        "director",
        f"a page of {OWN_FORM}",
        "answers",
        **{"rev_GOV-01": "0", "was_GOV-01": "", "q_GOV-01": "3", "note_GOV-01": "Yes", "page": "p"},
    ),
    "responding.submit": post("nevada", FULL_FORM, "responses", name="N. V.", title="Head", participants="2"),
    "responding.reopen": post("admin", SUBMITTED_FORM, "responses answers", reason="A slip"),
    "delegation.give": Post(
        "director",
        OWN_FORM,
        lambda world: {"section_GOV": world.ids["person analyst"]},
        frozenset({"delegations"}),
    ),
    "cycles.new": post(
        "admin",
        "the page",
        "cycles cycle_pairs responses",
        title="Fall",
        code="fall",
        questionnaire="worked-example 1.0",
        opens="2026-09-01",
        closes="2026-10-01",
    ),
    "cycles.close": post("admin", "the open cycle", "cycles"),
    "cycles.reopen": post("admin", "the closed cycle", "cycles", closes="2026-07-31"),
    "directory.new_center": post(
        "admin", "the page", "centers", code="EOC-NM", **CENTER | {"level": "state"}
    ),
    "directory.edit_center": post("admin", "FC-CO", "centers", **CENTER),
    "directory.upload_centers": post("admin", "the page", "centers", text=CENTERS_FILE, apply="yes"),
    "directory.add_pair": post("admin", "the page", "pairs", fusion_center="FC-WY", eoc="EOC-CO"),
    "directory.switch_pair": post("admin", "FC-CO with EOC-CO", "pairs", active="no"),
    "directory.upload_pairs": post(
        "admin", "the page", "pairs", text="fusion_center,eoc\nFC-WY,EOC-CO\n", apply="yes"
    ),
    "survey_setup.new": post("director", "the page", "surveys cycles", **SCHEDULE),
    "survey_setup.schedule": post("director", "survey plan", "cycles", **SCHEDULE),
    "survey_setup.promise": post("director", "survey plan", "surveys", mode="anonymous", floor="12"),
    "survey_setup.questions": post("director", "survey plan", "survey_topics", topics="T-01"),
    "survey_setup.add_own": post("director", "survey plan", "surveys", wording="Maps?", kind="yes_no"),
    "survey_setup.remove_own": post("director", "survey plan", "", question="OWN-01"),
    "survey_setup.own_text": post("director", "survey plan", "", text=""),
    "survey_setup.check": post("director", "survey plan", "surveys", open_link="y", cap="70"),
    "survey_setup.open_now": post("director", "survey plan", ""),
    "survey_setup.test_message": post("director", "survey open", ""),
    "survey_setup.words": post(
        "director", "survey plan", "message_templates", subject="Please", body="{link} {opt_out}"
    ),
    "survey_partners.add": post(
        "director", "survey open", "partners", email="new@agency.example", sector="", level="", state=""
    ),
    "survey_partners.add_several": post("director", "survey open", "survey_partners", group="managers"),
    "survey_partners.switch": post("director", "survey open", "partners", asked="never"),
    "survey_partners.upload": post("director", "survey open", "partners", text=PARTNERS_FILE, apply="yes"),
    "surveys.send": post("director", "survey open", "messages"),
    "surveys.remind": post("director", "survey open", ""),
    "surveys.close": post("director", "survey open", "surveys cycles"),
    "surveys.copy": post("director", "survey closed", "surveys cycles"),
    "surveys.share": post("director", "survey open", "surveys", shared="yes"),
    "surveys.open_link": post("director", "survey open", "surveys"),
    "surveys.end_open_link": post("director", "survey open", ""),
    "surveys.note_bounce": post("director", "survey open", "", email="partner0@agency.example"),
    "surveys.decide": post("director", "survey open", "messages", decision="again"),
    "survey.start": post("nobody", "a link that is usable", "survey_drafts"),
    "survey.leave": post("nobody", "a way off the list", "partners"),
    "reports.share": post("director", "FC-CO with EOC-DEN", "pair_shares", shared="yes"),
    "network_exports.ask": post(
        "director", "the page", "exports", "state region level", **PACKAGE
    ),
    "network_exports.delete": post("director", "the file of director", "exports"),
}  # fmt: skip

NO_FORM = {
    "confirming.confirm": "asks for the password again",
    "confirming.confirm_by_passkey": "needs an authenticator",
    "confirming.passkey_options": "changes nothing",
    "factors.add_app": "needs an authenticator",
    "factors.remove_app": "there is none in this world",
    "factors.add_passkey": "needs an authenticator",
    "factors.passkey_options": "changes nothing",
    "product_reports.review": "a comment is named by a hash",
    "provider.start": "no identity provider is set up",
    "provider.start_link": "no identity provider is set up",
    "provider.sign_out": "no identity provider is set up",
    "provider.unlink": "no identity provider is set up",
    "second_factor.ask": "needs an authenticator",
    "second_factor.passkey_options": "changes nothing",
    "second_factor.second_factor_by_passkey": "needs an authenticator",
    "second_factor.sign_in_by_passkey": "needs an authenticator",
    "sign_in_time.stay": "keeps a sign-in from ending",
    "survey.save": "tested with drafts",
    "survey.finish": "tested with drafts",
}
