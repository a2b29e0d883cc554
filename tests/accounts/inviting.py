"""How an administrator of the small network invites somebody."""

from __future__ import annotations

from tests.accounts.letters import Post
from tests.conftest import Network

NEW = {"email": "new@example.gov", "name": "Pat Newcomer", "role": "manager", "centers": ["EOC-WY"]}


def invite(network: Network, **changes: object) -> None:
    answer = network.browser("admin").post("/people/new", NEW | changes)
    assert answer.status_code == 302, answer.get_data(as_text=True)


def page_of(network: Network, email: str = "new@example.gov") -> str:
    (row,) = Post(network.app).rows("SELECT public_id FROM people WHERE email = :email", email=email)
    return f"/people/{row[0]}"
