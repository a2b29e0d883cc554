"""Words in a cell that no spreadsheet takes for a formula."""

from __future__ import annotations

# What a spreadsheet would read as a formula, the wide forms of the same characters included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BLANKS = " \u00a0\u3000\ufeff\u200b\n\v\f"


def harmless(text: str) -> str:
    """The text, led in by an apostrophe where a spreadsheet would run it, also after leading blanks."""
    return f"'{text}" if text.lstrip(_BLANKS).startswith(_FORMULA_STARTS) else text
