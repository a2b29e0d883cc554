"""What each endpoint's address is filled with, and which roles get what: no route without a line here.

``things`` names the family in ``things.py``; ``read`` says who gets a page for a GET, ``write`` who may post.
Everybody else gets the 404 of what is not there. What a form must hold to work is in ``posts.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.access import rules
from tests.access.rules import Rule


@dataclass(frozen=True)
class Line:
    things: str
    read: Rule | None = None
    write: Rule | None = None
    public: bool = False  # the same for everybody, signed in or not
    slow: bool = False  # a page that takes long to make


def page(things: str, read: Rule) -> Line:
    return Line(things, read=read)


def report(things: str, read: Rule) -> Line:
    return Line(things, read=read, slow=True)


def form(things: str, write: Rule) -> Line:
    return Line(things, write=write)


def both(things: str, rule: Rule) -> Line:
    return Line(things, read=rule, write=rule)


def public(things: str, *methods: str) -> Line:
    rule = rules.everybody
    return Line(things, rule if "GET" in methods else None, rule if "POST" in methods else None, public=True)


LINES: dict[str, Line] = {
    # signing in, one's own account
    "accounts.start": page("nothing", rules.everybody),
    "accounts.sign_in": public("nothing", "GET", "POST"),
    "accounts.sign_out": public("nothing", "POST"),
    "own_account.account": page("nothing", rules.everybody),
    "own_account.end_sign_ins": form("nothing", rules.everybody),
    "own_account.change_password": form("nothing", rules.everybody),
    "account_links.forgot": public("nothing", "GET", "POST"),
    "account_links.invitation": public("invitations", "GET", "POST"),
    "account_links.reset": public("resets", "GET", "POST"),
    "second_factor.ask": public("nothing", "GET", "POST"),
    "second_factor.passkey_options": public("nothing", "POST"),
    "second_factor.second_factor_by_passkey": public("nothing", "POST"),
    "second_factor.sign_in_by_passkey": public("nothing", "POST"),
    "provider.start": public("provider", "POST"),
    "provider.back": public("provider", "GET"),
    "provider.sign_out": public("nothing", "POST"),
    "provider.start_link": form("provider", rules.everybody),
    "sign_in_time.stay": form("nothing", rules.everybody),
    "sign_in_time.time_left": public("nothing", "GET"),
    "visible.why": page("nothing", rules.everybody),
    "confirming.confirm": both("nothing", rules.everybody),
    "confirming.confirm_by_passkey": form("nothing", rules.everybody),
    "confirming.passkey_options": form("nothing", rules.everybody),
    "factors.overview": page("nothing", rules.everybody),
    "factors.add_app": both("nothing", rules.everybody),
    "factors.remove_app": form("nothing", rules.everybody),
    "factors.add_passkey": both("nothing", rules.everybody),
    "factors.passkey_options": form("nothing", rules.everybody),
    "factors.rename_passkey": both("passkeys", rules.is_it),
    "factors.remove_passkey": form("passkeys", rules.is_it),
    "factors.make_codes": form("nothing", rules.everybody),
    "access_tokens.page": page("nothing", rules.everybody),
    "access_tokens.make": form("nothing", rules.everybody),
    "access_tokens.revoke": form("tokens", rules.is_it),
    "privacy.privacy": public("nothing", "GET"),
    "privacy.data": page("nothing", rules.everybody),
    "privacy.data_file": page("nothing", rules.everybody),
    # people
    "privacy.erase": both("people", rules.administrator),
    "people.index": page("nothing", rules.administrator),
    "people.new": both("nothing", rules.administrator),
    "people.upload": both("nothing", rules.administrator),
    "people.edit": both("people", rules.administrator),
    "people.switch": form("people", rules.administrator),
    "people.invitation": form("people", rules.administrator),
    "factors.remove_somebodys": form("people", rules.administrator),
    "provider.unlink": form("people", rules.administrator),
    # the trail
    "audit_pages.index": page("nothing", rules.administrator),
    "audit_pages.check": page("nothing", rules.administrator),
    "audit_pages.events_file": page("nothing", rules.administrator),
    "audit_pages.of_center": page("centers", rules.center_trail),
    # lists for programs
    "api.page": page("nothing", rules.everybody),
    "api.document": page("nothing", rules.everybody),
    "api.centers": page("nothing", rules.everybody),
    "api.cycles": page("nothing", rules.everybody),
    "api.pairs": page("nothing", rules.everybody),
    "api.people": page("nothing", rules.administrator),
    "api.surveys": page("nothing", rules.watches_some),
    # answering
    "responding.work": page("nothing", rules.everybody),
    "responding.resume": page("forms", rules.of_its_center),
    "responding.section": page("sections", rules.of_its_center),
    "responding.save": form("saved_sections", rules.of_its_center),
    "responding.review": page("forms", rules.of_its_center),
    "responding.submit": form("forms", rules.leads_its_center),
    "responding.receipt": page("forms", rules.of_its_center),
    "responding.reopen": both("forms", rules.administrator),
    "delegation.people": page("forms", rules.gives_sections),
    "delegation.give": form("forms", rules.gives_sections),
    # cycles, the directory
    "cycles.index": page("nothing", rules.everybody),
    "cycles.new": both("nothing", rules.administrator),
    "cycles.progress": page("cycles", rules.everybody),
    "cycles.close": form("cycles", rules.administrator),
    "cycles.reopen": form("cycles", rules.administrator),
    "directory.centers": page("nothing", rules.everybody),
    "directory.center": page("centers", rules.everybody),
    "directory.new_center": both("nothing", rules.administrator),
    "directory.edit_center": both("centers", rules.administrator),
    "directory.upload_centers": both("nothing", rules.administrator),
    "directory.pairs": page("nothing", rules.everybody),
    "directory.add_pair": both("nothing", rules.administrator),
    "directory.switch_pair": form("pairs", rules.administrator),
    "directory.upload_pairs": both("nothing", rules.administrator),
    # surveys
    "surveys.index": page("nothing", rules.watches_some),
    "surveys.watch": page("surveys", rules.watches_survey),
    "surveys.progress": page("surveys", rules.watches_survey),
    "survey_setup.preview": page("surveys", rules.watches_survey),
    "survey_setup.new": both("nothing", rules.some_fusion_center),
    "survey_setup.schedule": both("surveys", rules.its_director),
    "survey_setup.promise": both("surveys", rules.its_director),
    "survey_setup.questions": both("surveys", rules.its_director),
    "survey_setup.add_own": form("surveys", rules.its_director),
    "survey_setup.remove_own": form("surveys", rules.its_director),
    "survey_setup.own_text": form("surveys", rules.its_director),
    "survey_setup.check": both("surveys", rules.its_director),
    "survey_setup.open_now": form("surveys", rules.its_director),
    "survey_setup.test_message": form("surveys", rules.its_director),
    "survey_setup.words": both("survey_words", rules.its_director),
    "survey_partners.partners": page("surveys", rules.its_director),
    "survey_partners.add": form("surveys", rules.its_director),
    "survey_partners.add_several": form("surveys", rules.its_director),
    "survey_partners.switch": form("survey_partners", rules.its_director),
    "survey_partners.upload": both("surveys", rules.its_director),
    "surveys.send": form("surveys", rules.its_director),
    "surveys.remind": form("surveys", rules.its_director),
    "surveys.close": form("surveys", rules.its_director),
    "surveys.copy": form("surveys", rules.its_director),
    "surveys.share": form("surveys", rules.its_director),
    "surveys.open_link": form("surveys", rules.its_director),
    "surveys.end_open_link": form("surveys", rules.its_director),
    "surveys.note_bounce": form("surveys", rules.its_director),
    "surveys.decide": form("survey_messages", rules.its_director),
    # behind survey links
    "survey.first": public("links", "GET"),
    "survey.start": public("links", "POST"),
    "survey.section": public("link_pages", "GET"),
    "survey.save": public("link_pages", "POST"),
    "survey.review": public("links", "GET"),
    "survey.finish": public("links", "POST"),
    "survey.done": public("links", "GET"),
    "survey.opt_out": public("opt_outs", "GET"),
    "survey.leave": public("opt_outs", "POST"),
    # reports
    "reports.pair": report("pair_reports", rules.pair_report),
    "reports.pair_items": report("pair_reports", rules.pair_items),
    "reports.pair_json": report("pair_reports", rules.pair_report),
    "reports.share": form("pairs", rules.leads_its_center),
    "center_reports.page": report("center_reports", rules.center_report),
    "center_reports.pairs_csv": report("center_reports", rules.center_report),
    "center_reports.center_json": report("center_reports", rules.center_report),
    "network_reports.page": report("network", rules.network_scope),
    "network_reports.graph": report("network", rules.network_scope),
    "network_reports.network_json": report("network", rules.network_scope),
    "network_exports.files": report("network_files", rules.network_scope),
    "network_exports.exports": page("nothing", rules.everybody),
    "network_exports.ask": form("nothing", rules.everybody),
    "network_exports.fetch": page("exports", rules.nobody_yet),
    "network_exports.delete": form("exports", rules.is_it),
    "product_reports.products": report("products", rules.product_results),
    "product_reports.products_json": report("products", rules.product_results),
    "product_reports.products_file": report("product_files", rules.product_file),
    "product_reports.comments": page("products", rules.comments),
    "product_reports.review": form("products", rules.comments),
    # explanations, the machine
    "reports.methods": page("nothing", rules.everybody),
    "reports.glossary": page("nothing", rules.everybody),
    "health.healthz": public("nothing", "GET"),
    "health.readyz": public("nothing", "GET"),
}
