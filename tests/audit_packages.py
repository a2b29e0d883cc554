"""Ask a vulnerability service about every installed package; `make audit` runs this.

A known fault ends it with status 1, unless it stands in ACCEPTED with the reason. Where the service knows
none of the packages (a mirror without that service, no network), that is said in capitals: nothing was
audited then, and nobody should take it for a clean result.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

# Advisory -> why it does not touch us, and until when that was decided.
ACCEPTED: dict[str, str] = {}


def found_by_service() -> list[dict[str, Any]]:
    """What pip-audit says of each package of this environment, those that others brought along too."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--format", "json"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(made.stdout)["dependencies"]
    except (ValueError, KeyError):
        raise SystemExit(f"pip-audit gave no result: {made.stderr.strip()[-500:]}") from None
    return packages


def report(packages: list[dict[str, Any]], accepted: Mapping[str, str]) -> tuple[list[str], int]:
    """The lines to print, and the exit status: 1 where a fault is known that was not accepted."""
    asked = [package for package in packages if "skip_reason" not in package]
    known = [
        (package["name"], package["version"], fault["id"], fault.get("fix_versions") or ["none yet"])
        for package in asked
        for fault in package["vulns"]
    ]
    lines = [
        f"{name} {version}: {fault}, mended in {', '.join(fixed)}"
        + (f" (accepted: {accepted[fault]})" if fault in accepted else "")
        for name, version, fault, fixed in known
    ]
    open_faults = [fault for _, _, fault, _ in known if fault not in accepted]
    if not asked:
        lines.append("NOTHING WAS AUDITED: the vulnerability service knows none of the packages from here.")
    else:
        lines.append(f"{len(asked)} of {len(packages)} packages audited, {len(open_faults)} open faults.")
    return lines, 1 if open_faults else 0


if __name__ == "__main__":
    said, status = report(found_by_service(), ACCEPTED)
    sys.stdout.write("\n".join(said) + "\n")
    raise SystemExit(status)
