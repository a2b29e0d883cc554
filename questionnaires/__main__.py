"""``python -m questionnaires check [FILE...]``: are these definitions sound? No server, no database."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from questionnaires.library import BUILT_IN, read_files, read_folders

EXAMPLE = """\
example:
  python -m questionnaires check own/site-checklist/1.0.yaml

Each fault is a line `file: element: message`, where element is the id of the question, section, scale or
level that has it. The exit status is 1 where there is a fault. How to write a definition stands in
docs/questionnaires.md."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 where all is well and 1 where there are faults."""
    options = _parser().parse_args(arguments)
    if options.files:
        found, problems = read_files(list(dict.fromkeys(options.files)))
    else:
        found, problems = read_folders(_folders())
    faulty = {path for path, _ in problems}
    for path in found:
        if path not in faulty:
            print(f"{_short(path)}: ok")
    for path, problem in problems:
        print(f"{_short(path)}: {problem.element}: {problem.message}")
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m questionnaires",
        description="Questionnaires as files.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check definition files and list all of their faults",
        description="Check definition files and list all of their faults.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument(
        "files",
        metavar="FILE",
        type=Path,
        nargs="*",
        help="<id>/<version>.yaml; without files, the built-in ones and those of TANDEM_DEFINITIONS",
    )
    return parser


def _folders() -> list[Path]:
    further = os.environ.get("TANDEM_DEFINITIONS")
    return [BUILT_IN, Path(further)] if further else [BUILT_IN]


def _short(path: Path) -> str:
    """The path from here, where the file lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
