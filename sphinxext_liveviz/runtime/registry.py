"""Wheels from package indexes, through pip.

Asking and fetching are two steps. The first, a dry run, gives each wheel's URL, hash and requirements, which is all
that a site needs whose readers fetch it themselves. What was asked once is remembered: an exact version for good,
"the newest" for a day, "there is none" for an hour, and that the index was unreachable not at all.
"""

from __future__ import annotations

import json
import re
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.request import url2pathname

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .cache import DAY, HOUR, WrongHash
from .outcome import size
from .programs import Failed
from .run import Run
from .target import Target

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel, perhaps not fetched yet."""

    name: str
    """Normalised name of its distribution."""
    version: str
    file_name: str
    sha256: str
    requires: tuple[str, ...]
    """``Requires-Dist`` of its metadata."""
    url: str | None
    """Where it lies; None when it was made here and lies in the cache."""

    @property
    def for_browsers(self) -> str | None:
        """The URL, if a reader's browser may be sent there: over https, and without credentials."""
        parts = urllib.parse.urlsplit(self.url or "")
        return self.url if parts.scheme == "https" and "@" not in parts.netloc else None

    def record(self) -> dict[str, Any]:
        """Give it as JSON for the cache's answers."""
        return asdict(self)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Wheel:
        """Read what :meth:`record` gave."""
        return cls(**{**record, "requires": tuple(record["requires"])})


@dataclass(frozen=True, slots=True)
class Pin:
    """A file that a lock names."""

    name: str
    """Normalised name of its distribution."""
    version: str
    file_name: str
    sha256: str
    url: str | None = None
    """Where the site's configuration says that it lies; None when that is the package index."""

    @property
    def line(self) -> str:
        """As a line of pip's requirements file, which takes no file of another hash."""
        what = f"{self.name} @ {self.url}" if self.url else f"{self.name}=={self.version}"
        return f"{what} --hash=sha256:{self.sha256}\n"


