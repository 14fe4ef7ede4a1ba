"""Small wheels, source distributions and Pyodides, made on the spot: what tests of the runtime resolve against."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PLATFORM = "pyodide_2024_0_wasm32"
VERSION = "0.27.7"


def make_wheel(
    directory: Path,
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    tag: str = "py3-none-any",
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write a wheel with one module of the distribution's name, or with the files given."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Python: {requires_python}"] if requires_python else []
    metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
    extras = {part.split('"')[1] for part in requires if "extra ==" in part}
    metadata += [f"Provides-Extra: {extra}" for extra in sorted(extras)]
    contents = {
        **(files or {f"{name}/__init__.py": f"version = {version!r}\n"}),
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    directory.mkdir(parents=True, exist_ok=True)
    wheel = directory / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)
    return wheel


def install(wheel: Path, site: Path) -> None:
    """Put a wheel's contents where Python finds modules, if ``site`` is on its path."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


def make_project(directory: Path, name: str, version: str = "1.0", *, native: bool = False) -> Path:
    """Write a project whose build needs nothing from any index; its wheels are tagged for one machine."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {f"{name}/__init__.py": "", **({f"{name}/fast.so": ""} if native else {})}
    (directory / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        encoding="utf-8",
    )
    source = Path(__file__).read_text(encoding="utf-8")
    build = (
        "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
        "    import packaging_tags\n"
        f"    return make_wheel(Path(directory), {name!r}, {version!r}, tag=packaging_tags.TAG, files={files!r}).name\n"
    )
    (directory / "backend.py").write_text(f"{source}\n\n{build}", encoding="utf-8")
    (directory / "packaging_tags.py").write_text(f"TAG = {_tag_of_this_machine()!r}\n", encoding="utf-8")
    return directory


def write_project(
    directory: Path, name: str, version: str, modules: Mapping[str, str], requires: Iterable[str] = ()
) -> Path:
    """Write a project of real files: its wheel holds what they say, and its build leaves traces behind as some do."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        encoding="utf-8",
    )
    source = Path(__file__).read_text(encoding="utf-8")
    build = (
        "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
        "    files = {path.as_posix(): path.read_text() for path in Path().glob('src/**/*.py')}\n"
        "    for path in Path('build/lib').glob('**/*.py'):\n"
        "        files['src/' + path.relative_to('build/lib').as_posix()] = path.read_text()\n"
        "    for path, text in files.items():\n"
        "        kept = Path('build/lib', path.removeprefix('src/'))\n"
        "        kept.parent.mkdir(parents=True, exist_ok=True)\n"
        "        kept.write_text(text)\n"
        "    files = {path.removeprefix('src/'): text for path, text in files.items()}\n"
        f"    options = dict(requires={list(requires)!r}, files=files)\n"
        f"    return make_wheel(Path(directory), {name!r}, {version!r}, **options).name\n"
    )
    (directory / "backend.py").write_text(f"{source}\n\n{build}", encoding="utf-8")
    for path, text in modules.items():
        (directory / "src" / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / "src" / path).write_text(text, encoding="utf-8")
    return directory


def make_sdist(directory: Path, name: str, version: str = "1.0", *, native: bool = False) -> Path:
    """Write the source distribution of such a project."""
    directory.mkdir(parents=True, exist_ok=True)
    project = make_project(directory / f".{name}", name, version, native=native)
    sdist = directory / f"{name}-{version}.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for path in project.iterdir():
            archive.add(path, f"{name}-{version}/{path.name}")
        content = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
        item = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
        item.size = len(content)
        archive.addfile(item, io.BytesIO(content))
    return sdist


def entry(
    file: Path, *, depends: Iterable[str] = (), imports: Iterable[str] | None = None, kind: str = "package"
) -> dict[str, Any]:
    """Give the official lock's entry for a file."""
    name, version = file.name.split("-")[:2]
    return {
        "name": name,
        "version": version,
        "file_name": file.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "package_type": kind,
        "imports": [name] if imports is None else list(imports),
        "depends": list(depends),
        "unvendored_tests": False,
    }


def make_pyodide(directory: Path, packages: Iterable[Mapping[str, Any]] = (), version: str = VERSION) -> Path:
    """Write what looks like the core of a Pyodide release, with its official lock."""
    directory.mkdir(parents=True, exist_ok=True)
    info = {"abi_version": "2024_0", "arch": "wasm32", "platform": "emscripten_3_1_58", "python": "3.12.7"}
    lock = {"info": {**info, "version": version}, "packages": {item["name"]: item for item in packages}}
    (directory / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (directory / "pyodide.mjs").write_text(f'const version = "{version}"; import("pyodide.asm.js")', encoding="utf-8")
    for name in ("pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"):
        (directory / name).write_text(f"{name} of {version}", encoding="utf-8")
    return directory


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve a directory over http while the block runs; gives its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=directory)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _tag_of_this_machine() -> str:
    from packaging.tags import sys_tags

    return str(next(iter(sys_tags())))
