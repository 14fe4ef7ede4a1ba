"""Which magics cells have, and how those are told that they have not."""

from __future__ import annotations

import re

from .pip import is_pip, taken_apart
from .reading import Magic, Reading

TEXTS = {
    "html": "HTML",
    "HTML": "HTML",
    "markdown": "Markdown",
    "latex": "Latex",
    "javascript": "Javascript",
    "js": "Javascript",
    "svg": "SVG",
    "SVG": "SVG",
}
"""Cell magic -> class of :mod:`..ipython.display` that shows its body."""
CELL = ("capture", "time", *TEXTS)
"""The cell magics that there are."""
EXTENSIONS = ("autoreload", "holoviews.ipython")
"""What ``%load_ext`` is accepted of. The first has nothing to reload here; see :mod:`.reading` for the second."""

_HAVE = (
    "Cells have %matplotlib inline, %pip install, %time, %load_ext and %autoreload, and at their beginning "
    "%%time, %%capture, %%html, %%markdown, %%latex, %%javascript and %%svg"
)


class UsageError(SyntaxError):
    """A cell asks for something of IPython that it has not: raised before any of it runs."""

    __module__ = "builtins"  # so that tracebacks call it as IPython's are called


def check(reading: Reading, filename: str) -> None:
    """Refuse what is not there.

    Raises
    ------
    UsageError
        With the line of the first magic that cannot be used.
    """
    for magic in reading.magics:
        reason = _reason(magic)
        if reason:
            text = reading.code.split("\n")[magic.line - 1]
            column = len(text) - len(text.lstrip()) + 1
            raise UsageError(reason, (filename, magic.line, column, text))


def _reason(magic: Magic) -> str:
    """Return why a magic cannot be used; nothing where it can."""
    if is_pip(magic) and not magic.assigned:
        return _of_pip(magic)
    if magic.mark == "!":
        return f"!{magic.name} is a program of the system, and live cells have none: do it in Python"
    if magic.mark == "?":
        return f"{magic} is for notebooks: write help({magic.name})"
    if magic.mark == "%%":
        return "" if magic.name in CELL else f"{magic} is a magic that cells do not have. {_HAVE}"
    if magic.assigned:
        return f"the value of {magic} cannot be had in cells. {_HAVE}"
    match magic.name:
        case "time":
            return "" if magic.rest else "%time is followed by what is to be timed; of a whole cell it is %%time"
        case "autoreload":
            return ""
        case "matplotlib":
            kind = magic.rest.strip()
            if kind in ("", "inline", "agg"):
                return ""
            return f"%matplotlib {kind}: figures are pictures here, as by %matplotlib inline"
        case "load_ext" | "reload_ext":
            known = " and ".join(EXTENSIONS)
            return "" if magic.rest in EXTENSIONS else f"{magic} {magic.rest}: cells have {known} only"
    return f"{magic} is a magic that cells do not have. {_HAVE}"


def _of_pip(magic: Magic) -> str:
    """Nothing is installed: what is asked for has to be there."""
    from importlib import metadata  # it takes long to import, and hardly any cell needs it

    wanted, in_the_way = taken_apart(magic)
    if in_the_way:
        return (
            f"{magic} install … {in_the_way}: cells take names of distributions, as an index has them, and nothing "
            "from files, addresses or other programs"
        )
    if not wanted:
        return f"{magic} {magic.rest}: of pip's commands cells have `{magic} install` with names of distributions"
    for one in wanted:
        name = re.split(r"[^\w.-]", one, maxsplit=1)[0]
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            return (
                f"{magic} install {one}: {name} is not here. Cells install nothing: install it where the site is "
                "built, and live cells get it with the page"
            )
    return ""
