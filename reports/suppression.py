"""Which cells of a table of counts to hide so that no small group can be read off or worked out.

What is promised of a table of whole numbers, to a reader who knows every total, every shown cell, the floor
and that zeros are never hidden:

- Each count of 1 to floor-1 is hidden (primary), zeros are shown.
- No hidden cell, primary or complementary, follows: each has at least two values that agree with all that
  the reader knows, whether by linear algebra, bounds or whole numbers (see ``cell_network``).
- As few complementary cells as can be, among as few those with the smallest counts. Beyond ``EXACT_SIZE`` a
  heuristic is used: cheapest cycles one after the other, then whatever is not needed is shown again. The
  promise holds all the same; a cell in fifty or so may be hidden that need not be.
- Where zeros leave a primary cell nothing to hide behind (alone in its row, say: the row's total gives it),
  the table cannot be published with its totals: every cell but the zeros is hidden. ``with_totals`` hides
  totals too and so keeps more.
- Where counts of 1 stand together so that only *hidden cells are at least 1* gives them away (a row of two
  ones and zeros, total 2), they and what is hidden for them are as safe as without that knowledge;
  ``following`` names such cells.

Not promised: that a reader who guesses how complementary cells are chosen learns nothing of the order of
their sizes, or that a cell stays safe beside another table of the same people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.cell_network import Bools, CellNetwork

EXACT_SIZE = 1_000  # exposed cells x cells that could be hidden, up to which the optimum is sought
_NODES = 2_000  # of the search tree, a limit that is the same on every machine
TOTAL = "total"


@dataclass(frozen=True, eq=False)
class _Task:
    """A table to protect: its ``primary`` cells, the ``free`` ones that may be hidden with them.

    ``cost`` of hiding a cell: 0 for a primary one, infinite for one that may not be. ``weak`` cells follow
    for a reader who knows that hidden cells are at least 1 whatever is hidden; ``loose`` is the table as seen
    without that knowledge.
    """

    strict: CellNetwork
    loose: CellNetwork
    weak: Bools
    primary: Bools
    free: Bools
    cost: NDArray[np.float64]

    def network(self, cell: int) -> CellNetwork:
        """The table as the reader sees it against whom this cell can be protected."""
        return self.loose if self.weak[cell] else self.strict

    def given_away(self, hidden: Bools) -> Iterator[tuple[int, list[set[int]]]]:
        """The hidden cells that follow, each with the sets of nodes that no change of it can leave."""
        strict, loose = self.strict.steps(hidden), self.loose.steps(hidden)
        for cell in np.flatnonzero(hidden).tolist():
            closed = self.network(cell).blocked(cell, loose if self.weak[cell] else strict)
            if closed:
                yield cell, closed


def suppress(counts: pd.DataFrame, floor: int = 10) -> pd.DataFrame:
    """The same frame as nullable integers, hidden cells <NA>; what is promised stands above.

    ``counts``: whole numbers from 0, without totals. A frame of one row or column has one total, the sum of
    its cells. <NA> in the input stays hidden as a cell of unknown size, so that suppressing twice is the
    same as once. ValueError for anything else.
    """
    values, unknown = _counts(counts)
    network, places = _inner(values)
    hidden = _hide(network, _flat(values, places), _flat(unknown, places), floor)
    mask = np.zeros(values.shape, dtype=bool)
    mask[places] = hidden
    return _masked(values, mask, counts.index, counts.columns)


def with_totals(counts: pd.DataFrame, floor: int = 10) -> pd.DataFrame:
    """The frame with a row and a column *total*, in which totals may be hidden like any other cell.

    Fewer than floor people are not shown as a total either. What is promised above holds without exception
    for cells alone in their row or column: their totals go too. ValueError where a count is missing.
    """
    values, unknown = _counts(counts)
    if unknown.any():
        raise ValueError("Totals can only be added to a table without hidden cells.")
    table = np.zeros((values.shape[0] + 1, values.shape[1] + 1), dtype=np.int64)
    table[:-1, :-1] = values
    table[-1], table[:, -1] = table.sum(axis=0), table.sum(axis=1)
    table[-1, -1] = values.sum()
    network, places = _bordered(table)
    mask = np.zeros(table.shape, dtype=bool)
    mask[places] = _hide(network, _flat(table, places), np.zeros(len(network), dtype=bool), floor)
    index, columns = pd.Index([*counts.index, TOTAL]), pd.Index([*counts.columns, TOTAL])
    return _masked(table, mask, index, columns)


def following(counts: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Which hidden cells (True in ``hidden``) follow from the rest of ``counts`` and all its totals."""
    values, unknown = _counts(counts)
    if unknown.any():
        raise ValueError("Only of a table whose counts are known can be said what follows.")
    network, places = _inner(values)
    found = np.zeros(values.shape, dtype=bool)
    found[places] = network.pinned(_flat(hidden.to_numpy(dtype=bool), places))
    return pd.DataFrame(found, index=counts.index, columns=counts.columns)


