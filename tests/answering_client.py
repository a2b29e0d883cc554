"""One side's form as a browser without scripts, or our script, handles it."""

from __future__ import annotations

import html
import re
from typing import Any

from sqlalchemy import text

from questionnaires import routing
from questionnaires.definition import Side
from tests.conftest import Browser, Network

FORM = ("FC-CO", "EOC-CO")
SIGNATURE = {"name": "Pat Example", "title": "Manager", "participants": "3"}


def fields_of(page: str) -> dict[str, str]:
    """The fields of an answering page as a browser would post them."""
    found = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and 'type="hidden"' in tag:
            found[name.group(1)] = html.unescape(value.group(1))
        if name and value and 'type="radio"' in tag and " checked" in tag:
            found[name.group(1)] = value.group(1)
    for name, value in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', page, re.DOTALL
    ):
        found[name] = html.unescape(value)
    return found


class Sheet:
    """One side's form in one browser."""

    def __init__(
        self,
        network: Network,
        name: str,
        side: str,
        pair: tuple[str, str] = FORM,
        browser: Browser | None = None,
    ) -> None:
        self.browser = browser or network.browser(name)
        self.id = network.response_id(*pair, side)
        self.side = Side(side)
        self.questionnaire = network.library.get("worked-example")

    def path(self, slug: str) -> str:
        return f"/responses/{self.id}/{slug}"

    def open(self, slug: str) -> dict[str, str]:
        answer = self.browser.get(self.path(slug))
        assert answer.status_code == 200, answer.status_code
        return fields_of(answer.get_data(as_text=True))

    def post(self, slug: str, fields: dict[str, str], **kwargs: Any) -> Any:
        return self.browser.client.post(self.path(slug), data=fields, base_url="http://localhost", **kwargs)

    def save(self, fields: dict[str, str], question: str, answer: str, note: str = "") -> Any:
        """What the script posts when one item changes."""
        one = {name: value for name, value in fields.items() if name.endswith(f"_{question}")}
        one |= {f"q_{question}": answer, f"note_{question}": note}
        one |= {"csrf_token": fields["csrf_token"], "page": fields["page"]}
        return self.post(question.split("-")[0], one, headers={"X-Background-Save": "1"})

    def fill(self, answer: str = "2", note: str = "", **other: str) -> None:
        """Give every question of the form this answer, or its own where one is named (GOV_01="NA")."""
        for page in routing.pages(self.questionnaire, self.side, {}):
            fields = self.open(page.slug)
            for question in page.questions:
                chosen = other.get(question.id.replace("-", "_"), answer)
                fields[f"q_{question.id}"] = chosen
                fields[f"note_{question.id}"] = note or ("It is not ours." if chosen == "NA" else "")
            assert self.post(page.slug, fields | {"then": "stay"}).status_code == 302

    def submit(self, **changes: str) -> Any:
        return self.browser.post(self.path("submit"), SIGNATURE | changes, form="/work")


def stored(network: Network, response_id: str) -> dict[str, tuple[str, float | None, str]]:
    with network.database.reading() as session:
        rows = session.execute(
            text(
                "SELECT a.question, a.status, a.number, a.text FROM answers a"
                " JOIN responses r ON a.response_id = r.id WHERE r.public_id = :id"
            ),
            {"id": response_id},
        )
        return {question: (status, number, note) for question, status, number, note in rows}
