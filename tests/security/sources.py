"""The product's own source, to see what is not in it."""

from __future__ import annotations

import ast
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


@lru_cache(maxsize=1)
def calls() -> list[tuple[str, str, ast.Call]]:
    """(module, name as it is written, call) of every call."""
    return [
        (name, _written(node.func), node)
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def _written(node: ast.expr) -> str:
    """Of names with points between them what ``ast.unparse`` says, without the time it takes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        return f"{_written(node.value)}.{node.attr}"
    return ast.unparse(node)


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


@lru_cache(maxsize=1)
def _imports() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found += ((name, f"{node.module}.{alias.name}") for alias in node.names)
    return found


def templates() -> dict[str, str]:
    return {str(f.relative_to(ROOT)): f.read_text() for part in PARTS for f in (ROOT / part).rglob("*.html")}
