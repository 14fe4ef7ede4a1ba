"""From configuration and pages to a runtime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_version

from ..config import LiveConfig
from ..errors import Subtype, Unavailable
from ..model import Cell, Drift, Need, Runtime, RuntimeFile
from .bundle import make_bundle
from .cache import Cache
from .checkout import Documents
from .choose import Chooser, Chooses, Chosen
from .core import cdn_of, get_core
from .imports import modules_of, needs_of
from .installed import Installed
from .local import Locals, build_locals
from .lock import reachable, without_cycles
from .outcome import Outcome, Problem
from .pinned import Lock, Pinned, write_lock
from .places import Mirrors, places_of
from .programs import PyodideBuild
from .registry import Registry
from .resolve import Closure, resolve
from .run import Progress, Run
from .source import Sources
from .target import Target


def make_runtime(
    config: LiveConfig,
    pages: Mapping[str, Sequence[Cell]],
    progress: Progress,
    *,
    base: Path,
    installed: Installed,
    documents: Documents | None = None,
    update: bool = False,
) -> Outcome:
    """Make what :func:`.again.make_runtime` promises. ``update``: make the lock of ``liveviz_lock`` anew."""
    run = Run(Cache.of_user(), progress)
    bundle = config.distribution == "bundle"
    path = None if config.lock is None else base / config.lock
    lock = Lock(path, config.pyodide_version, base) if path is not None and path.exists() and not update else None
    cdn = cdn_of(config.pyodide_version)
    places = places_of(config.mirrors, base, cdn, run)
    core = get_core(config.pyodide_version, bundle, places, cdn, run)
    target, official = Target.of_lock(core.lock), core.lock["packages"]

    registry = Registry(target, run)
    sources = Sources(target, run, documents, PyodideBuild(config.pyodide_version))
    mirrors = Mirrors(places, run) if bundle else None
    own = build_locals(config.local, base, sources, run.cache, installed)
    known = official if lock is None else {**official, **lock.packages}
    needs, unknown = _needs(config, pages, installed, known, own)
    chooser: Chooses
    if lock is None:
        chooser = Chooser(official, target, installed, mirrors, registry, sources, run.cache, own.wheels)
    else:
        chooser = Pinned(lock, official, installed, mirrors, registry, sources, own.wheels)
    exclude = (*config.exclude, *own.failed)
    closure = resolve((need for page in needs.values() for need in page), chooser, target, exclude)
    served, unfetched = _fetch(closure, registry, bundle, chooser.way_out)

    depends = {name: others for name, others in closure.depends.items() if name not in unfetched}
    loaded = {docname: reachable(closure.names(page), depends) for docname, page in needs.items()}
    used = set().union(*loaded.values())
    acyclic = without_cycles({name: others for name, others in depends.items() if name in used})

    def brings(name: str) -> Sequence[str]:
        here = installed.find(name)
        return own.modules.get(name) or (here and here.top_level) or known.get(name, {}).get("imports", ())

    packages = {
        name: _entry(name, closure.chosen[name], served, cdn.label, brings(name)) | {"depends": sorted(acyclic[name])}
        for name in sorted(acyclic)
    }
    files = [RuntimeFile(name, str(path)) for name, path in sorted(core.files.items())]
    runtime = Runtime(
        version=core.version,
        python=target.python,
        index_url=None if bundle else cdn.label,
        lock={"info": dict(core.lock["info"]), "packages": packages},
        packages={docname: tuple(name for name in acyclic if name in names) for docname, names in loaded.items()},
        files=(*files, *(served[name] for name in packages if name in served)),
    )
    if bundle and config.lean:
        # The lock to commit names the wheels as they are to be had; what becomes of them here is the site's own matter.
        runtime = make_bundle(runtime, pages, config, core, run)
    if config.snapshot != "off":
        runtime = replace(runtime, snapshots=_snapshots(runtime, pages))
    problems = (*own.problems, *unknown, *closure.problems, *unfetched.values())
    if path is not None and lock is None:
        if closure.chosen.keys() == closure.wanted.keys() and not unfetched:
            write_lock(path, core, closure, packages)
            progress(f"{config.lock} written: commit it, and builds use the {len(packages)} files that it names")
        else:
            progress(f"{config.lock} is not written, because packages are missing: a lock is whole, or there is none")
    return Outcome(runtime, problems, tuple(_drift(closure, needs, packages, installed, own)))


def _snapshots(runtime: Runtime, pages: Mapping[str, Sequence[Cell]]) -> dict[str, tuple[str, ...]]:
    """Give what is imported in readers' snapshots: pages that load the same packages share one."""
    imported: dict[tuple[str, ...], set[str]] = {}
    for docname, packages in runtime.packages.items():
        imported.setdefault(packages, set()).update(modules_of(pages[docname]))
    return {
        docname: tuple(sorted(imported[packages]))
        for docname, packages in runtime.packages.items()
        if docname not in runtime.images
    }


