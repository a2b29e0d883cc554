"""As it is served in earnest, over HTTPS: forms work in a browser, also on pages that send no referrer."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from playwright.sync_api import Page, expect

from assessment.surveys.links import opt_out_token
from questionnaires.library import Library
from tests.browser.live import HOST, Site, running_site
from tests.conftest import PASSWORD, email_of
from tests.surveys.world import make_world

ANN = "ann@example.gov"


@pytest.fixture
def secure_site(tmp_path: Path, sqlite_template: Path, library: Library) -> Iterator[Site]:
    file = tmp_path / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert(HOST).configure_cert(context)
    with running_site(tmp_path, f"sqlite:///{file}", library, tls=context) as site:
        yield site


def test_a_survey_is_begun_answered_and_left(secure_site: Site, open_page: Callable[..., Page]) -> None:
    world = make_world(secure_site.network)
    page = open_page(secure_site, ignore_https_errors=True)
    page.goto(f"/s/{world.invite(ANN)}")
    page.get_by_role("button", name="Start").click()
    page.locator('input[name="q_P-01"] + label').first.click()
    expect(page.locator("#status-P-01")).to_contain_text("Saved")
    page.locator('input[name="q_P-02"] + label').first.click()
    page.locator(".answer-bar button").click()
    expect(page.locator(".survey-progress")).to_contain_text("Page 2")
    ((partner,),) = world.rows("SELECT public_id FROM partners")
    page.goto(f"/opt-out/{opt_out_token(partner, secure_site.network.app.config['SECRET_KEY'])}")
    page.get_by_role("button", name="Send me no more").click()
    expect(page.locator("h1")).to_have_text("No more surveys")
    assert world.rows("SELECT count(*) FROM partners WHERE opted_out_on IS NOT NULL") == [(1,)]


def test_somebody_signs_in_and_out(secure_site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(secure_site, ignore_https_errors=True)
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email_of("director"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/work")
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "__Host-tandem"]
    assert cookie["secure"]
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