def _counts(counts: pd.DataFrame) -> tuple[NDArray[np.int64], Bools]:
    """The counts, 2 standing for one that is unknown, and which are unknown."""
    unknown = counts.isna().to_numpy(dtype=bool)
    found = counts.astype("Float64").to_numpy(dtype=float, na_value=2.0)
    if (found < 0).any() or (found != np.floor(found)).any():
        raise ValueError("A table of counts holds whole numbers from 0 on.")
    return found.astype(np.int64), unknown


def _flat(table: NDArray[Any], places: tuple[NDArray[np.intp], ...]) -> NDArray[Any]:
    return np.asarray(table[places])


def _masked(
    values: NDArray[np.int64], hidden: Bools, index: pd.Index[Any], columns: pd.Index[Any]
) -> pd.DataFrame:
    frame = pd.DataFrame(values, index=index, columns=columns).astype("Int64")
    return frame.mask(pd.DataFrame(hidden, index=index, columns=columns))


def _inner(values: NDArray[np.int64]) -> tuple[CellNetwork, tuple[NDArray[np.intp], ...]]:
    """Cells from rows to columns; where one row or column holds all, its sum is the only total."""
    places = np.nonzero(values)
    row, column = places
    nodes = values.shape[0] + values.shape[1]
    head = values.shape[0] + column
    if len(np.unique(row)) <= 1 or len(np.unique(column)) <= 1:
        row, head, nodes = np.zeros_like(row), np.ones_like(row), 2
    return CellNetwork(nodes, row, head, values[places]), places


def _bordered(table: NDArray[np.int64]) -> tuple[CellNetwork, tuple[NDArray[np.intp], ...]]:
    """A table with totals: what a row holds flows on to the columns, and from there round to the rows."""
    places = np.nonzero(table)
    row, column = places
    last_row, last_column = table.shape[0] - 1, table.shape[1] - 1
    outward = (row == last_row) == (column == last_column)
    across = table.shape[0] + column
    network = CellNetwork(
        nodes=sum(table.shape),
        tail=np.where(outward, row, across),
        head=np.where(outward, across, row),
        value=table[places],
    )
    return network, places


def _hide(network: CellNetwork, values: NDArray[np.int64], unknown: Bools, floor: int) -> Bools:
    """Which cells to hide; all where a primary cell cannot be protected."""
    primary = unknown | (values < floor)
    everything = np.ones(len(network), dtype=bool)
    loose = network.loosened()
    never = loose.pinned(everything)  # they follow from the totals, whatever is hidden
    if (primary & never).any():
        return everything
    free = ~primary & ~never
    cost = np.where(free, 1 + values / (values[free].sum() + 1), np.where(primary, 0.0, np.inf))
    task = _Task(network, loose, network.pinned(everything), primary, free, cost)
    chosen = _fewest(task)
    return primary | (_few(task) if chosen is None else chosen)


