"""The product's own source, to see what is not in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("assessment", "reports", "questionnaires")


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Path from the root -> what stands in it, of all that is served or run."""
    files = [
        ROOT / "app.py",
        ROOT / "serving.py",
        *(f for part in PARTS for f in (ROOT / part).rglob("*.py")),
    ]
    return {str(f.relative_to(ROOT)): ast.parse(f.read_text()) for f in files if "migrations/" not in str(f)}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(module, name as it is written, call) of every call."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, ast.unparse(node.func), node


def callers(*names: str) -> set[str]:
    """Modules that call something of one of these names, whatever it belongs to."""
    return {module for module, called, _ in calls() if called in names or called.rsplit(".", 1)[-1] in names}


def importers(*names: str) -> set[str]:
    """Modules that import one of these packages or something of them."""
    return {
        module
        for module, wanted in _imports()
        if any(wanted == n or wanted.startswith(f"{n}.") for n in names)
    }


def _imports() -> Iterator[tuple[str, str]]:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


def templates() -> dict[str, str]:
    return {str(f.relative_to(ROOT)): f.read_text() for part in PARTS for f in (ROOT / part).rglob("*.html")}
