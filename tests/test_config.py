"""Every value is checked by us, all at once, and nothing of it is changed."""

from __future__ import annotations

import pytest
from sphinx.errors import ConfigError

from .conftest import MakeDocs

GOOD = """
liveviz_pyodide_version = "0.27.7"
liveviz_distribution = "bundle"
liveviz_mirrors = ("mirror", "https://mirror.example/")
liveviz_requirements = ["numpy>=2"]
liveviz_exclude = ["nh3"]
liveviz_timeout = 5
liveviz_jobs = 2
liveviz_depends = ["conf.py"]
liveviz_environment = ("TZ",)
liveviz_matplotlib_format = ["svg", "png"]
liveviz_cache_size = None
liveviz_cache_dir = None
"""


def test_good_values_of_any_allowed_type_are_silent(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.edit("conf.py", "html_theme", f"{GOOD}html_theme")
    assert docs.build().warnings == ""


def test_all_faults_are_told_at_once(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.edit("conf.py", "html_theme", 'liveviz_mirrors = "mirror"\nhtml_theme')
    with pytest.raises(ConfigError) as raised:
        docs.build(liveviz_distribution="usb", liveviz_timeout=-1, liveviz_jobs=0, liveviz_environment=["TZ=UTC"])
    faults = str(raised.value).splitlines()
    assert len(faults) == 5
    assert "liveviz_distribution = 'usb': must be one of 'cdn', 'bundle'" in faults
    assert any("'TZ=UTC' is not the name of a variable; write for instance" in fault for fault in faults)
    assert "liveviz_mirrors = 'mirror': must be a list of strings, for instance ['mirror']" in faults


def test_unchanged_configuration_is_seen_as_unchanged(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.edit("conf.py", "html_theme", f"{GOOD}html_theme")
    docs.build()
    built = docs.build()
    assert "configuration has changed" not in built.status
    assert built.written == []


def test_a_change_that_readers_see_writes_pages_again_but_runs_nothing(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    built = docs.build(liveviz_pyodide_version="0.27.7")
    assert (built.executed, len(built.written)) == ([], 8)
    assert built.manifest("one.html")["pyodide"]["version"] == "0.27.7"
    assert docs.build(liveviz_pyodide_version="0.27.7", liveviz_timeout=60.0, liveviz_jobs=1).written == []


def test_another_format_of_figures_runs_pages_again(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    built = docs.build(liveviz_matplotlib_format="svg")
    assert len(built.executed) == 12, "what a page imports does not tell what draws"
    assert built.manifest("one.html")["settings"] == {"matplotlib_format": ["svg"]}
    with pytest.raises(ConfigError, match="must be one of 'png', 'svg', 'pdf', or a list of them"):
        docs.build(liveviz_matplotlib_format="gif")
