"""The network as a graph: where centers stand, and what may be said of each link between two of them.

Pure: frames in, frames out; no session, no request, no clock. ``network_graph_figure`` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from questionnaires.definition import Side
from reports.network_figures import TILES
from reports.scoring import Floats


class Layout(StrEnum):
    """By what the centers are placed."""

    GEOGRAPHY = "geography"
    REGION = "region"


class Said(StrEnum):
    """What is said of a link, from most to least; how a pair that the reader may not open stands is not."""

    SCORED = "scored"
    INSUFFICIENT = "insufficient"
    COMPLETE = "complete"
    ONE_SIDED = "one_sided"
    NOT_STARTED = "not_started"


NAMES = ["pair", "fusion_center", "eoc", "fusion_center_name", "eoc_name", "region", "state", "eoc_level"]
ACROSS = 12.0  # the whole graph, in units of a tile
_SHALLOWEST, _DEEPEST = 2.5, 12.0
_LARGEST = 2.0  # units that the tile of a state takes where there are few
_EMPTY = 0.3  # units of a column or row of tiles in which no center stands
_LEAST, _MOST = 0.8, 2.5  # of a tile's sides, beside those of a tile with as many centers as the mean
_ROOM = 0.94  # of a box that its centers take; the rest keeps neighbours apart
_TITLE = 0.26  # units above the centers of a box, for its name
_GOLDEN = np.pi * (3 - np.sqrt(5))  # no two points of a spiral with this turn lie in one direction
_EOC_SIZE, _CENTER_SIZE = (0.02, 0.15), (0.03, 0.2)  # units across, from and to


Part = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Box:
    """A state's tile or a region: its name, and its edges in units of a tile; y grows downwards."""

    name: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class Graph:
    """``nodes``: code, name, kind, box, x, y, size; fusion centers before the EOCs that are theirs alone.
    ``links``: as ``links_of``. ``boxes``: the places that have a center."""

    layout: Layout
    nodes: pd.DataFrame
    links: pd.DataFrame
    boxes: list[Box]


def graph(
    pairs: pd.DataFrame,
    opened: pd.DataFrame,
    layout: Layout = Layout.GEOGRAPHY,
    homes: Mapping[str, str] | None = None,
) -> Graph:
    """``pairs``: NAMES and status. ``opened``: as in ``links_of``. ``homes``: the state of each fusion
    center, where it is known; else that of most of its EOCs."""
    links = links_of(pairs, opened)
    nodes = _nodes(links, homes or {}, layout)
    if nodes.empty:
        return Graph(layout, nodes.assign(x=0.0, y=0.0, size=0.0), links, [])
    boxes = _boxes(nodes["box"].value_counts().sort_index(), layout)
    places = pd.concat([_placed(nodes[nodes["box"] == box.name], box) for box in boxes])
    return Graph(layout, _sized(nodes.join(places)), links, boxes)


def links_of(pairs: pd.DataFrame, opened: pd.DataFrame) -> pd.DataFrame:
    """A row a pair: NAMES, said (``Said``), index, level, gap, wide.

    ``opened``: pair, index (0-100, NaN for none), level, gap (points), wide, of the pairs that the reader may
    open. Of all others ``said`` is how far they are, and the rest is empty.
    """
    found = pairs[[*NAMES, "status"]].merge(
        opened[["pair", "index", "level", "gap", "wide"]], how="left", on="pair", indicator="is_open"
    )
    is_open = (found["is_open"] == "both") & (found["status"] == Said.COMPLETE)
    scored = is_open & found["index"].notna()
    said = found["status"].astype(object).mask(is_open, str(Said.INSUFFICIENT)).mask(scored, str(Said.SCORED))
    return found[NAMES].assign(
        said=said,
        index=found["index"].astype(float).where(scored),
        level=found["level"].astype("Int64").where(scored),
        gap=found["gap"].astype(float).where(scored),
        wide=found["wide"].eq(True) & scored,
    )


