"""``IPython.display`` shows in cells, be IPython there or not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from sphinxext_liveviz.kernel.stand_in import StandIn, stands_in

from .home import Home


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    made.close()


def test_its_own_functions_show_in_the_cell(home: Home) -> None:
    shown = home.cell(
        "import IPython\n"
        "from IPython.display import HTML, DisplayHandle, clear_output, display, publish_display_data, update_display\n"
        "assert 'site-packages' in IPython.__file__\n"
        "assert IPython.get_ipython() is None\n"
        "display(HTML('a'), display_id='x')\n"
        "update_display('b', display_id='x')\n"
        "publish_display_data({'text/plain': 'c'}, transient={'display_id': 'y'})\n"
        "clear_output(wait=True)\n"
        "DisplayHandle('z').update('d')"
    )
    assert [kind for kind, _ in shown] == [
        "display_data", "update_display_data", "display_data", "clear_output", "update_display_data", "execute_reply",
    ]  # fmt: skip
    assert shown[2][1] == {"data": {"text/plain": "c"}, "metadata": {}, "transient": {"display_id": "y"}}


def test_names_that_were_imported_ahead_show_there_too() -> None:
    """Pages are forked from a process that has imported libraries, which took the names they need."""
    program = (
        "import types, sys\n"
        "from IPython.display import display\n"
        "sys.modules['library'] = library = types.ModuleType('library')\n"
        "library.display = display\n"
        "from tests.home import Home\n"
        "home = Home()\n"
        "shown = home.cell('import library\\nlibrary.display(1)')\n"
        "home.close()\n"
        "print([kind for kind, _ in shown])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['display_data', 'execute_reply']\n"


WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    '''An environment in which no distribution has IPython.'''
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "IPython" else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
from tests.home import Home
home = Home()
"""


def _without(code: str) -> str:
    """Run a program in a Python that has no IPython."""
    command = [sys.executable, "-c", WITHOUT + code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_without_it_cells_import_the_stand_in() -> None:
    out = _without(
        "shown = home.cell('import IPython\\nIPython.display.display(IPython.display.HTML(\"a\"))\\n'\n"
        "                  'from IPython.core.display import Math\\nfrom IPython import get_ipython\\nget_ipython()')\n"
        "home.close()\n"
        "print(shown, 'IPython' in sys.modules)\n"
    )
    assert out.startswith("[('display_data', {'data': {'text/html': 'a', 'text/plain': '<IPython.core.display.HTML obj")
    assert out.endswith("'payload': []})] False\n")


def test_without_it_the_rest_of_ipython_is_missing_as_ever() -> None:
    out = _without(
        "shown = home.cell('from IPython.core.magic import Magics')\nhome.close()\nprint(shown[0][1]['ename'])\n"
    )
    assert out == "ModuleNotFoundError\n"


def test_libraries_that_ask_for_ipython_go_on_without_a_shell() -> None:
    out = _without(
        "shown = home.cell('import IPython.display\\nimport panel, hvplot.pandas, matplotlib.pyplot, sympy')\n"
        "home.close()\n"
        "print(shown[-1][1]['status'])\n"
    )
    assert out == "ok\n"


@pytest.mark.parametrize(
    ("module", "there"),
    [
        ("IPython", True),
        ("IPython.display", True),
        ("IPython.display.HTML", True),
        ("IPython.get_ipython", True),
        ("IPython.core.display.Image", True),
        ("IPython.display.NothingOfTheKind", False),
        ("IPython.embed", False),
        ("IPython.core.magic.Magics", False),
        ("numpy", False),
    ],
)
def test_what_it_stands_in_for(module: str, there: bool) -> None:
    assert stands_in(module) is there


def test_it_is_no_part_of_an_ipython_that_is_there() -> None:
    import IPython  # noqa: F401

    assert StandIn().find_spec("IPython.display", None) is None
