"""The kinds of things that addresses name, each with one of every condition, missing and hostile ones too.

A new kind of thing gets a function here, and its name in ``FAMILIES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.access.world import HOSTILE, UNKNOWN, Thing, World

NEVADA = {"region": 9, "state": "NV"}
COLORADO = {"region": 8, "state": "CO"}
PAIRS = {
    ("FC-CO", "EOC-CO"): ("revealed", "shared", "half asked"),
    ("FC-CO", "EOC-DEN"): ("half",),
    ("FC-WY", "EOC-WY"): ("revealed", "shared"),
    ("FC-WY", "EOC-CHY"): ("revealed",),
    ("FC-NV", "EOC-NV"): ("revealed", "shared", "half asked"),
    ("FC-NV", "EOC-LV"): ("half",),
}
STATES = {"CO": 8, "WY": 8, "NV": 9}
STATE_OF = {"EOC-CO": "CO", "EOC-DEN": "CO", "EOC-WY": "WY", "EOC-CHY": "WY", "EOC-NV": "NV", "EOC-LV": "NV"}


def marks(*words: str) -> frozenset[str]:
    return frozenset(words)


def nothing(_world: World) -> Iterator[Thing]:
    yield Thing("the page")


def forms(world: World) -> Iterator[Thing]:
    """Sides of pairs; whose a form is, is its center's people's."""
    for fc, eoc, side, cycle, *words in (
        ("FC-CO", "EOC-CO", "fusion_center", "spring", "draft", "open"),
        ("FC-CO", "EOC-CO", "eoc", "spring", "submitted", "open"),
        ("FC-CO", "EOC-DEN", "eoc", "spring", "draft", "open"),
        ("FC-CO", "EOC-CO", "fusion_center", "winter", "submitted", "revealed"),
        ("FC-NV", "EOC-NV", "fusion_center", "spring", "draft", "open"),
        ("FC-NV", "EOC-NV", "eoc", "winter", "submitted", "revealed"),
        ("FC-NV", "EOC-LV", "fusion_center", "winter", "draft"),
    ):
        owner = fc if side == "fusion_center" else eoc
        public_id = world.network.response_id(fc, eoc, side, cycle)
        yield Thing(
            f"the form of {owner} with {eoc if owner == fc else fc} in {cycle}",
            {"public_id": public_id},
            centers=frozenset({owner}),
            marks=marks(*words),
        )


def sections(world: World) -> Iterator[Thing]:
    for form in forms(world):
        yield replace(form, label=f"a page of {form.label}", args={**form.args, "slug": "GOV"})
    first = next(forms(world))
    yield Thing("a page that the form does not have", {**first.args, "slug": "NONE"}, there=False)


def saved_sections(world: World) -> Iterator[Thing]:
    """What is saved names its questions itself, so the page that it came from may be any."""
    return (thing for thing in sections(world) if thing.there)


def cycles(_world: World) -> Iterator[Thing]:
    yield Thing("the open cycle", {"code": "spring"}, marks=marks("open"))
    yield Thing("the closed cycle", {"code": "winter"})
    yield Thing("the cycle of a survey", {"code": "survey-open"}, marks=marks("survey"))
    yield Thing("the cycle of a plan", {"code": "survey-plan"}, there=False, marks=marks("survey", "plan"))


def centers(_world: World) -> Iterator[Thing]:
    for code, state in (
        ("FC-CO", "CO"),
        ("EOC-CO", "CO"),
        ("EOC-WY", "WY"),
        ("FC-NV", "NV"),
        ("EOC-NV", "NV"),
    ):
        yield Thing(code, {"code": code}, "", True, frozenset({code}), "", STATES[state], state)


def center_reports(world: World) -> Iterator[Thing]:
    for center in centers(world):
        yield replace(center, query="?cycle=winter")
    yield replace(center, label="a center in an unknown cycle", query="?cycle=none", there=False)


def pairs(_world: World) -> Iterator[Thing]:
    for (fc, eoc), words in PAIRS.items():
        state = STATE_OF[eoc]
        place = {"region": STATES[state], "state": state, "centers": frozenset({fc, eoc})}
        args = {"fusion_center": fc, "eoc": eoc}
        yield Thing(f"{fc} with {eoc}", args, marks=marks(*words), **place)  # type: ignore[arg-type]
    yield Thing("no pair of two centers", {"fusion_center": "FC-CO", "eoc": "EOC-WY"}, there=False)
    yield Thing("a pair upside down", {"fusion_center": "EOC-CO", "eoc": "FC-CO"}, there=False)


def pair_reports(world: World) -> Iterator[Thing]:
    for pair in pairs(world):
        yield replace(pair, label=f"{pair.label} in winter", query="?cycle=winter")
        if "half asked" in pair.marks:
            half = pair.marks - {"revealed", "shared"} | {"half"}
            yield replace(pair, label=f"{pair.label} in spring", query="?cycle=spring", marks=half)
    yield replace(pair, label="a pair in an unknown cycle", query="?cycle=none", there=False)


def surveys(world: World) -> Iterator[Thing]:
    colorado, nevada = frozenset({"FC-CO"}), frozenset({"FC-NV"})
    for name, whose, *words in (
        ("open", colorado, "open"),
        ("plan", colorado, "plan"),
        ("closed", colorado, "released"),
        ("nevada open", nevada, "open"),
        ("nevada closed", nevada, "released"),
    ):
        yield Thing(
            f"survey {name}",
            {"public_id": world.ids[f"survey {name}"]},
            centers=whose,
            marks=marks(*words),
        )


def survey_words(world: World) -> Iterator[Thing]:
    for survey in surveys(world):
        yield replace(survey, args={**survey.args, "kind": "invitation"})
    first = next(surveys(world))
    yield Thing("words of no kind", {**first.args, "kind": "farewell"}, there=False)


def survey_partners(world: World) -> Iterator[Thing]:
    """The partner is one of FC-CO; under another center's survey it is not there."""
    for survey in surveys(world):
        there = survey.centers == {"FC-CO"}
        yield replace(survey, args={**survey.args, "partner": world.ids["partner"]}, there=there)
    yield Thing("no partner", {**next(surveys(world)).args, "partner": UNKNOWN}, there=False)


