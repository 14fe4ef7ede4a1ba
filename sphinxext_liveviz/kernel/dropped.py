"""What an error owes to a file that was left out of a package when the site was built.

Bundles serve lean packages. The list of what each of them lacks lies beside its metadata; it is read when an error
looks like one of these files, and never before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

LIST = "liveviz-dropped.txt"
"""Name of the list, in the ``.dist-info`` directory of a package: a path below site-packages in each line."""


def explain(error: BaseException | None) -> list[str]:
    """Return lines that say which file is missing, and the way out; none when the error has another reason."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for name, dropped in _lists() if isinstance(error, ImportError | FileNotFoundError) else ():
            pattern = _missing(error, dropped)
            if pattern is not None:
                return [
                    f"liveviz: this site serves {name} without {pattern}, which live cells rarely need.",
                    f'Its author can keep it, in conf.py: liveviz_keep = ["{pattern}"]',
                ]
        error = error.__cause__ or error.__context__
    return []


def _lists() -> Iterator[tuple[str, list[str]]]:
    """Yield each distribution that has a list, with what is in it."""
    for place in _places():
        try:
            directories = sorted(os.listdir(place))
        except (OSError, ValueError):
            continue  # an archive, or nothing that packages could be imported from
        for directory in directories:
            path = os.path.join(place, directory, LIST)
            if directory.endswith(".dist-info") and os.path.exists(path):
                with open(path, encoding="utf-8") as opened:
                    yield directory.partition("-")[0], opened.read().splitlines()


def _places() -> list[str]:
    """Return what Python itself looks at: it passes over anything else on the path."""
    return [place for place in sys.path if isinstance(place, str)]


def _missing(error: BaseException, dropped: list[str]) -> str | None:
    """Return a pattern for what an error complains of, if that was left out."""
    if isinstance(error, ImportError):
        path = _module(error).replace(".", "/")
        code = [one for one in dropped if one.endswith((".py", ".so"))]
        if path and any(one.startswith(f"{path}/") for one in code):
            return f"{path}/*"
        return f"{path}.*" if path and any(one.startswith(f"{path}.") for one in code) else None
    assert isinstance(error, FileNotFoundError)
    if not isinstance(error.filename, str | bytes):
        return None  # of a file descriptor, or nobody knows
    file = os.path.abspath(os.fsdecode(error.filename))
    return next((path for path in dropped if any(file == os.path.join(place, path) for place in _places())), None)


def _module(error: ImportError) -> str:
    """Return the name of the module that could not be imported."""
    if isinstance(error, ModuleNotFoundError):
        return error.name or ""
    name = getattr(error, "name_from", None)  # from package import module
    return f"{error.name}.{name}" if error.name and name else ""
