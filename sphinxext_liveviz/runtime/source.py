"""Pure wheels from source distributions, for packages whose native code is a mere accelerator.

MarkupSafe and PyYAML are such: without a compiler they build into wheels that hold Python alone, yet may still be
tagged for the machine that built them. Such a wheel runs anywhere, and gets the tag that says so.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..errors import LivevizError
from .cache import DAY, HOUR
from .checkout import state_of
from .outcome import size
from .programs import Failed
from .registry import Wheel, is_exact
from .run import Run
from .target import Target

_NO_COMPILER = {
    "CC": "false",
    "CXX": "false",
    "FC": "false",
    "RUSTC": "false",
    "MATURIN_NO_INSTALL_RUST": "1",
}
_NATIVE = re.compile(r"\.(so(\.\d+)*|pyd|dll|dylib|a|lib)$")


class NotPure(LivevizError):
    """A wheel that does not run on the target; the message says why."""


class Sources:
    """Builds wheels of pure Python.

    Parameters
    ----------
    target : Target
        The Python that they must run on.
    """

    def __init__(self, target: Target, run: Run) -> None:
        self._target = target
        self._run = run

    def build(self, requirement: str) -> Wheel | str:
        """Build a wheel, or say why it cannot be had.

        Parameters
        ----------
        requirement : str
            PEP 508, with a URL for what does not come from a package index.
        """
        url = Requirement(requirement).url
        question = ("source", requirement, self._target.python, state_of(url))
        known = self._recall(question, for_good=url is not None or is_exact(requirement))
        if known is not None:
            return known
        self._run.progress(f"building {requirement} from source, without a compiler")
        try:
            wheel = self._build(requirement)
        except Failed as error:
            nothing_to_build = error.unreachable or "No matching distribution" in error.output
            answer = str(error) if nothing_to_build else f"cannot be built without a compiler ({error})"
            if not error.unreachable:
                self._run.cache.remember(*question, answer=answer)
            return answer
        except NotPure as error:
            self._run.cache.remember(*question, answer=str(error))
            return str(error)
        self._run.cache.remember(*question, answer=wheel.record())
        return wheel

    def _recall(self, question: tuple[str, ...], for_good: bool) -> Wheel | str | None:
        record = self._run.cache.recall(*question)
        if isinstance(record, str) or not for_good:
            record = self._run.cache.recall(*question, within=HOUR if isinstance(record, str) else DAY)
        if record is None or isinstance(record, str):
            return record
        wheel = Wheel.of_record(record)
        return wheel if self._run.cache.find(wheel.sha256, wheel.file_name) is not None else None

    def _build(self, requirement: str) -> Wheel:
        with tempfile.TemporaryDirectory() as directory:
            # pip's own cache is left out: it may hold a native build of the same version, and must not get this one.
            options = ("--quiet", "--no-deps", "--no-cache-dir", "--wheel-dir", directory)
            name = Requirement(requirement).name
            self._run.pip("wheel", *options, f"--no-binary={canonicalize_name(name)}", requirement, env=_NO_COMPILER)
            (path,) = Path(directory).glob("*.whl")
            wheel, content = pure_wheel(path, self._target)
        self._run.cache.keep(content, wheel.file_name, wheel.sha256)
        self._run.progress(f"{wheel.file_name} ({size(len(content))}) built here")
        return wheel


def pure_wheel(path: Path, target: Target) -> tuple[Wheel, bytes]:
    """Give a wheel of pure Python the tag ``py3-none-any``, and bytes that depend on its content alone.

    Raises
    ------
    NotPure
        When it holds native code or wants another Python.
    """
    with zipfile.ZipFile(path) as archive:
        contents = {item.filename: archive.read(item) for item in archive.infolist() if not item.is_dir()}
    native = [name for name in contents if _NATIVE.search(name)]
    if native:
        raise NotPure(f"the wheel built from its source holds native code ({native[0]})")
    (info,) = {name.partition("/")[0] for name in contents if name.partition("/")[0].endswith(".dist-info")}
    metadata = message_from_bytes(contents[f"{info}/METADATA"])
    if not target.runs(metadata["Requires-Python"]):
        raise NotPure(f"it requires Python {metadata['Requires-Python']}, Pyodide has {target.python}")
    tags = message_from_bytes(contents[f"{info}/WHEEL"])
    for header, value in (("Root-Is-Purelib", "true"), ("Tag", "py3-none-any")):
        del tags[header]  # All of that name.
        tags[header] = value
    contents[f"{info}/WHEEL"] = tags.as_bytes()
    contents[f"{info}/RECORD"] = _record(info, contents)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(contents.items()):
            item = zipfile.ZipInfo(name)  # Dated 1980: the same content gives the same hash in every build.
            item.compress_type = zipfile.ZIP_DEFLATED
            item.external_attr = 0o644 << 16
            archive.writestr(item, content)
    file_name = "-".join([*path.name.split("-")[:2], "py3-none-any.whl"])
    name, requires = canonicalize_name(metadata["Name"]), tuple(metadata.get_all("Requires-Dist", ()))
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    return Wheel(name, metadata["Version"], file_name, digest, requires, None), packed.getvalue()


def _record(info: str, contents: dict[str, bytes]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, content in sorted(contents.items()):
        if name != f"{info}/RECORD":
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.writerow([name, f"sha256={digest}", len(content)])
    rows.writerow([f"{info}/RECORD", "", ""])
    return text.getvalue().encode()
