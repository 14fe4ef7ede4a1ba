"""The demo passes its own check."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser.conftest import ROOT, sphinx
from tools.serve import SiteServer


def test_every_cell_of_the_demo_shows_live_what_the_page_shows(demo_site: SiteServer, tmp_path: Path) -> None:
    """It is the site that the other tests open, with the results that it was built with."""
    sphinx(ROOT / "demo_docs", demo_site.directory.parent / "doctrees", tmp_path, "-b", "livecheck")
    records = [json.loads(line) for line in (tmp_path / "output.json").read_text(encoding="utf-8").splitlines()]
    assert {record["status"] for record in records} == {"ran"}
    assert len(records) == 25
    assert not [record for record in records if record["left"] or record["complaints"]]
    assert len([record for record in records if record["memory"]]) == 10
