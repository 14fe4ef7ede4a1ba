"""What ``liveviz_*`` values may be: each check returns a value as it is used, or says what is wrong with it.

A check is called with the name and the value, and raises :class:`UserError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .errors import UserError

Check = Callable[[str, Any], Any]
FORMATS = ("png", "svg", "pdf")
"""What Matplotlib figures can be shown as."""
ENGINES = ("chromium", "firefox", "webkit", "node")
"""What ``livecheck`` can run cells in."""
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
"""A dotted name."""


def one_of(*allowed: str) -> Check:
    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise UserError(f"{name} = {value!r}: must be one of {', '.join(map(repr, allowed))}")
        return str(value)

    return check


def version(name: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d+\.\d+\.\d+", value):
        raise UserError(f'{name} = {value!r}: must be a released version such as "314.0.7"')
    return value


def strings(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise UserError(f"{name} = {value!r}: must be a list of strings, for instance [{str(value)!r}]")
    return tuple(value)


def variables(name: str, value: Any) -> tuple[str, ...]:
    items = strings(name, value)
    for item in items:
        if not item or "=" in item:
            raise UserError(f'{name}: {item!r} is not the name of a variable; write for instance "TZ", without a value')
    return items


def requirements(name: str, value: Any) -> tuple[str, ...]:
    items = strings(name, value)
    for item in items:
        from packaging.requirements import InvalidRequirement, Requirement  # takes long, and most sites have none

        try:
            Requirement(item)
        except InvalidRequirement as error:
            raise UserError(f'{name}: {item!r} is not a requirement such as "numpy>=2" ({error})') from None
    return items


def _number(value: Any) -> float | None:
    """Return a finite number above 0, also of a text, which is what ``sphinx-build -D`` gives; None for all else."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else 0.0
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def flag(name: str, value: Any) -> bool:
    known = {"1": True, "true": True, "0": False, "false": False}
    flag = known.get(str(value).lower())
    if flag is None:
        raise UserError(f"{name} = {value!r}: must be True or False")
    return flag


def seconds(name: str, value: Any) -> float:
    number = _number(value)
    if number is None:
        raise UserError(f"{name} = {value!r}: must be a number of seconds above 0")
    return number


def fraction(name: str, value: Any) -> float:
    number = 0.0 if value in (0, "0") else _number(value)
    if number is None:
        raise UserError(f"{name} = {value!r}: must be a relative difference from 0, such as 1e-6")
    return number


def patterns(name: str, value: Any) -> tuple[str, ...]:
    items = strings(name, value)
    for item in items:
        try:
            re.compile(item)
        except re.error as error:
            raise UserError(f"{name}: {item!r} is not a regular expression ({error})") from None
    return items


def count(what: str, none: str | None = None) -> Check:
    """Check for a whole number of ``what``; ``none`` says what None means, where it is allowed."""
    allowed = f"None ({none}) or " if none else ""

    def check(name: str, value: Any) -> int | None:
        if none and value in (None, "None"):
            return None
        number = _number(value)
        if number is None or not number.is_integer():
            raise UserError(f"{name} = {value!r}: must be {allowed}a number of {what} from 1")
        return int(number)

    return check


def modules(name: str, value: Any) -> tuple[str, ...] | None:
    if value in (None, "None"):
        return None
    names = [item for item in value.split(",") if item] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(
        isinstance(item, str) and _DOTTED.fullmatch(item) for item in names
    ):
        raise UserError(
            f'{name} = {value!r}: must be None (chosen automatically) or a list of modules such as ["numpy"]'
        )
    return tuple(names)


def factory(name: str, value: Any) -> str | None:
    if value in (None, "None"):
        return None
    if not isinstance(value, str) or not all(map(_DOTTED.fullmatch, parts := value.split(":"))) or len(parts) != 2:
        raise UserError(f'{name} = {value!r}: must be None or "module:callable", what makes the executor')
    return value


def formats(name: str, value: Any) -> tuple[str, ...]:
    formats = [value] if isinstance(value, str) else value
    if not isinstance(formats, (list, tuple)) or not formats or any(one not in FORMATS for one in formats):
        raise UserError(f"{name} = {value!r}: must be one of {', '.join(map(repr, FORMATS))}, or a list of them")
    return tuple(dict.fromkeys(formats))


def path(what: str) -> Check:
    def check(name: str, value: Any) -> str | None:
        if value is not None and not (isinstance(value, str) and value):
            raise UserError(f"{name} = {value!r}: must be None or the path of a {what}")
        return value

    return check
