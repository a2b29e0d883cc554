"""The asset build, how it is served, and the rules that palette and lock file keep."""

import itertools
import json
import logging
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from assessment.assets import NOT_BUILT, AssetManifest, UnknownAsset, json_island, serve_static

ROOT = Path(__file__).resolve().parents[2]
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")

# What a page may load beside itself, bytes: 200 KB for the checklist page less 40 KB for the page.
FIRST_LOAD = 160_000


def page_app(folder: Path) -> Flask:
    app = Flask("assessment", root_path=str(ROOT / "assessment"), static_folder=None)
    serve_static(app, folder)
    return app


@pytest.fixture
def built_folder(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text('{"app.css": "app-ABCD2345.css"}')
    (tmp_path / "app-ABCD2345.css").write_text("body{color:#111}" * 50)
    (tmp_path / "app-ABCD2345.css.br").write_bytes(b"packed with brotli")
    return tmp_path


# serving


def test_a_template_finds_the_hashed_file(built_folder: Path) -> None:
    app = page_app(built_folder)
    with app.app_context():
        assert render_template_string("{{ asset('app.css') }}") == "/static/app-ABCD2345.css"


def test_a_hashed_file_may_be_kept_for_ever(built_folder: Path) -> None:
    answer = page_app(built_folder).test_client().get("/static/app-ABCD2345.css")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_manifest_may_not_be_kept_for_ever(built_folder: Path) -> None:
    answer = page_app(built_folder).test_client().get("/static/manifest.json")
    assert "immutable" not in answer.headers["Cache-Control"]


def test_the_compressed_neighbour_is_sent_to_those_who_take_it(built_folder: Path) -> None:
    client = page_app(built_folder).test_client()
    packed = client.get("/static/app-ABCD2345.css", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/static/app-ABCD2345.css", headers={"Accept-Encoding": "identity"})
    assert (packed.headers["Content-Encoding"], packed.data) == ("br", b"packed with brotli")
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize(
    "path", ["/static/../requirements.txt", "/static/%2e%2e/app.py", "/static/nothing.css"]
)
def test_nothing_else_is_served(built_folder: Path, path: str) -> None:
    assert page_app(built_folder).test_client().get(path).status_code == 404


def test_a_name_that_is_not_built_says_which_are(built_folder: Path) -> None:
    with pytest.raises(UnknownAsset, match=r"'app\.cs'.*app\.css"):
        AssetManifest.read(built_folder).url("app.cs")


def test_without_a_build_the_application_starts_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        app = page_app(tmp_path)
    assert [record.getMessage() for record in caplog.records] == [NOT_BUILT]
    with app.app_context():
        assert render_template_string("{{ asset('app.css') }}") == "/static/app.css"


# figures in pages


@pytest.mark.parametrize("as_text", [True, False])
def test_figure_json_cannot_leave_its_script_element(as_text: bool) -> None:
    figure = {"data": [{"name": "</script><script>alert(1)</script> & \u2028"}]}
    island = json_island(json.dumps(figure, ensure_ascii=False) if as_text else figure)
    assert not set("<>&\u2028") & set(island)
    assert json.loads(island) == figure


# what is built


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not NODE or not (ROOT / "node_modules").is_dir():
        pytest.skip("node or node_modules is missing: run `make assets` first")
    return run_build(tmp_path_factory.mktemp("first"))


def run_build(folder: Path) -> Path:
    subprocess.run([str(NODE), "assets/build.mjs", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


def test_two_builds_are_the_same(build: Path, tmp_path: Path) -> None:
    again = run_build(tmp_path / "again")
    assert {path.name: path.read_bytes() for path in build.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }


def test_every_name_in_the_manifest_is_a_hashed_file(build: Path) -> None:
    manifest = json.loads((build / "manifest.json").read_text())
    wanted = {"app.css", "app.js", "answering.js", "charts.js", "plotly.js", "plotly.css", "logo.svg"}
    assert wanted <= set(manifest)
    for name, file in manifest.items():
        assert re.search(r"-[A-Z0-9]{8}\.\w+$", file), name
        assert (build / file).is_file(), name


def test_style_sheets_load_nothing_that_was_not_built_with_them(build: Path) -> None:
    for sheet in build.glob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", sheet.read_text()):
            target = address.strip("\"'")
            assert not target or target.startswith("data:") or (build / target).is_file(), (
                sheet.name,
                target,
            )


def test_first_load_stays_in_its_budget(build: Path) -> None:
    subprocess.run([sys.executable, "-m", "whitenoise.compress", "-q", "--no-brotli", str(build)], check=True)
    manifest = json.loads((build / "manifest.json").read_text())
    files = [build / (manifest[name] + ".gz") for name in ("app.css", "app.js")]
    files += [*build.glob("*.woff2"), build / manifest["logo.svg"], build / manifest["favicon.svg"]]
    assert len(list(build.glob("*.woff2"))) == 2
    assert sum(file.stat().st_size for file in files) < FIRST_LOAD


def test_the_style_rules_of_plotly_are_all_in_our_sheet(build: Path) -> None:
    manifest = json.loads((build / "manifest.json").read_text())
    sheet = (build / manifest["plotly.css"]).read_text()
    bundle = (build / manifest["plotly.js"]).read_text()
    wanted = set(re.findall(r'"X (\.[a-z-]+)":', bundle))
    assert len(wanted) > 10
    assert {rule for rule in wanted if f".js-plotly-plot .plotly {rule}" not in sheet} == set()


# packages


def test_the_lock_file_names_checksums_and_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert len(packages) > 5
    assert [path for path, entry in packages.items() if "resolved" in entry] == []
    assert [path for path, entry in packages.items() if not entry.get("integrity")] == []


# palette


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" after WCAG 2.2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PALETTE = json.loads((ROOT / "assets" / "palette.json").read_text())


@pytest.mark.parametrize("scale", ["level", "gap"])
def test_numbers_on_coloured_ground_can_be_read(scale: str) -> None:
    pairs = list(zip(PALETTE[scale], PALETTE[f"{scale}_text"], strict=True))
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_levels_go_from_light_to_dark_in_steps_one_can_see() -> None:
    levels = PALETTE["level"]
    assert [contrast(a, b) for a, b in itertools.pairwise(levels) if contrast(a, b) < 1.3] == []
    assert sorted(levels, key=luminance, reverse=True) == levels


def test_gaps_are_as_dark_on_one_side_as_on_the_other() -> None:
    gap = PALETTE["gap"]
    assert len(gap) == 7
    for orange, blue in zip(gap[:3], reversed(gap[4:]), strict=True):
        assert contrast(orange, blue) < 1.35, (orange, blue)


@pytest.mark.parametrize("mark", ["fusion_center", "eoc", "joint"])
def test_the_marks_of_the_sides_stand_out_on_page_and_level_bands(mark: str) -> None:
    grounds = [PALETTE["surface"]["page"], PALETTE["surface"]["soft"], PALETTE["level"][0]]
    assert [ground for ground in grounds if contrast(PALETTE["side"][mark], ground) < 4.5] == []