def _fewest(task: _Task) -> Bools | None:
    """The cheapest complementary cells by integer programming; None where that is too much.

    For each cell that follows from the primary ones alone, one unit must be able to flow from one end of it
    to the other through hidden cells; a free cell lets flow through where it is hidden. Complementary cells
    that only lie on such ways cannot follow themselves.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    exposed = [cell for cell, _ in task.given_away(task.primary)]
    if not exposed:
        return np.zeros(len(task.free), dtype=bool)
    free = np.flatnonzero(task.free)
    if len(exposed) * len(free) > EXACT_SIZE:
        return None
    matrix, low, high, cost = _program(task, exposed, free)
    found = milp(
        cost,
        integrality=np.ones(len(cost)),  # flows too: of mixed programs the solver prints to standard output
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high),
        options={"mip_rel_gap": 0.0, "node_limit": _NODES},
    )
    if found.status != 0:
        return None
    chosen = np.zeros(len(task.free), dtype=bool)
    chosen[free] = found.x[: len(free)] > 0.5
    return chosen


def _program(
    task: _Task, exposed: list[int], free: NDArray[np.intp]
) -> tuple[Any, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Matrix, bounds and cost of: which free cells to hide, then the flow of each way of exposed cells."""
    from scipy.sparse import block_array, csr_array

    ways = [(cell, way) for cell in exposed for way in task.network(cell).ways(cell)]
    flows = [_flow(task, cell, way, free) for cell, way in ways]
    blocks: list[list[Any]] = [[None, *([None] * len(ways))] for _ in range(2 * len(ways) + 1)]
    for place, (balance, capacity) in enumerate(flows):
        blocks[2 * place][place + 1] = balance
        blocks[2 * place + 1][place + 1] = capacity
        blocks[2 * place + 1][0] = csr_array(-np.eye(len(free)))
    for place, (cell, _) in enumerate(ways):
        shipped = np.zeros((len(exposed), flows[place][0].shape[1]))
        shipped[exposed.index(cell), -1] = 1
        blocks[-1][place + 1] = csr_array(shipped)
    nodes, count = task.strict.nodes, len(free)
    each_low = np.concatenate([np.zeros(nodes), np.full(count, -np.inf)])
    low = np.concatenate([np.tile(each_low, len(ways)), np.ones(len(exposed))])
    high = np.concatenate([np.zeros((nodes + count) * len(ways)), np.full(len(exposed), np.inf)])
    matrix = block_array(blocks, format="csc")
    cost = np.zeros(matrix.shape[1])
    cost[:count] = task.cost[free]
    return matrix, low, high, cost


def _flow(task: _Task, cell: int, way: tuple[int, int], free: NDArray[np.intp]) -> tuple[Any, Any]:
    """Balance at each node of a flow along ``way`` and what each free cell carries of it.

    Columns: the steps that a change may take, then how much is sent (0 to 1).
    """
    from scipy.sparse import csr_array

    network = task.network(cell)
    steps = [
        (node, further, by)
        for node, onward in enumerate(network.steps(task.primary | task.free))
        for further, by in onward
        if by != cell
    ]
    balance = np.zeros((network.nodes, len(steps) + 1))
    capacity = np.zeros((len(network), len(steps) + 1))
    for place, (node, further, by) in enumerate(steps):
        balance[node, place] += 1
        balance[further, place] -= 1
        capacity[by, place] = 1
    balance[way[0], -1], balance[way[1], -1] = -1, 1
    return csr_array(balance), csr_array(capacity[free])


def _few(task: _Task) -> Bools:
    """Few complementary cells: a cheapest cycle for each cell that follows, then what is not needed goes."""
    hidden, cost = task.primary.copy(), task.cost.copy()
    while (first := next(task.given_away(hidden), None)) is not None:
        _, way = task.network(first[0]).cheapest_way(first[0], cost)
        hidden[way], cost[way] = True, 0.0
    return _pruned(task, hidden)


def _pruned(task: _Task, hidden: Bools) -> Bools:
    """The complementary cells without those that can be shown again, the largest first."""
    hidden = hidden.copy()
    extra = np.flatnonzero(hidden & ~task.primary)
    for cell in extra[np.argsort(-task.strict.value[extra], kind="stable")].tolist():
        hidden[cell] = False
        hidden[cell] = next(task.given_away(hidden), None) is not None
    return hidden & ~task.primary
