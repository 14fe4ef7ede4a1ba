"""The README names all that can be set, and says of it what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.config import declarations
from sphinxext_liveviz.errors import Subtype
from sphinxext_liveviz.markup.options import OPTIONS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+) \|$", README, re.MULTILINE)
NAMED = {name for first, _ in ROWS for name in re.findall(r"`([^`]+)`", first)}


@pytest.mark.parametrize(
    ("name", "default", "description"), [(name, default, text) for name, default, _, text in declarations()]
)
def test_each_configuration_value_is_there_with_default_and_meaning(name: str, default: Any, description: str) -> None:
    shown = (
        f'"{default}"' if isinstance(default, str) else repr(list(default) if isinstance(default, tuple) else default)
    )
    assert f"| `{name}` | `{shown}` | {description} |" in README


def test_no_row_is_left_of_a_value_that_is_gone() -> None:
    assert {name for name in NAMED if name.startswith("liveviz_")} == {name for name, *_ in declarations()}


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_of_the_directive_is_there(option: str) -> None:
    assert option in NAMED


@pytest.mark.parametrize("subtype", Subtype)
def test_each_warning_is_there(subtype: Subtype) -> None:
    assert f"liveviz.{subtype.value}" in NAMED


def test_no_row_is_left_of_a_warning_that_is_gone() -> None:
    assert {name for name in NAMED if name.startswith("liveviz.")} == {f"liveviz.{one.value}" for one in Subtype}
