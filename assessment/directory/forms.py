"""Forms for a center, a pair and a file. ``entries`` and ``plans`` say what fits, as they do for files."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from assessment.directory.csv_files import MAX_BYTES
from assessment.directory.entries import LEVELS, kind_of_level
from assessment.directory.services import BadFields
from assessment.directory.states import FEMA_REGION, NAMES
from questionnaires.definition import Side

KIND_WORDS = {Side.FUSION_CENTER: "Fusion center", Side.EOC: "EOC"}
LEVEL_CHOICES = [
    SelectChoice("", "Choose"),
    *[
        SelectChoice(level, f"{KIND_WORDS[kind]}: {level}", optgroup=KIND_WORDS[kind])
        for kind, levels in LEVELS.items()
        for level in levels
    ],
]
STATE_CHOICES = [
    SelectChoice("", "Choose a state"),
    *[SelectChoice(code, f"{name} ({code})") for code, name in NAMES.items()],
]


class DirectoryForm(FlaskForm):
    def take(self, bad: BadFields) -> None:
        """Show what a service said about a field at that field."""
        self.form_errors = []
        for column, fault in bad.faults.items():
            sentence = fault[:1].upper() + fault[1:]
            name = {"kind": "level", "fema_region": "state"}.get(column, column)
            if name in self:
                self[name].errors = [sentence]
            else:
                self.form_errors.append(sentence)


class CenterForm(DirectoryForm):
    code = StringField(
        "Code",
        [DataRequired("Enter a code.")],
        description="Short and without blanks, for addresses and files: FC-CO. It cannot be changed later.",
    )
    name = StringField("Name", [DataRequired("Enter a name.")])
    level = SelectField(
        "Kind and level",
        [InputRequired("Choose a kind and level.")],
        choices=LEVEL_CHOICES,
    )
    state = SelectField(
        "State or territory",
        [InputRequired("Choose a state.")],
        choices=STATE_CHOICES,
        description="The FEMA region follows from it.",
    )
    city = StringField("City", description="Where the center is, in words: Denver area. No street address.")

    def cells(self) -> dict[str, str]:
        """The columns that a line of a file would have."""
        state, level = self.state.data, self.level.data
        return {
            "code": self.code.data.strip() if self.code else "",
            "name": self.name.data.strip(),
            "kind": kind_of_level(level),
            "level": level,
            "state": state,
            "fema_region": str(FEMA_REGION[state]),
            "city": (self.city.data or "").strip(),
        }


class EditCenterForm(CenterForm):
    code = None
    active = BooleanField(
        "Active", description="A center that is not active is in no active pair, so no new cycle asks it."
    )
    checked = BooleanField("I have checked this entry", description="Takes the mark of the seed data away.")

    def cells(self) -> dict[str, str]:
        checked = self.checked is not None and self.checked.data  # asked only where there is a mark
        return {**super().cells(), **({"confidence": ""} if checked else {})}


class PairForm(DirectoryForm):
    fusion_center = SelectField("Fusion center", [InputRequired("Choose a fusion center.")])
    eoc = SelectField("EOC", [InputRequired("Choose an EOC.")])


class UploadForm(FlaskForm):
    """A file, or its text as it came back from the page that showed what it would change."""

    file = FileField("CSV file")
    text = HiddenField()
    apply = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file.flags.required = True  # where it is shown; the text may come in its place

    def content(self) -> bytes | str | None:
        """What was sent, or None where nothing was chosen."""
        if self.file.data:
            return self.file.data.stream.read(MAX_BYTES + 1)
        return self.text.data or None
