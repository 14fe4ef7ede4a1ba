"""What a snapshot takes, found out by trying: run in Pyodide before a snapshot is made, in another interpreter.

That one is thrown away, so nothing that has ever run a cell is in a snapshot.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress

from . import adapters, browser  # noqa: F401 - what live cells find; libraries read settings of it when imported
from .core import Kernel
from .third_party import third_party

SHOWN = {
    "bokeh": "from bokeh.plotting import figure\nplot = figure()\nplot.line([1, 2], [3, 4])\nplot",
    "panel": (
        "import panel as pn\n"
        "slider = pn.widgets.IntSlider()\n"
        "pn.Column(slider, pn.pane.Markdown('text'), pn.bind(lambda value: str(value), slider))"
    ),
    "matplotlib.pyplot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
}
"""Module -> a cell that shows something of it."""


async def try_out(modules: Iterable[str]) -> list[tuple[str, str]]:
    """Do what cells will do, and return the modules that this imports, in order, each with its file, if it has one."""
    _import(modules)
    kernel = Kernel(lambda *_: None, live=True)
    for name, code in SHOWN.items():
        if name in sys.modules:
            await kernel.execute(
                {"header": {"msg_id": name, "msg_type": "execute_request"}, "metadata": {}, "content": {"code": code}}
            )
    kernel.close()
    return [
        (name, getattr(module, "__file__", None) or "")
        for name, module in list(sys.modules.items())
        if name != "__main__" and getattr(module, "__spec__", None) is not None
    ]


def load(names: Iterable[str]) -> list[str]:
    """Import modules, in an interpreter that a snapshot will be made of, and return all that are there then."""
    _import(names)
    third_party()  # what it finds stays in memory; the files may come later than it is asked
    gc.collect()
    return list(sys.modules)


def _import(names: Iterable[str]) -> None:
    """Import what can be imported by name: `from a import b` does not tell whether b is a module."""
    for name in names:
        with suppress(Exception):  # A cell that needs it will say so.
            importlib.import_module(name)


def files() -> tuple[str, list[str]]:
    """Return the paths of the standard library's archive, and of all files in site-packages."""
    library = next(path for path in sys.path if path.endswith(".zip"))
    # Modules know their files by paths with one slash at the beginning, whatever is said here.
    site_packages = "/" + sysconfig.get_path("purelib").lstrip("/")
    return library, [f"{place}/{name}" for place, _, names in os.walk(site_packages) for name in names]