def survey_messages(world: World) -> Iterator[Thing]:
    for survey in surveys(world):
        there = survey.label == "survey open"
        yield replace(survey, args={**survey.args, "message": world.ids["message"]}, there=there)
    yield Thing("no message", {**next(surveys(world)).args, "message": UNKNOWN}, there=False)


def products(_world: World) -> Iterator[Thing]:
    for code, place, cycle, *words in (
        ("FC-CO", COLORADO, "survey-closed", "released", "shared"),
        ("FC-CO", COLORADO, "survey-kept", "released"),
        ("FC-CO", COLORADO, "survey-open", "open"),
        ("FC-NV", NEVADA, "survey-nv-closed", "released", "shared"),
        ("FC-NV", NEVADA, "survey-nv-kept", "released"),
    ):
        args = {"fusion_center": code}
        query, whose = f"?cycle={cycle}", frozenset({code})
        yield Thing(f"{cycle} of {code}", args, query, centers=whose, marks=marks(*words), **place)  # type: ignore[arg-type]
    yield Thing("another center's cycle", args, "?cycle=survey-closed", there=False)


def product_files(world: World) -> Iterator[Thing]:
    for product in products(world):
        yield replace(product, args={**product.args, "kind": "csv"})
    yield Thing("a file of no kind", {**next(products(world)).args, "kind": "exe"}, there=False)


def network_files(_world: World) -> Iterator[Thing]:
    yield Thing("the nation as csv", {"kind": "csv"}, "?cycle=winter")
    yield Thing("region 9 as csv", {"kind": "csv"}, "?cycle=winter&region=9", region=9)
    yield Thing("a file of no kind", {"kind": "exe"}, "?cycle=winter", there=False)