def _needs(
    config: LiveConfig,
    pages: Mapping[str, Sequence[Cell]],
    installed: Installed,
    known: Mapping[str, Any],
    own: Locals,
) -> tuple[dict[str, tuple[Need, ...]], list[Problem]]:
    """Give what each page needs that has a live cell."""
    everywhere = tuple(Need(requirement, "liveviz_requirements") for requirement in config.requirements)
    needs: dict[str, tuple[Need, ...]] = {}
    problems: list[Problem] = []
    for docname, cells in pages.items():
        if not all(cell.static for cell in cells):
            found, unknown = needs_of(cells, installed, known, own.modules)
            needs[docname] = (*found, *everywhere)
            problems += unknown
    return needs, problems


def _fetch(
    closure: Closure, registry: Registry, bundle: bool, way_out: str
) -> tuple[dict[str, RuntimeFile], dict[str, Problem]]:
    """Get the files that the site serves itself: all in a bundle, else those that no public place has."""
    served = {name: chosen.file for name, chosen in closure.chosen.items() if chosen.file is not None}
    wheels = {
        name: chosen.wheel
        for name, chosen in closure.chosen.items()
        if chosen.wheel is not None and (bundle or chosen.wheel.for_browsers is None)
    }
    problems = {}
    paths = registry.fetch(wheels.values())
    for name, wheel in wheels.items():
        path = paths[wheel]
        if isinstance(path, Path):
            served[name] = RuntimeFile(wheel.file_name, str(path))
        else:
            wanted = closure.wanted[name]
            error = Unavailable(f"{name} ({' -> '.join(wanted.chain)})", ((wheel.url or wheel.file_name, path),))
            problems[name] = Problem(Subtype.LOCK, f"{error}{way_out}", wanted.location)
    return served, problems


def _entry(
    name: str, chosen: Chosen, served: Mapping[str, RuntimeFile], cdn: str, brings: Sequence[str]
) -> dict[str, Any]:
    if chosen.official is not None:
        file_name = chosen.official["file_name"]
        return {**chosen.official, "file_name": file_name if name in served else cdn + file_name}
    wheel = chosen.wheel
    assert wheel is not None
    return {
        "name": name,
        "version": wheel.version,
        "file_name": wheel.file_name if name in served else wheel.for_browsers,
        "install_dir": "site",
        "sha256": wheel.sha256,
        "package_type": "package",
        "imports": list(brings),
        "unvendored_tests": False,
    }


def _drift(
    closure: Closure,
    needs: Mapping[str, Iterable[Need]],
    packages: Mapping[str, Any],
    installed: Installed,
    own: Locals,
) -> Iterator[Drift]:
    asking: dict[str, dict[str, Need]] = {}
    for docname, page in needs.items():
        for need in page:
            asking.setdefault(closure.roots.get(need, ""), {}).setdefault(docname, need)
    for name in packages:
        here, live = installed.find(name), closure.chosen[name].version
        if here is None or canonicalize_version(here.version) == canonicalize_version(live):
            continue
        if here.editable and name in own.wheels:
            continue  # One source; the version that was noted down when it was installed is what is old.
        by = list(asking.get(name, {}).values())
        cells = tuple(need.cell for need in by if need.cell is not None)
        location = next((need.origin for need in by if need.cell is not None), None)
        yield Drift(name, here.version, live, cells, location, bool(by))