def _nodes(links: pd.DataFrame, homes: Mapping[str, str], layout: Layout) -> pd.DataFrame:
    """A row a center: code, name, kind, box, cluster (a fusion center and the EOCs of it alone), together.

    An EOC with several fusion centers is a cluster of its own, where it stands itself.
    """
    column = "state" if layout is Layout.GEOGRAPHY else "region"
    places = links.groupby("fusion_center")[column].agg(lambda values: str(values.mode().iloc[0]))
    if layout is Layout.GEOGRAPHY:
        places = pd.Series(homes, dtype=object).reindex(places.index).fillna(places)
    first = links.drop_duplicates("fusion_center").assign(box=lambda rows: rows["fusion_center"].map(places))
    several = links.groupby("eoc")["fusion_center"].transform("nunique") > 1
    own = links.assign(several=several).drop_duplicates("eoc")
    box = own[column].astype(str).where(own["several"], own["fusion_center"].map(places))
    cluster = own["eoc"].where(own["several"], own["fusion_center"])
    found = pd.concat(
        [
            _rows(first, Side.FUSION_CENTER, first["box"], first["fusion_center"]),
            _rows(own, Side.EOC, box, cluster),
        ],
        ignore_index=True,
    )
    found = found.assign(together=found["code"].map(_together(links)))
    order = found.assign(later=found["kind"] == Side.EOC)
    return found.loc[order.sort_values(["box", "cluster", "later", "code"]).index].reset_index(drop=True)


def _rows(links: pd.DataFrame, side: Side, box: pd.Series[str], cluster: pd.Series[str]) -> pd.DataFrame:
    names = {"code": links[str(side)], "name": links[f"{side}_name"], "kind": str(side)}
    return pd.DataFrame({**names, "box": box, "cluster": cluster})


