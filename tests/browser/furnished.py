"""A site with something in every state that a page can show."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from assessment.cycles.services import close_cycle
from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment, reopen_response
from questionnaires.definition import Side
from tests.browser.live import Site
from tests.product_world import SIX_AND_234, released, sheet

HEADER = "fusion_center,eoc,side,question,value,note"
NOTE = "Signed agreement of March 2025; reviewed with the other side in January 2026."


def side_lines(
    site: Site, pair: tuple[str, str], side: Side, rating: int, only: int | None = None
) -> list[str]:
    """Lines of an answer file for one side: one rating throughout, or the first ``only`` items."""
    questions = [q for q in site.network.library.get("worked-example").questions if q.asked_of(side)]
    return [
        f"{pair[0]},{pair[1]},{side.value},{q.id},{rating},{NOTE if rating > 2 else ''}"
        for q in questions[:only]
    ]


def load(site: Site, cycle: str, lines: list[str], submit: bool = False) -> None:
    network = site.network
    moment = Moment(network.clock.now(), network.clock.today())
    with network.database.writing() as session:
        import_answers(session, network.library, "\n".join([HEADER, *lines]), cycle, moment, submit=submit)


def furnish(site: Site) -> None:
    """Closed, open and planned cycles; revealed, one-sided, waiting, reopened, half done, untouched pairs."""
    _closed(site)
    _open(site)
    _reopened(site)
    _surveys(site)
    site.network.open("checklist", "cpg502-checklist", title="Checklist of summer 2026")
    site.network.open(
        "autumn", title="Checklist of autumn 2026", opens=date(2026, 9, 1), closes=date(2026, 11, 1)
    )


def _closed(site: Site) -> None:
    network = site.network
    network.open("winter", title="Checklist of winter 2026", opens=date(2026, 1, 5))
    first, second = ("FC-CO", "EOC-CO"), ("FC-CO", "EOC-DEN")
    lines = side_lines(site, first, Side.FUSION_CENTER, 3) + side_lines(site, first, Side.EOC, 1)
    load(site, "winter", lines + side_lines(site, second, Side.FUSION_CENTER, 2), submit=True)
    with network.database.writing() as session:
        close_cycle(session, "winter", network.clock.now(), network.clock.today())


def _open(site: Site) -> None:
    network = site.network
    network.open("spring", title="Checklist of spring 2026")
    own, other = ("FC-CO", "EOC-CO"), ("FC-CO", "EOC-DEN")
    half = ["NA,The state has no liaison program.", "NA,", f"3,{NOTE}", "DK,", "0,"]
    lines = [line.rsplit(",", 2)[0] for line in side_lines(site, own, Side.EOC, 0, len(half))]
    load(site, "spring", [f"{start},{end}" for start, end in zip(lines, half, strict=True)])
    load(site, "spring", side_lines(site, own, Side.FUSION_CENTER, 2))
    load(site, "spring", side_lines(site, other, Side.FUSION_CENTER, 3), submit=True)


def _surveys(site: Site) -> None:
    """Product surveys with results, below the floor, and open."""
    main = site.network.library.get("product-usefulness")
    sheets = SIX_AND_234()
    sheets[7] = sheet("other", 4, "Send the summary before the Monday briefing.")
    with site.network.database.writing() as session:
        released(session, main, sheets, code="products-closed")
        released(session, main, sheets[:8], code="products-few")
        days = {"released_on": None, "closes_on": date(2026, 6, 30)}
        released(session, main, sheets[:20], code="products-open", **days)


def _reopened(site: Site) -> None:
    network = site.network
    network.open("correction", title="Corrected checklist")
    pair = ("FC-CO", "EOC-CO")
    load(site, "correction", side_lines(site, pair, Side.EOC, 2), submit=True)
    response = network.response_id(*pair, "eoc", "correction")
    moment = Moment(network.clock.now(), network.clock.today())
    with network.database.writing() as session:
        reason = "The answers to DIS were given for another center."
        reopen_response(session, network.library, network.person("admin"), response, reason, moment)


def public_ids(site: Site) -> dict[str, str]:
    """Name -> public id of each person."""
    with site.network.database.reading() as session:
        rows = session.execute(text("SELECT email, public_id FROM people")).all()
    return {email.partition("@")[0]: public_id for email, public_id in rows}
