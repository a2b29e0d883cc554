"""All questionnaires at hand, read once: those that come with the product and those of a further folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from questionnaires.definition import Questionnaire
from questionnaires.draft import WHOLE
from questionnaires.loader import DefinitionError, Problem, load

BUILT_IN = Path(__file__).with_name("definitions")


class UnknownQuestionnaire(LookupError):
    """No such id or version; ``message`` is a sentence that names what there is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class LibraryError(ValueError):
    """Folders that cannot be used; its text is one line."""


class Library:
    """The questionnaires of ``folders``, each kept as ``<id>/<version>.yaml``.

    Raises LibraryError where a folder is missing, a file has faults, or two folders hold the same
    version: which one counts would depend on their order.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        found, problems = read_folders(folders)
        if problems:
            path, problem = problems[0]
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise LibraryError(
                f"Questionnaires cannot be used: {path}: {problem.element}: {problem.message}{more} "
                "See them all with: python -m questionnaires check"
            )
        self._versions: dict[str, list[Questionnaire]] = {}
        for questionnaire in sorted(found.values(), key=lambda q: (q.id, version_order(q.version))):
            self._versions.setdefault(questionnaire.id, []).append(questionnaire)

    def get(self, questionnaire_id: str, version: str | None = None) -> Questionnaire:
        """The version asked for, or the latest. Raises UnknownQuestionnaire."""
        versions = self._versions.get(questionnaire_id)
        if not versions:
            known = ", ".join(self._versions) or "none"
            raise UnknownQuestionnaire(f'There is no questionnaire "{questionnaire_id}"; known: {known}.')
        if version is None:
            return versions[-1]
        found = next((questionnaire for questionnaire in versions if questionnaire.version == version), None)
        if found is None:
            known = ", ".join(questionnaire.version for questionnaire in versions)
            raise UnknownQuestionnaire(
                f'Questionnaire "{questionnaire_id}" has no version "{version}"; it has {known}.'
            )
        return found

    def all(self) -> list[Questionnaire]:
        """Every version of every questionnaire, by id, then from the earliest version to the latest."""
        return [questionnaire for versions in self._versions.values() for questionnaire in versions]

    def latest(self) -> list[Questionnaire]:
        """The latest version of each questionnaire, by id."""
        return [versions[-1] for versions in self._versions.values()]


def version_order(version: str) -> tuple[int, ...]:
    """Versions by number: 1.10 comes after 1.9."""
    return tuple(int(part) for part in version.split("."))


def definition_files(folder: Path) -> list[Path]:
    """The files of a folder that are, or were meant to be, definitions."""
    patterns = ("*/*.yaml", "*/*.yml", "*.yaml", "*.yml")
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


def read_folders(folders: Sequence[Path]) -> tuple[dict[Path, Questionnaire], list[tuple[Path, Problem]]]:
    """What can be read in ``folders``, and every problem with the file or folder that has it."""
    files: list[Path] = []
    problems: list[tuple[Path, Problem]] = []
    for folder in dict.fromkeys(path.resolve() for path in folders):
        if not folder.is_dir():
            problems.append((folder, Problem(WHOLE, "There is no such folder.")))
        files += definition_files(folder)
    found, faults = read_files(files)
    return found, problems + faults


def read_files(files: Sequence[Path]) -> tuple[dict[Path, Questionnaire], list[tuple[Path, Problem]]]:
    """The sound questionnaires among ``files``, and every problem with its file."""
    found: dict[Path, Questionnaire] = {}
    problems: list[tuple[Path, Problem]] = []
    for path in files:
        try:
            found[path] = load(path)
        except DefinitionError as error:
            problems += [(path, problem) for problem in error.problems]
    return found, problems + _doubles(found)


def _doubles(found: dict[Path, Questionnaire]) -> list[tuple[Path, Problem]]:
    first: dict[tuple[str, str], Path] = {}
    problems = []
    for path, questionnaire in found.items():
        earlier = first.setdefault((questionnaire.id.lower(), questionnaire.version), path)
        if earlier != path:
            message = (
                f'Version "{questionnaire.version}" of "{questionnaire.id}" is also in {earlier}. '
                "Give one of them another version or another id."
            )
            problems.append((path, Problem(WHOLE, message)))
    return problems