class Registry:
    """The package indexes that the user's pip is set up for.

    Parameters
    ----------
    target : Target
        The Python that wheels must run on.
    """

    def __init__(self, target: Target, run: Run) -> None:
        self._target = target
        self._run = run

    def find(self, requirements: Sequence[str]) -> dict[str, Wheel | str]:
        """Find the newest wheel for each requirement, or pip's words why there is none.

        Parameters
        ----------
        requirements : sequence of str
            No two for the same distribution.
        """
        known = {requirement: self._recall(requirement) for requirement in requirements}
        answers = {requirement: answer for requirement, answer in known.items() if answer is not None}
        asked = [requirement for requirement in requirements if requirement not in answers]
        if asked:
            others = f" and {len(asked) - 3} more" if len(asked) > 3 else ""
            self._run.progress(f"asking the package index for {', '.join(asked[:3])}{others}")
        for requirement, answer in self._each(asked, self._ask).items():
            if isinstance(answer, Failed):
                # An index that is out of reach is no reason to lose what was good yesterday.
                if answer.unreachable:
                    answers[requirement] = self._recall(requirement, stale=True) or str(answer)
                else:
                    answers[requirement] = str(answer)
                    self._remember(requirement, str(answer))
            else:
                answers[requirement] = answer
                self._remember(requirement, answer.record())
        return answers

    def locate(self, pins: Sequence[Pin], *, for_browsers: bool) -> dict[Pin, Wheel | str]:
        """Find the files of a lock, or pip's words why they cannot be had.

        Parameters
        ----------
        pins : sequence of Pin
            No two for the same distribution.
        for_browsers : bool
            It matters where they lie: readers are sent there.
        """
        answers: dict[Pin, Wheel | str] = {}
        asked = []
        for pin in pins:
            kept = Wheel(pin.name, pin.version, pin.file_name, pin.sha256, (), None)
            # Known for good: what is asked for has a hash.
            record = self._run.cache.recall("pin", pin.line, pin.file_name)
            if not for_browsers and self._run.cache.find(pin.sha256, pin.file_name) is not None:
                answers[pin] = kept
            elif record is not None:
                answers[pin] = Wheel.of_record(record)
            else:
                asked.append(pin)
        if asked:
            self._run.progress(f"asking the package index for {len(asked)} files of the lock")
        for pin, answer in self._each(asked, self._find_pins).items():
            if isinstance(answer, Wheel):
                self._run.cache.remember("pin", pin.line, pin.file_name, answer=answer.record())
                answers[pin] = answer
            elif self._run.cache.find(pin.sha256, pin.file_name) is not None:
                # No host has it; the site can serve it.
                answers[pin] = Wheel(pin.name, pin.version, pin.file_name, pin.sha256, (), None)
            else:
                answers[pin] = str(answer)
        return answers

    def fetch(self, wheels: Iterable[Wheel]) -> dict[Wheel, Path | str]:
        """Get the verified copies of wheels in the cache, or pip's words why one could not be had."""
        paths: dict[Wheel, Path | str] = {}
        remote = []
        for wheel in wheels:
            path = self._run.cache.find(wheel.sha256, wheel.file_name)
            if path is not None or wheel.url is None:
                paths[wheel] = path or "was removed from the download cache"
            elif wheel.url.startswith("file:"):
                paths[wheel] = self._read(wheel, url2pathname(urllib.parse.urlsplit(wheel.url).path))
            else:
                remote.append(wheel)
        if remote:
            self._run.progress(f"fetching {len(remote)} wheels from the package index")
        answers = self._each(remote, self._download)
        return {**paths, **{wheel: str(a) if isinstance(a, Failed) else a for wheel, a in answers.items()}}

    def _ask(self, requirements: Sequence[str]) -> dict[str, Wheel]:
        found = self._report(requirements)
        return {requirement: found[canonicalize_name(Requirement(requirement).name)] for requirement in requirements}

    def _find_pins(self, pins: Sequence[Pin]) -> dict[Pin, Wheel]:
        with tempfile.TemporaryDirectory() as directory:
            listed = Path(directory, "requirements.txt")
            listed.write_text("".join(pin.line for pin in pins), encoding="utf-8")
            found = self._report(["--requirement", str(listed)])
        return {pin: found[pin.name] for pin in pins}

    def _report(self, arguments: Sequence[str]) -> dict[str, Wheel]:
        with tempfile.TemporaryDirectory() as directory:
            # --target: pip wants one before it looks for wheels of another platform; a dry run leaves it empty.
            where = ("--dry-run", "--ignore-installed", "--target", directory, "--report", "-")
            text = self._run.pip("install", "--quiet", "--no-deps", *where, *self._target.pip_arguments, *arguments)
        return {wheel.name: wheel for wheel in map(_wheel, json.loads(text)["install"])}

    def _download(self, wheels: Sequence[Wheel]) -> dict[Wheel, Path | str]:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            # By URL and hash, so that this is the very file that was found.
            lines = [f"{wheel.name} @ {wheel.url} --hash=sha256:{wheel.sha256}\n" for wheel in wheels]
            listed = directory / "requirements.txt"
            listed.write_text("".join(lines), encoding="utf-8")
            where = ("--no-deps", "--dest", str(directory), "--requirement", str(listed))
            self._run.pip("download", "--quiet", *where, *self._target.pip_arguments)
            return {wheel: self._read(wheel, directory / wheel.file_name) for wheel in wheels}

    def _read(self, wheel: Wheel, file: str | Path) -> Path | str:
        try:
            path = self._run.cache.keep(Path(file).read_bytes(), wheel.file_name, wheel.sha256)
        except (OSError, WrongHash) as error:
            return str(error)
        self._run.progress(f"{wheel.file_name} ({size(path.stat().st_size)}) from the package index")
        return path

    def _each(self, items: Sequence[T], ask: Callable[[Sequence[T]], Mapping[T, Any]]) -> dict[T, Any]:
        """Ask for all at once, because pip is slow to start; when that fails, narrow it down to the culprits."""
        if not items:
            return {}
        try:
            return dict(ask(items))
        except Failed as error:
            if error.unreachable or len(items) == 1:
                return dict.fromkeys(items, error)
            named = [item for item in items if f"requirement {item} (" in error.output]
            if len(named) == 1:
                others = [item for item in items if item not in named]
                return {named[0]: error, **self._each(others, ask)}
        half = len(items) // 2
        return {**self._each(items[:half], ask), **self._each(items[half:], ask)}

    def _question(self, requirement: str) -> tuple[str, ...]:
        return ("wheel", requirement, self._target.python, *self._target.platforms)

    def _recall(self, requirement: str, stale: bool = False) -> Wheel | str | None:
        question = self._question(requirement)
        record = self._run.cache.recall(*question)
        if isinstance(record, str):
            return None if stale else self._run.cache.recall(*question, within=HOUR)
        if not stale and not is_exact(requirement):
            record = self._run.cache.recall(*question, within=DAY)
        return None if record is None else Wheel.of_record(record)

    def _remember(self, requirement: str, answer: Any) -> None:
        if "@" not in requirement:  # What lies behind a URL may change at any time.
            self._run.cache.remember(*self._question(requirement), answer=answer)


def is_exact(requirement: str) -> bool:
    """Tell whether a requirement admits one version alone, so that the answer to it cannot grow old."""
    return re.search(r"==[^*,]*$", requirement) is not None


def _wheel(item: Mapping[str, Any]) -> Wheel:
    metadata, download = item["metadata"], item["download_info"]
    archive = download["archive_info"]
    sha256 = archive.get("hashes", {}).get("sha256") or archive["hash"].removeprefix("sha256=")
    return Wheel(
        canonicalize_name(metadata["name"]),
        metadata["version"],
        urllib.parse.unquote(PurePosixPath(urllib.parse.urlsplit(download["url"]).path).name),
        sha256,
        tuple(metadata.get("requires_dist", ())),
        download["url"],
    )
