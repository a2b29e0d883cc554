"""Signing in at a real identity provider, in a browser that takes it for another site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from assessment.accounts.provider import provider_of
from assessment.models.identities import ProviderIdentity
from questionnaires.definition import Side
from questionnaires.library import Library
from tests.accounts.real_provider import client, real_provider
from tests.accounts.travelling import known
from tests.browser.live import Site, sqlite_site
from tests.browser.paper import Paper
from tests.browser.test_every_page import look

SECRET = "a secret of tests"


@dataclass(frozen=True)
class Abroad:
    """A site, and people's way through the pages of its identity provider."""

    site: Site
    issuer: str

    def sign_in(self, page: Page, name: str) -> None:
        """From our sign-in page on; what follows is the provider's business until it sends back."""
        page.get_by_role("button", name="Sign in with Example ID").click()
        page.locator('input[name="login"]').fill(name)
        page.locator('input[name="password"]').fill("any")
        page.locator('button[type="submit"]').click()
        page.locator('button[type="submit"]').click()  # yes, Tandem may know my e-mail address
        page.wait_for_url(f"{self.site.url}/**")


@pytest.fixture(scope="module")
def near_a_provider(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library
) -> Iterator[Abroad]:
    """One site and one provider for all of these tests."""
    folder = tmp_path_factory.mktemp("provider")
    with sqlite_site(folder, sqlite_template, library) as site:
        clients = [client(site.url, client_id="tandem", client_secret=SECRET)]
        with real_provider(clients, host="localhost") as issuer:
            ours = provider_of(known(issuer, client_secret=SECRET), site.url)
            site.network.app.extensions["tandem.provider"] = ours
            yield Abroad(site, issuer)


@pytest.fixture
def abroad(near_a_provider: Abroad) -> Iterator[Abroad]:
    """Nobody is linked, whichever test was before."""
    yield near_a_provider
    with near_a_provider.site.network.database.writing() as session:
        session.execute(delete(ProviderIdentity))


def strictly(page: Page) -> Page:
    """Troubles of our pages count; those of the provider's own pages are not ours."""
    page.context.expect_error("^http://localhost")  # type: ignore[attr-defined]
    page.context.expect_error("status of 40[03]")  # type: ignore[attr-defined]
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_there_and_back_and_out(abroad: Abroad, open_page: Callable[..., Page], scripts: bool) -> None:
    page = strictly(open_page(abroad.site, java_script_enabled=scripts))
    page.goto("/cycles?sort=code")
    abroad.sign_in(page, "manager")
    assert page.url == f"{abroad.site.url}/cycles?sort=code"
    page.goto("/account")
    expect(page.get_by_text("manager@example.gov")).to_be_visible()
    page.get_by_role("button", name="Sign out here and at Example ID").click()
    page.locator('button[value="yes"]').click()
    page.wait_for_url(f"{abroad.site.url}/sign-in**")
    page.goto("/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_what_was_typed_survives(abroad: Abroad, open_page: Callable[..., Page]) -> None:
    """The sign-in has ended, the form is posted, the provider lies between: one click saves it."""
    abroad.site.network.open()
    page = strictly(open_page(abroad.site, "manager", java_script_enabled=False))
    page.context.expect_error("status of 401")  # type: ignore[attr-defined]
    page.goto("/work")
    page.get_by_role("link", name="Start").click()
    paper = Paper(abroad.site, page, Side.EOC)
    first = paper.pages()[0].questions[0]
    paper.choose(first.id, "2")
    abroad.site.end_sign_ins()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("You were signed out before this was saved")).to_be_visible()
    abroad.sign_in(page, "manager")
    page.get_by_role("button", name="Save it now").click()
    assert list(paper.stored()) == [first.id]


def test_each_page_is_usable_by_everybody(abroad: Abroad, open_page: Callable[..., Page]) -> None:
    page = strictly(open_page(abroad.site))
    page.goto("/sign-in")
    problems = look(page, "sign-in page")
    page.route(f"{abroad.issuer}/**", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Sign in with Example ID").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On to Example ID")
    problems += look(page, "on to the provider")
    page.unroute(f"{abroad.issuer}/**")
    page.goto("/sign-in")
    abroad.sign_in(page, "stranger")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not listed here")
    problems += look(page, "nobody is listed")
    page.goto("/sign-in/provider/back?state=none")
    expect(page.get_by_text("was not begun in this browser")).to_be_visible()
    problems += look(page, "a sign-in that failed")
    assert not problems, "\n".join(problems)


def test_the_account_says_what_is_linked(abroad: Abroad, open_page: Callable[..., Page]) -> None:
    page = strictly(open_page(abroad.site, "director"))
    page.goto("/account")
    problems = look(page, "account that is not linked")
    page.goto("/sign-in")
    page.goto("/account")
    page.get_by_role("button", name="Link an account at Example ID").click()
    page.locator('input[name="login"]').fill("stranger")
    page.locator('input[name="password"]').fill("any")
    page.locator('button[type="submit"]').click()
    page.locator('button[type="submit"]').click()
    page.wait_for_url(f"{abroad.site.url}/account")
    expect(page.get_by_text("is linked. You can sign in with it")).to_be_visible()
    problems += look(page, "account that is linked")
    admin = open_page(abroad.site, "admin")
    admin.goto("/people")
    admin.get_by_role("link", name="Director Example").click()
    problems += look(admin, "a person who is linked")
    admin.get_by_role("button", name="Unlink the account at Example ID").click()
    expect(admin.get_by_text("no longer linked to an account at Example ID")).to_be_visible()
    assert not problems, "\n".join(problems)
