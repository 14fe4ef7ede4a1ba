"""Where files of a Pyodide distribution are looked for.

A place is asked for a file by its base name and gives its bytes or says why it has none. The official lock's sha256
decides on what it gives, so that a place need not be trusted to be used; see :mod:`.core` for the few files whose
hash no lock holds.
"""

from __future__ import annotations

import http.client
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement

from ..errors import LivevizError, Unavailable, UserError
from .cache import WrongHash
from .outcome import size
from .programs import Failed
from .run import Run

CONNECT_TIMEOUT = 10.0
"""Seconds without a byte after which a host counts as unreachable."""


class Absent(LivevizError):
    """A place does not have a file; the message is its answer."""


class Place(Protocol):
    """Where files may be had."""

    label: str
    """As the author knows it, for messages."""

    def read(self, name: str) -> bytes:
        """Give a file's content or raise :class:`Absent`."""


class Directory:
    """A directory that holds the files side by side."""

    def __init__(self, path: Path) -> None:
        self.label = str(path)
        self._path = path

    def read(self, name: str) -> bytes:
        """Give a file's content or raise :class:`Absent`."""
        try:
            return (self._path / name).read_bytes()
        except OSError as error:
            raise Absent(error.strerror or str(error)) from None


class Address:
    """A URL below which the files lie. A host that could not be reached once is not asked again."""

    def __init__(self, url: str) -> None:
        self.label = url.rstrip("/") + "/"
        self._unreachable: str | None = None

    def read(self, name: str) -> bytes:
        """Give a file's content or raise :class:`Absent`."""
        if self._unreachable is not None:
            raise Absent(self._unreachable)
        try:
            with urllib.request.urlopen(self.label + urllib.parse.quote(name), timeout=CONNECT_TIMEOUT) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            raise Absent(f"HTTP {error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException) as error:
            self._unreachable = f"unreachable ({getattr(error, 'reason', error)})"
            raise Absent(self._unreachable) from None


class WheelOfFiles:
    """A wheel on a package index that contains the files, in whatever directory."""

    def __init__(self, requirement: str, run: Run) -> None:
        self.label = requirement
        self._run = run
        self._wheel: Path | None = None
        self._failure: str | None = None

    def read(self, name: str) -> bytes:
        """Give a file's content or raise :class:`Absent`."""
        if self._failure is not None:
            raise Absent(self._failure)
        if self._wheel is None:
            try:
                self._wheel = self._fetch()
            except Failed as error:
                self._failure = str(error)
                raise Absent(self._failure) from None
        with zipfile.ZipFile(self._wheel) as files:
            for member in files.namelist():
                if member.rpartition("/")[2] == name:
                    return files.read(member)
        raise Absent("its wheel does not contain the file")

    def _fetch(self) -> Path:
        known = self._run.cache.recall("wheel of files", self.label)
        path = self._run.cache.find(*known) if known else None
        if path is None:
            self._run.progress(f"fetching {self.label}")
            with tempfile.TemporaryDirectory() as directory:
                self._run.pip(
                    "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", directory, self.label
                )
                (wheel,) = Path(directory).glob("*.whl")
                path = self._run.cache.keep(wheel.read_bytes(), wheel.name)
            self._run.cache.remember("wheel of files", self.label, answer=[path.parent.name, path.name])
            self._run.progress(f"{path.name} ({size(path.stat().st_size)}) from the package index")
        return path


def places_of(mirrors: Sequence[str], base: Path, cdn: Address, run: Run) -> tuple[Place, ...]:
    """Read ``liveviz_mirrors``.

    Parameters
    ----------
    mirrors : sequence of str
        As in ``conf.py``.
    base : Path
        Directory that relative ones start from.
    cdn : Address
        Stands where the list says ``"cdn"``, else behind all others.
    """
    places: list[Place] = []
    for mirror in mirrors if "cdn" in mirrors else (*mirrors, "cdn"):
        if mirror == "cdn":
            places.append(cdn)
        elif mirror.startswith(("https://", "http://")):
            places.append(Address(mirror))
        elif (directory := base / Path(mirror).expanduser()).is_dir():
            places.append(Directory(directory.resolve()))
        else:
            try:
                Requirement(mirror)
            except InvalidRequirement:
                raise UserError(
                    f'liveviz_mirrors: {mirror!r} is neither "cdn", nor a URL that begins with https://, nor an '
                    f'existing directory (seen from {base}), nor a requirement such as "name==1.0"'
                ) from None
            places.append(WheelOfFiles(mirror, run))
    return tuple(places)


class Mirrors:
    """Gets files whose sha256 is known."""

    def __init__(self, places: Iterable[Place], run: Run) -> None:
        self._places = tuple(places)
        self._run = run

    @property
    def labels(self) -> tuple[str, ...]:
        """All places, in the order in which they are asked."""
        return tuple(place.label for place in self._places)

    def get(self, name: str, sha256: str) -> Path:
        """Give the verified copy of a file in the cache.

        Raises
        ------
        Unavailable
            With the answer of each place.
        """
        path = self._run.cache.find(sha256, name)
        tried = []
        for place in self._places if path is None else ():
            try:
                path = self._run.cache.keep(place.read(name), name, sha256)
            except (Absent, WrongHash) as error:
                tried.append((place.label, str(error)))
            else:
                self._run.progress(f"{name} ({size(path.stat().st_size)}) from {place.label}")
                break
        if path is None:
            raise Unavailable(name, tuple(tried))
        return path