def _boxes(counts: pd.Series[int], layout: Layout) -> list[Box]:
    """``counts``: centers by box. A box with many centers is larger, at the cost of the others."""
    if layout is Layout.GEOGRAPHY:
        return _tiles(counts)
    ordered = counts.loc[sorted(counts.index, key=lambda name: (len(name), name))]
    least = max(int(counts.sum()) // (3 * len(counts)), 1)
    deep = float(np.clip(1.3 * counts.sum() ** 0.28, _SHALLOWEST, _DEEPEST))
    parts = _divided((0, 0, ACROSS, deep), [max(int(count), least) for count in ordered])
    return [Box(name, *part) for name, part in zip(ordered.index, parts, strict=True)]


def _tiles(counts: pd.Series[int]) -> list[Box]:
    """Tiles of the states on a grid whose columns and rows are as wide as the fullest tile needs."""
    unknown = [name for name in counts.index if name not in TILES]
    places = TILES | {name: (place % 12, 8 + place // 12) for place, name in enumerate(unknown)}
    cells = np.array([places[name] for name in counts.index])
    need = np.sqrt(counts.to_numpy() / counts.mean()).clip(_LEAST, _MOST)
    lows, highs = zip(*(_edges(cells[:, axis], need) for axis in (0, 1)), strict=True)
    scale = min(ACROSS / highs[0].max(), _DEEPEST / highs[1].max(), _LARGEST)
    sides = [*lows, *(high - low for low, high in zip(lows, highs, strict=True))]
    numbers = scale * np.column_stack(sides)
    return [Box(name, *map(float, row)) for name, row in zip(counts.index, numbers, strict=True)]


def _edges(cells: NDArray[np.intp], need: Floats) -> tuple[Floats, Floats]:
    """Where each cell begins and ends along one axis, from the first that is used."""
    start = int(cells.min())
    widths = np.full(int(cells.max()) - start + 1, _EMPTY)
    np.maximum.at(widths, cells - start, need)
    ends = np.cumsum(widths)
    return (ends - widths)[cells - start], ends[cells - start]


def _placed(nodes: pd.DataFrame, box: Box) -> pd.DataFrame:
    """x and y of the centers of one box: what hangs together in a part of it as large as it has centers, and
    each cluster in a part of that."""
    title = min(_TITLE, 0.35 * box.height)
    edge = (1 - _ROOM) / 2
    inner = (
        box.left + edge * box.width,
        box.top + title,
        _ROOM * box.width,
        (1 - edge) * box.height - title,
    )
    least = 1 + len(nodes) // 40  # so that a center with few EOCs does not stand close to one with many
    found = []
    for together, part in _parts(nodes, "together", inner, least):
        found += [_around(rows, space) for rows, space in _parts(together, "cluster", part, least)]
    return pd.concat(found)


def _parts(nodes: pd.DataFrame, by: str, part: Part, least: int) -> list[tuple[pd.DataFrame, Part]]:
    """The nodes in groups, each with its share of a part; groups without a fusion center in the middle, so
    that links to an EOC that several share stay short."""
    groups = [rows for _, rows in nodes.groupby(by, sort=False)]
    shared = [rows for rows in groups if (rows["kind"] == Side.EOC).all()]
    others = [rows for rows in groups if not (rows["kind"] == Side.EOC).all()]
    middle = len(others) // 2
    ordered = [*others[:middle], *shared, *others[middle:]]
    return list(zip(ordered, _divided(part, [len(rows) + least for rows in ordered]), strict=True))


def _together(links: pd.DataFrame) -> dict[str, int]:
    """Center -> a number that is the same for all that hang together by links."""
    ends = [links[str(side)].astype(str) for side in Side]
    codes, names = pd.factorize(pd.concat(ends))
    first, second = codes[: len(links)], codes[len(links) :]
    matrix = coo_array((np.ones(len(links)), (first, second)), shape=(len(names), len(names)))
    _, found = connected_components(matrix, directed=False)
    return dict(zip(names, found.tolist(), strict=True))


def _divided(part: Part, weights: Sequence[int]) -> list[Part]:
    """A rectangle cut into one for each weight, as large as it says, each cut across the longer side."""
    if len(weights) < 2:
        return [part] * len(weights)
    sums = np.cumsum(weights)
    cut = int(np.abs(sums[:-1] - sums[-1] / 2).argmin()) + 1
    share = float(sums[cut - 1] / sums[-1])
    left, top, width, height = part
    if width >= height:
        first = (left, top, width * share, height)
        second = (left + width * share, top, width * (1 - share), height)
    else:
        first = (left, top, width, height * share)
        second = (left, top + height * share, width, height * (1 - share))
    return [*_divided(first, weights[:cut]), *_divided(second, weights[cut:])]


def _around(nodes: pd.DataFrame, part: Part) -> pd.DataFrame:
    """The first in the middle, the others around it on a spiral that fills the rectangle's ellipse."""
    left, top, width, height = part
    place = np.arange(len(nodes))
    reach: Floats = np.where(place == 0, 0, np.sqrt((place + 1.5) / (len(nodes) + 0.5)))
    turn = (place - 1) * _GOLDEN + (0.4 if width >= height else np.pi / 2 - 0.4)
    return pd.DataFrame(
        {
            "x": left + width / 2 + _reaching(width) * reach * np.cos(turn),
            "y": top + height / 2 + _reaching(height) * reach * np.sin(turn),
        },
        index=nodes.index,
    )


def _reaching(side: float) -> float:
    """How far from the middle a mark may stand, so that all of it lies inside."""
    return side / 2 - min(_EOC_SIZE[1] / 2, side / 8)


def _sized(nodes: pd.DataFrame) -> pd.DataFrame:
    """Marks as large as their box lets them be without touching: EOCs first, fusion centers what is left."""
    places = nodes[["x", "y"]].to_numpy()
    eocs = (nodes["kind"] == Side.EOC).to_numpy()
    box = nodes["box"]
    among = pd.Series(_nearest(places[eocs], places[eocs], 1), index=nodes.index[eocs])
    eoc_size = (among.groupby(box).min() * 0.75).clip(*_EOC_SIZE).reindex(box).fillna(_EOC_SIZE[1])
    to_eoc = _nearest(places[~eocs], places[eocs], 0) - eoc_size.to_numpy()[~eocs] / 2
    to_center = _nearest(places[~eocs], places[~eocs], 1) / 2
    free = pd.Series(np.minimum(to_eoc, to_center), index=nodes.index[~eocs])
    center_size = (free.groupby(box).min() * 1.7).clip(*_CENTER_SIZE).reindex(box)
    size = np.where(eocs, eoc_size.to_numpy(), center_size.to_numpy())
    return nodes.drop(columns=["cluster", "together"]).assign(size=size)


def _nearest(these: Floats, those: Floats, which: int) -> Floats:
    """From each of these how far it is to the nearest of those; ``which`` is 1 where they are the same."""
    if len(those) <= which or not len(these):
        return np.full(len(these), np.inf)
    distances, _ = KDTree(those).query(these, k=which + 1)
    found: Floats = distances.reshape(len(these), -1)[:, which]
    return found
