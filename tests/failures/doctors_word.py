"""What the doctor finds wrong."""

from __future__ import annotations

from assessment.operations import doctor
from tests.conftest import Network


def of_doctor(network: Network) -> dict[str, str]:
    """Name -> sentence of each finding that is not well."""
    settings = network.app.extensions["tandem.settings"]
    found = doctor.examine(network.database, settings)
    return {finding.name: finding.sentence for finding in found if not finding.ok}
