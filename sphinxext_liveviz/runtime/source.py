"""Wheels from source: of projects that lie on this machine, and of packages whose native code is a mere accelerator.

MarkupSafe and PyYAML are such: without a compiler they build into wheels that hold Python alone, yet may still be
tagged for the machine that built them. Such a wheel runs anywhere, and gets the tag that says so.

A project that does not work without its native code is compiled for Pyodide by pyodide-build, where that is installed.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..errors import LivevizError
from .cache import DAY, HOUR
from .checkout import Documents, content_of, copy, directory_of, metadata_of, state_of
from .outcome import size
from .programs import Failed, PyodideBuild
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
_TO_COMPILE = re.compile(r"(\.(c|cc|cpp|cxx|pyx|rs|f|f90|f95|pyf)|(^|/)(Cargo\.toml|CMakeLists\.txt|meson\.build))$")
_AROUND = re.compile(r"\.\./|[\"']\.\.[\"']|search_parent_directories")
"""Of a project's metadata: it reads what lies around it, such as the repository of which it is a part."""


class NotPure(LivevizError):
    """A wheel that does not run on the target; the message says why."""


class Sources:
    """Builds wheels.

    Parameters
    ----------
    target : Target
        The Python that they must run on.
    documents : Documents, optional
        Those of the site, which are no source of the project that they describe.
    compiler : PyodideBuild, optional
        For what is not pure Python.
    """

    def __init__(
        self, target: Target, run: Run, documents: Documents | None = None, compiler: PyodideBuild | None = None
    ) -> None:
        self._target = target
        self._run = run
        self._documents = documents
        self._compiler = compiler

    def build(self, requirement: str) -> Wheel | str:
        """Build a wheel, or say why it cannot be had.

        Parameters
        ----------
        requirement : str
            PEP 508, with a URL for what does not come from a package index.
        """
        url = Requirement(requirement).url
        if (directory := directory_of(url)) is not None:
            return self.build_directory(directory)
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

    def build_directory(self, root: Path) -> Wheel | str:
        """Build the project in a directory, or say why it cannot be had. It is built again when its source changes."""
        compiler = None if self._compiler is None else self._compiler.lacks(self._target.python)
        question = ("directory", content_of(root, self._documents), self._target.python, compiler or "")
        known = self._recall(question, for_good=True)
        if known is not None:
            return known
        self._run.progress(f"building the project in {root}")
        try:
            wheel = self._build_project(root)
        except (Failed, NotPure) as error:
            native = _has_to_be_compiled(root)
            answer = self._compiled(root, str(error)) if native else str(error)
            if isinstance(answer, str):
                # Not what a compiler said: its own network, or itself, may be mended in a minute.
                if not (native and compiler is None) and not getattr(error, "unreachable", False):
                    self._run.cache.remember(*question, answer=answer)
                return answer
            wheel = answer
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
            name = canonicalize_name(Requirement(requirement).name)
            path = self._wheel(Path(directory), f"--no-binary={name}", requirement)
            return self._keep(*pure_wheel(path, self._target))

    def _build_project(self, root: Path) -> Wheel:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            copy(root, directory / "source")
            try:
                path = self._wheel(directory, str(directory / "source"))
            except Failed as error:
                if error.unreachable or not _AROUND.search(metadata_of(root)):
                    raise
                path = self._wheel(directory, str(root))
            return self._keep(*pure_wheel(path, self._target, named_by_content=True))

    def _compiled(self, root: Path, without: str) -> Wheel | str:
        """Compile a project for Pyodide. ``without``: what became of it without a compiler."""
        compiler = self._compiler
        lacking = "nothing compiles it" if compiler is None else compiler.lacks(self._target.python)
        if compiler is None or lacking is not None:
            return f"it has native code ({without}), and {lacking}"
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            copy(root, directory / "source")
            self._run.progress(f"compiling the project in {root} for Pyodide")
            try:
                compiler(directory / "source", directory / "wheel")
                (path,) = (directory / "wheel").glob("*.whl")
                return self._keep(*_own_wheel(path, self._target))
            except (Failed, NotPure) as error:
                return f"pyodide-build could not compile it ({error})"

    def _wheel(self, directory: Path, *what: str) -> Path:
        # pip's own cache is left out: it may hold a native build of the same version, and must not get this one.
        options = ("--quiet", "--no-deps", "--no-cache-dir", "--wheel-dir", str(directory / "wheel"))
        self._run.pip("wheel", *options, *what, env=_NO_COMPILER)
        (path,) = (directory / "wheel").glob("*.whl")
        return path

    def _keep(self, wheel: Wheel, content: bytes) -> Wheel:
        self._run.cache.keep(content, wheel.file_name, wheel.sha256)
        self._run.progress(f"{wheel.file_name} ({size(len(content))}) built here")
        return wheel