def network(_world: World) -> Iterator[Thing]:
    yield Thing("the nation", {}, "?cycle=winter")
    yield Thing("region 8", {}, "?cycle=winter&region=8", region=8)
    yield Thing("region 9", {}, "?cycle=winter&region=9", region=9)
    yield Thing("Nevada", {}, "?cycle=winter&state=NV", **NEVADA)  # type: ignore[arg-type]
    yield Thing("no region", {}, "?cycle=winter&region=11", there=False)
    yield Thing("no number", {}, "?cycle=winter&region=x", there=False)
    yield Thing("no cycle", {}, "?cycle=none", there=False)


def exports(world: World) -> Iterator[Thing]:
    """Files that are still being made: whoever asked may delete them, and nobody can fetch them yet."""
    for name in ("director", "nevada", "reviewer"):
        yield Thing(f"the file of {name}", {"public_id": world.ids[f"export {name}"]}, owner=name)


def people(world: World) -> Iterator[Thing]:
    for name in ("manager", "nevada", "inactive"):
        yield Thing(f"the account of {name}", {"public_id": world.ids[f"person {name}"]}, owner=name)


def tokens(world: World) -> Iterator[Thing]:
    for name in ("director", "nevada"):
        yield Thing(f"the token of {name}", {"public_id": world.ids[f"token {name}"]}, owner=name)


def passkeys(world: World) -> Iterator[Thing]:
    for name in ("director", "nevada"):
        yield Thing(f"the passkey of {name}", {"public_id": world.ids[f"passkey {name}"]}, owner=name)


def provider(_world: World) -> Iterator[Thing]:
    yield Thing("the way to an identity provider that is not set up", there=False)


def invitations(world: World) -> Iterator[Thing]:
    for name in ("usable", "used"):
        yield Thing(f"an invitation that is {name}", {"token": world.ids[f"invitation {name}"]})


def resets(world: World) -> Iterator[Thing]:
    yield Thing("a reset", {"token": world.ids["reset usable"]})
    yield Thing("a link of another purpose", {"token": world.ids["invitation usable"]}, there=False)


def links(world: World) -> Iterator[Thing]:
    for name in ("usable", "revoked", "spent"):
        yield Thing(f"a link that is {name}", {"token": world.ids[f"link {name}"]}, marks=marks(name))


def link_pages(world: World) -> Iterator[Thing]:
    for link in links(world):
        yield replace(link, args={**link.args, "slug": "P"})


def opt_outs(world: World) -> Iterator[Thing]:
    yield Thing("a way off the list", {"token": world.ids["opt-out"]})
    name, _, _mark = world.ids["opt-out"].partition(".")
    yield Thing("one that was not signed", {"token": f"{name}.{'0' * 32}"}, there=False)


FAMILIES: dict[str, Callable[[World], Iterator[Thing]]] = {
    function.__name__: function
    for function in (
        nothing, forms, sections, saved_sections, cycles, centers, center_reports, pairs, pair_reports,
        surveys, survey_words, survey_partners, survey_messages, products, product_files, network_files,
        network, exports, people, tokens, passkeys, provider, invitations, resets, links, link_pages,
        opt_outs,
    )
}  # fmt: skip


def add_things(world: World) -> None:
    """All families; each that has ids in its addresses also has some that are nobody's, the last ones."""
    for name, family in FAMILIES.items():
        things = list(family(world))
        first = things[0]
        if first.args:
            key = "token" if "token" in first.args else next(iter(first.args))
            things.append(Thing("a missing id", {**first.args, key: UNKNOWN}, first.query, there=False))
            for text in HOSTILE:
                args = {**first.args, key: text}
                things.append(Thing("a hostile id", args, first.query, there=False, marks=marks("hostile")))
        world.things[name] = things
