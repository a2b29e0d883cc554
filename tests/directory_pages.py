"""What tests of the directory's pages look at."""

from __future__ import annotations

import html
import re
from typing import Any

from sqlalchemy import select

from assessment.models.directory import Center, Pair
from tests.conftest import Network


def words(response: Any) -> str:
    """The text of a page as it is read, without tags."""
    body = response.get_data(as_text=True)
    text = re.sub(r"<[^>]+>", " ", body.split("<main", 1)[1].split("</main>")[0])
    return re.sub(r"\s+", " ", html.unescape(text))


def center(network: Network, code: str) -> Center | None:
    with network.database.reading() as session:
        return session.scalar(select(Center).where(Center.code == code))


def pair_active(network: Network, fusion_center: str, eoc: str) -> bool | None:
    with network.database.reading() as session:
        query = select(Pair).where(Pair.fusion_center.has(code=fusion_center), Pair.eoc.has(code=eoc))
        row = session.scalar(query)
        return row.active if row else None