def _has_to_be_compiled(root: Path) -> bool:
    return any(_TO_COMPILE.search(path.as_posix()) for path in root.rglob("*") if ".git" not in path.parts)


def pure_wheel(path: Path, target: Target, *, named_by_content: bool = False) -> tuple[Wheel, bytes]:
    """Give a wheel of pure Python the tag ``py3-none-any``, and bytes that depend on its content alone.

    Parameters
    ----------
    path : Path
    target : Target
    named_by_content : bool
        Give it a build number that tells its content. For what changes while its version stays: a browser that kept
        the last file of the name would not find in it what the lock says.

    Raises
    ------
    NotPure
        When it holds native code or wants another Python.
    """
    contents = _contents(path)
    native = [name for name in contents if _NATIVE.search(name)]
    if native:
        raise NotPure(f"the wheel built from its source holds native code ({native[0]})")
    info = _info(contents)
    tags = message_from_bytes(contents[f"{info}/WHEEL"])
    # All of a name go; and which version of which program made it must not make another file of it.
    for header, value in (("Root-Is-Purelib", "true"), ("Tag", "py3-none-any"), ("Generator", "sphinxext_liveviz")):
        del tags[header]
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
    return _described(path, "py3-none-any", packed.getvalue(), contents, target, named_by_content)


def _own_wheel(path: Path, target: Target) -> tuple[Wheel, bytes]:
    """Describe a wheel that was compiled for Pyodide."""
    tag = "-".join(path.stem.split("-")[-3:])
    if not tag.endswith(("-any", *target.platforms)):
        raise NotPure(f"{path.name} is not for {target.platforms[0]}")
    return _described(path, tag, path.read_bytes(), _contents(path), target, named_by_content=True)


def _described(
    path: Path, tag: str, content: bytes, contents: dict[str, bytes], target: Target, named_by_content: bool
) -> tuple[Wheel, bytes]:
    metadata = message_from_bytes(contents[f"{_info(contents)}/METADATA"])
    if not target.runs(metadata["Requires-Python"]):
        raise NotPure(f"it requires Python {metadata['Requires-Python']}, Pyodide has {target.python}")
    digest = hashlib.sha256(content).hexdigest()
    build = (f"0{digest[:10]}",) if named_by_content else ()  # The standard wants a digit first.
    file_name = "-".join([*path.name.split("-")[:2], *build, f"{tag}.whl"])
    name, requires = canonicalize_name(metadata["Name"]), tuple(metadata.get_all("Requires-Dist", ()))
    return Wheel(name, metadata["Version"], file_name, digest, requires, None), content


def modules_in(names: list[str]) -> Iterator[str]:
    """Yield the modules that a wheel with these files brings, dotted.

    Of packages it is the outermost that has an ``__init__``: so the parts of a namespace package that several
    distributions share are told apart.
    """
    packages = {name.removesuffix("/__init__.py") for name in names if name.endswith("/__init__.py")}
    for name in names:
        parts = name.removesuffix(".py").split("/")
        if name.endswith(".py") and all(part.isidentifier() for part in parts):
            above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
            yield next((package for package in above if package in packages), "/".join(parts)).replace("/", ".")


def _contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {item.filename: archive.read(item) for item in archive.infolist() if not item.is_dir()}


def _info(contents: dict[str, bytes]) -> str:
    (info,) = {name.partition("/")[0] for name in contents if name.partition("/")[0].endswith(".dist-info")}
    return info


def _record(info: str, contents: dict[str, bytes]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, content in sorted(contents.items()):
        if name != f"{info}/RECORD":
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.writerow([name, f"sha256={digest}", len(content)])
    rows.writerow([f"{info}/RECORD", "", ""])
    return text.getvalue().encode()
