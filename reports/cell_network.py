"""What follows for hidden cells of a table from the rest of it: the table as a network.

A cell is an arc from its row to its column, and known totals say that what flows in and out of each row and
column is given. A hidden cell can then have another value exactly where the change can run round a cycle of
hidden cells: up in one, down in the next. As such tables are totally unimodular, nothing more can be learned
from the cells being whole numbers. (Gusfield (1988), A graph theoretic approach to statistical data
security, SIAM J. Comput. 17:552-571.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
LEAST = 1  # of a hidden cell: zeros are shown, so a reader knows that what is hidden is no zero


@dataclass(frozen=True, eq=False)
class CellNetwork:
    """Cells (arcs) between ``nodes`` nodes: each has a ``tail``, a ``head`` and a ``value`` of 1 or more.

    At every node, what the cells that leave it hold less what those that enter it hold is known.
    """

    nodes: int
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    value: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tail)

    def loosened(self) -> CellNetwork:
        """The same cells, seen by a reader who does not know that hidden cells are at least 1."""
        return CellNetwork(self.nodes, self.tail, self.head, np.maximum(self.value, LEAST + 1))

    def steps(self, hidden: Bools) -> list[list[tuple[int, int]]]:
        """For each node, where a change may go on, and by which cell: up along its arc, down against it."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.nodes)]
        for cell in np.flatnonzero(hidden).tolist():
            tail, head = int(self.tail[cell]), int(self.head[cell])
            found[tail].append((head, cell))
            if self.value[cell] > LEAST:
                found[head].append((tail, cell))
        return found

    def ways(self, cell: int) -> Iterator[tuple[int, int]]:
        """From where to where a change of the cell must find its way back: one higher, one lower."""
        tail, head = int(self.tail[cell]), int(self.head[cell])
        yield head, tail
        if self.value[cell] > LEAST:
            yield tail, head

    def blocked(self, cell: int, steps: list[list[tuple[int, int]]]) -> list[set[int]]:
        """Empty where the cell can have another value; else the nodes that a change of it cannot leave."""
        closed = []
        for start, end in self.ways(cell):
            reached = _reached(start, cell, steps)
            if end in reached:
                return []
            closed.append(reached)
        return closed

    def pinned(self, hidden: Bools) -> Bools:
        """The hidden cells whose value follows from the shown ones and the totals."""
        steps = self.steps(hidden)
        found = np.zeros(len(self), dtype=bool)
        for cell in np.flatnonzero(hidden).tolist():
            found[cell] = bool(self.blocked(cell, steps))
        return found

    def crossing(self, closed: list[set[int]]) -> Bools:
        """The cells that lead out of one of the sets of nodes."""
        found = np.zeros(len(self), dtype=bool)
        for nodes in closed:
            inside = np.zeros(self.nodes, dtype=bool)
            inside[list(nodes)] = True
            found |= inside[self.tail] != inside[self.head]
        return found

    def cheapest_way(self, cell: int, cost: NDArray[np.float64]) -> tuple[float, list[int]]:
        """The cells of the cheapest cycle through ``cell`` and their cost; an infinite cost shuts a cell."""
        steps = self.steps(np.isfinite(cost))
        return min(_shortest(start, end, cell, steps, cost) for start, end in self.ways(cell))


def _reached(start: int, without: int, steps: list[list[tuple[int, int]]]) -> set[int]:
    """Nodes that can be reached from ``start`` without using one cell."""
    reached, waiting = {start}, [start]
    while waiting:
        for node, cell in steps[waiting.pop()]:
            if node not in reached and cell != without:
                reached.add(node)
                waiting.append(node)
    return reached


def _shortest(
    start: int,
    end: int,
    without: int,
    steps: list[list[tuple[int, int]]],
    cost: NDArray[np.float64],
) -> tuple[float, list[int]]:
    """Dijkstra's shortest path; infinite and empty where there is none."""
    waiting: list[tuple[float, int, list[int]]] = [(0.0, start, [])]
    done: set[int] = set()
    while waiting:
        length, node, path = heappop(waiting)
        if node == end:
            return length, path
        if node in done:
            continue
        done.add(node)
        for further, cell in steps[node]:
            if further not in done and cell != without:
                heappush(waiting, (length + float(cost[cell]), further, [*path, cell]))
    return np.inf, []
