"""The privacy notice: a site's own words from a file, else ours, made of what the product does.

The file is plain text. A line that begins with "# " or "## " is a heading, lines that begin with "- " are a
list, an empty line ends a paragraph. Nothing else means anything, and everything is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass

HEADING, LIST, PARAGRAPH = "heading", "list", "paragraph"


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, or a list with a line an entry."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The parts of a notice, in order."""
    found: list[tuple[str, list[str]]] = []
    open_kind = ""
    for line in text.splitlines():
        kind, words = _kind_of(line.strip())
        if kind and kind == open_kind and kind != HEADING:
            found[-1][1].append(words)
        elif kind:
            found.append((kind, [words]))
        open_kind = kind
    return [_block(kind, lines) for kind, lines in found]


def _kind_of(line: str) -> tuple[str, str]:
    if line.startswith("#"):
        return HEADING, line.lstrip("#").strip()
    if line.startswith("- "):
        return LIST, line[2:].strip()
    return (PARAGRAPH if line else ""), line


def _block(kind: str, lines: list[str]) -> Block:
    return Block(kind, tuple(lines) if kind == LIST else (" ".join(lines),))
