"""What ``%pip install`` asks for."""

from __future__ import annotations

import re
import shlex

from .reading import Magic, read

_VALUED = re.compile(
    "-[iftC]|--(index-url|extra-index-url|find-links|target|platform|python-version|implementation|abi|root|prefix|src|"
    "config-settings|global-option|no-binary|only-binary|upgrade-strategy|progress-bar|root-user-action|report|"
    "cache-dir|log|proxy|retries|timeout|exists-action|trusted-host|cert|client-cert|use-feature|use-deprecated|"
    "python|keyring-provider)"
)
"""Options of pip that take the next word."""
_ELSEWHERE = re.compile(r"-[rce]|--(requirement|constraint|editable)(=|$)")
"""Options by which requirements come from somewhere else."""
_SHELL = "|;&"
"""Characters with which a shell ends a command."""
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[\w\s.,-]*\])?\s*([<>=!~;(][^/]*)?")
_ARCHIVES = (".whl", ".zip", ".gz", ".bz2", ".xz", ".tar")


def requirements(code: str) -> list[tuple[str, int]]:
    """Return what ``%pip install`` asks for in a cell, each with its line."""
    return [(wanted, magic.line) for magic in read(code).lines if is_pip(magic) for wanted in installs(magic)]


def is_pip(magic: Magic) -> bool:
    """Whether it is ``%pip`` or ``!pip``."""
    return magic.mark in "%!" and magic.name in ("pip", "pip3")


def installs(magic: Magic) -> list[str]:
    """Return the requirements of a ``%pip install``.

    There are none of any other command of pip, and none where a word is in the way that cells cannot follow.
    """
    wanted, in_the_way = taken_apart(magic)
    return [] if in_the_way else wanted


def taken_apart(magic: Magic) -> tuple[list[str], str]:
    """Return the requirements of a ``%pip install``, and the first word that is none and no option."""
    reader = shlex.shlex(magic.rest, posix=True, punctuation_chars=_SHELL)
    reader.whitespace_split = True
    try:
        words = iter(list(reader))
    except ValueError:
        return [], ""
    wanted: list[str] = []
    if next(words, None) != "install":
        return wanted, ""
    for word in words:
        if _VALUED.fullmatch(word):
            next(words, None)
        elif _ELSEWHERE.match(word):
            return wanted, word
        elif not word.startswith("-"):
            if not _REQUIREMENT.fullmatch(word) or word.endswith(_ARCHIVES):
                return wanted, word
            wanted.append(word)
    return wanted, ""
