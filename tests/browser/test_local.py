"""``liveviz_local``: readers run the very version that they read about."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from pathlib import Path

from tests.browser.conftest import ROOT, OpenSite
from tools.serve import serving


def test_a_live_cell_imports_the_project_as_its_source_is(tmp_path: Path, open_site: OpenSite) -> None:
    project = Path(shutil.copytree(ROOT / "tests/roots/local", tmp_path / "measured"))
    site = tmp_path / "site"
    module = project / "src/measured/__init__.py"
    # No earlier run of this test has built it, whose wheel would lie in the download cache.
    module.write_text(f"{module.read_text()}\n# {uuid.uuid4()}\n")

    def build() -> str:
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-b", "html", str(project / "docs"), str(site)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    assert "building the project" in build()
    with serving(site) as server:
        live = open_site(server).open("index.html")
        assert live.output(1).inner_text().strip() == "1.0 3 rods static"
        assert live.run(1).inner_text().strip() == "1.0 3 rods live"

        assert "building the project" not in build()
        module.write_text(module.read_text().replace("1.0", "2.0").replace("{rod} rods", "{rod * 5} m"))
        assert "building the project" in build()
        live.open("index.html")
        assert live.run(1).inner_text().strip() == "2.0 15 m live"
