"""Questionnaires found in folders: the latest by number, no doubles, faults in one line."""

from __future__ import annotations

import shutil

import pytest

from questionnaires import library
from questionnaires.library import BUILT_IN, Library, LibraryError, UnknownQuestionnaire
from tests.questionnaires.conftest import DEFINITIONS


def test_the_latest_version_is_the_highest_number(tiny):
    assert tiny.get("versions").version == "1.10"
    assert tiny.get("versions", "1.9").version == "1.9"
    assert [one.version for one in tiny.all() if one.id == "versions"] == ["1.0", "1.9", "1.10"]
    assert [one.version for one in tiny.latest() if one.id == "versions"] == ["1.10"]


def test_built_in_and_own_stand_side_by_side():
    both = Library([BUILT_IN, DEFINITIONS])
    assert both.get("cpg502-checklist").title == "CPG-502 coordination checklist"
    assert both.get("worked-example").title == "Worked example"
    assert [one.id for one in both.latest()] == sorted({one.id for one in both.all()})


def test_an_unknown_id_or_version_is_a_sentence(tiny):
    with pytest.raises(UnknownQuestionnaire) as caught:
        tiny.get("nothing")
    assert caught.value.message.startswith('There is no questionnaire "nothing"; known: condition-all, ')
    with pytest.raises(UnknownQuestionnaire) as caught:
        tiny.get("versions", "2.0")
    assert caught.value.message == 'Questionnaire "versions" has no version "2.0"; it has 1.0, 1.9, 1.10.'


def test_an_empty_library_says_so(tmp_path):
    with pytest.raises(UnknownQuestionnaire, match="known: none"):
        Library([tmp_path]).get("x")


def test_one_version_in_two_folders_is_an_error_that_names_both(tmp_path):
    shutil.copytree(DEFINITIONS / "versions", tmp_path / "versions")
    with pytest.raises(LibraryError) as caught:
        Library([DEFINITIONS, tmp_path])
    message = str(caught.value)
    assert "\n" not in message
    assert f'Version "1.0" of "versions" is also in {DEFINITIONS / "versions" / "1.0.yaml"}.' in message
    assert str(tmp_path / "versions" / "1.0.yaml") in message
    assert "(and 2 more)" in message


def test_the_same_folder_twice_is_one_folder():
    assert len(Library([DEFINITIONS, DEFINITIONS]).all()) == len(Library([DEFINITIONS]).all())


def test_a_new_version_of_a_built_in_one_may_stand_elsewhere(tmp_path):
    text = (BUILT_IN / "cpg502-checklist" / "1.0.yaml").read_text()
    (tmp_path / "cpg502-checklist").mkdir()
    (tmp_path / "cpg502-checklist" / "1.1.yaml").write_text(text.replace('version: "1.0"', 'version: "1.1"'))
    assert Library([BUILT_IN, tmp_path]).get("cpg502-checklist").version == "1.1"


def test_a_missing_folder_is_an_error_in_one_line(tmp_path):
    with pytest.raises(LibraryError, match="no-such-folder: questionnaire: There is no such folder"):
        Library([tmp_path / "no-such-folder"])


@pytest.mark.parametrize("name", ["loose.yaml", "x/1.0.yml", "x/draft.yaml"])
def test_a_file_in_the_wrong_place_is_not_passed_over(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((DEFINITIONS / "one-sided" / "1.0.yaml").read_text())
    with pytest.raises(LibraryError, match=r"The file must be one-sided/1.0.yaml"):
        Library([tmp_path])


def test_files_are_read_once(monkeypatch):
    calls = []
    monkeypatch.setattr(library, "load", lambda path, load=library.load: calls.append(path) or load(path))
    both = Library([DEFINITIONS])
    count = len(calls)
    assert count == len(both.all())
    both.get("versions")
    both.all()
    assert len(calls) == count
