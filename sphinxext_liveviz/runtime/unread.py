"""Files of packages that no live cell reads: of use where packages are installed, tested, or shown as pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

DROPPED: Mapping[str, tuple[str, ...]] = {
    "": (
        "*/tests/*",
        "*/test/*",
        "*.pyi",
        "*.pxd",
        "*.pyx",
        "*.c",
        "*.cc",
        "*.cpp",
        "*.h",
        "*.hpp",
        "*.f",
        "*.f90",
        "*.a",
        "*.ts",
        "*.tsx",
        "*.map",
        "*/__pycache__/*",
        # Pyodide does not install what a wheel has for other places than site-packages.
        "*.data/data/*",
        "*.data/headers/*",
        "*.data/scripts/*",
        "*/labextension/static/*",
        # Of use to installers only. Licenses stay: who passes files on passes them on too.
        "*.dist-info/RECORD",
        "*.dist-info/RECORD.*",
    ),
    "bokeh": ("bokeh/server/static/*", "bokeh/sampledata/_data/*"),
    "holoviews": ("holoviews/examples/*",),
    "hvplot": ("hvplot/examples/*",),
    "matplotlib": (
        "matplotlib/mpl-data/sample_data/*",
        "matplotlib/mpl-data/images/*",
        "matplotlib/backends/web_backend/*",
    ),
    "numpy": (
        "numpy/_core/_operand_flag_tests.*",
        "numpy/_core/_rational_tests.*",
        "numpy/_core/_struct_ufunc_tests.*",
        "numpy/_core/_umath_tests.*",
        "numpy/random/_examples/*",
        "numpy/_core/lib/*",
        "numpy/random/lib/*",
    ),
    "panel": ("panel/dist/*", "panel/examples/*", "panel/node_modules/*", "panel/package-lock.json"),
    "ipywidgets-bokeh": ("ipywidgets_bokeh/dist/*",),
    "pillow": ("PIL/_imagingtk.*", "PIL/_tkinter_finder.*"),
    "widgetsnbextension": ("widgetsnbextension/static/*",),
}
"""Distribution -> patterns of the files that no live cell reads; those of ``""`` hold for every distribution."""

KEPT: Mapping[str, tuple[str, ...]] = {
    # Imported by the public numpy.testing.
    "numpy": ("numpy/_core/tests/_natype.py", "numpy/_core/tests/__init__.py"),
    # Python puts style sheets into what it sends.
    "panel": ("panel/dist/css/*", "panel/dist/bundled/theme/*.css"),
}
"""Distribution -> patterns of files that stay all the same."""


def is_dropped(name: str, path: str, keep: Iterable[str] = ()) -> bool:
    """Whether no live cell reads a file.

    Parameters
    ----------
    name : str
        Normalised name of the distribution.
    path : str
        Of the file in the wheel.
    keep : iterable of str
        Patterns of files that stay, in the manner of :mod:`fnmatch`: ``*`` matches slashes too.
    """
    if any(fnmatchcase(path, pattern) for pattern in (*KEPT.get(name, ()), *keep)):
        return False
    return any(fnmatchcase(path, pattern) for pattern in (*DROPPED[""], *DROPPED.get(name, ())))


def kept_for(modules: Iterable[str]) -> tuple[str, ...]:
    """Return patterns of what the imports of cells ask for by name, be it dropped or not."""
    paths = sorted({module.replace(".", "/") for module in modules if "." in module})
    return tuple(pattern for path in paths for pattern in (f"{path}.py", f"{path}/*"))
