"""What the worker makes of the network: the page as PDF, and the tables of every scope in one archive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Flask

from assessment.access import Person
from assessment.clock import Clock
from assessment.database import Database
from assessment.errors import Refused
from assessment.exports import chromium, one_page
from assessment.exports.making import Made, Maker, Making, Parameters
from questionnaires.library import Library
from reports.network_routes import asked_scope
from reports.product_routes import FORMATS

if TYPE_CHECKING:
    from reports.network import Scope
    from reports.network_gathering import GatheredNetwork

PDF, PACKAGE = "network-pdf", "network-package"
PAGE, METHODS = "/reports/network", "/methods"
SCOPE_NAMES = ("region", "state", "level")
NOT_SHOWN = "The page could not be shown for printing. Open it in your browser and print it there."


def register_export_makers(app: Flask) -> None:
    """Tells the worker how these two are made."""
    network = _Network(app)
    app.extensions["tandem.makers"] = {
        PDF: Maker(network.rights, network.pdf),
        PACKAGE: Maker(network.rights, network.package),
    }


@dataclass(frozen=True)
class _Network:
    app: Flask

    def _part(self, name: str) -> Any:
        return self.app.extensions[f"tandem.{name}"]

    @property
    def _parts(self) -> tuple[Database, Clock, Library]:
        return self._part("database"), self._part("clock"), self._part("library")

    def gathered(self, person: Person, parameters: Parameters, scope: Scope | None = None) -> GatheredNetwork:
        """NotFound where the person may not read it."""
        from reports.network_gathering import gather_network

        scope = scope or asked_scope(*(parameters.get(name) for name in SCOPE_NAMES))
        return gather_network(*self._parts, person, parameters["cycle"], scope)

    def rights(self, person: Person, parameters: Parameters) -> str:
        """What a page and its files depend on: role and scopes, own pairs, and those open by name."""
        from assessment.network.opened import openable_pairs

        found = self.gathered(person, parameters)
        with self._part("database").reading() as session:
            opened = openable_pairs(session, person, found.cycle.id)
        granted = (person.centers, person.regions, person.states, found.own, opened)
        facts = [str(person.role), *(sorted(map(str, part)) for part in granted)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def pdf(self, making: Making) -> Made:
        """The page's own print form."""
        found = self.gathered(making.person, making.parameters)
        making.progress(0.1)
        base_url = self._part("settings").base_url
        page = one_page.page_of(self.app, making.person, PAGE, making.parameters, base_url)
        with one_page.served(page) as address:
            content = chromium.print_page(address, lambda: making.progress(0.2))
        if not page.was_shown:
            raise Refused(NOT_SHOWN)
        name = f"network-{found.report.cycle}-{_folder(found.report.scope)}.pdf"
        return Made(name, "application/pdf", content)

    def package(self, making: Making) -> Made:
        """A folder for each scope that the person may read, each as it is had alone."""
        from reports.network_exports import about_network, in_manifest
        from reports.packages import pack

        nation = self.gathered(making.person, making.parameters)
        kind = making.parameters["format"]
        if kind not in FORMATS:
            raise Refused(f"There is no format {kind}.")
        scopes = scopes_for(making.person, nation)
        files = []
        for place, scope in enumerate(scopes):
            making.progress(place / len(scopes))
            files += list(self._folder_files(making, scope, kind))
        settings = self._part("settings")
        about = {**about_network(nation, settings.marking), "scope": f"{len(scopes)} scopes, a folder each"}
        name = f"network-{nation.report.cycle}-all-{kind}.zip"
        methods = settings.base_url + METHODS
        return Made(name, "application/zip", pack(files, in_manifest(about, methods)))

    def _folder_files(self, making: Making, scope: Scope, kind: str) -> Iterator[Any]:
        from reports.network_exports import about_network, in_manifest, network_files, tables_of
        from reports.network_reading import read_beside
        from reports.packages import MANIFEST, PackedFile, manifest

        settings = self._part("settings")
        found = self.gathered(making.person, making.parameters, scope)
        about = about_network(found, settings.marking)
        beside = read_beside(*self._parts, making.person, found)
        files = network_files(tables_of(found, beside), kind, about)
        files.append(PackedFile(MANIFEST, manifest(files, in_manifest(about, settings.base_url + METHODS))))
        for file in files:
            yield replace(file, name=f"{_folder(scope)}/{file.name}")


def scopes_for(person: Person, found: GatheredNetwork) -> list[Scope]:
    """Every scope that the person may read, the nation first."""
    from reports.network_gathering import readable_scopes
    from reports.network_report import every_scope

    readable = readable_scopes(person, found.places)
    return every_scope(found.places) if readable is None else readable


def _folder(scope: Scope) -> str:
    return scope.key.replace(":", "-")


def asked_parameters(cycle: str, scope: Scope | None, more: Mapping[str, str]) -> dict[str, str]:
    """What a maker is told: the cycle, the scope as an address has it, and what else it needs."""
    where = {scope.kind: scope.value} if scope and scope.value else {}
    return {"cycle": cycle, **where, **more}
