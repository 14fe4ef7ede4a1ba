"""From configuration and pages to a runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_version

from ..config import LiveConfig
from ..errors import Subtype, Unavailable
from ..model import Cell, Need, Runtime, RuntimeFile
from .bundle import make_bundle
from .cache import Cache
from .choose import Chooser, Chosen
from .core import cdn_of, get_core
from .imports import needs_of
from .installed import Installed
from .lock import reachable, without_cycles
from .outcome import Drift, Outcome, Problem
from .places import Mirrors, places_of
from .registry import Registry
from .resolve import WAY_OUT, Closure, resolve
from .run import Progress, Run
from .source import Sources
from .target import Target


def make_runtime(
    config: LiveConfig, pages: Mapping[str, Sequence[Cell]], progress: Progress, *, base: Path, installed: Installed
) -> Outcome:
    """Make what :func:`.again.make_runtime` promises."""
    run = Run(Cache.of_user(), progress)
    bundle = config.distribution == "bundle"
    cdn = cdn_of(config.pyodide_version)
    places = places_of(config.mirrors, base, cdn, run)
    core = get_core(config.pyodide_version, bundle, places, cdn, run)
    target, official = Target.of_lock(core.lock), core.lock["packages"]
    needs, unknown = _needs(config, pages, installed, official)

    registry, sources = Registry(target, run), Sources(target, run)
    mirrors = Mirrors(places, run) if bundle else None
    chooser = Chooser(official, target, installed, mirrors, registry, sources, run.cache)
    closure = resolve((need for page in needs.values() for need in page), chooser, target, config.exclude)
    served, unfetched = _fetch(closure, registry, bundle)

    depends = {name: others for name, others in closure.depends.items() if name not in unfetched}
    loaded = {docname: reachable(closure.names(page), depends) for docname, page in needs.items()}
    used = set().union(*loaded.values())
    acyclic = without_cycles({name: others for name, others in depends.items() if name in used})
    packages = {
        name: _entry(name, closure.chosen[name], served, cdn.label, installed) | {"depends": sorted(acyclic[name])}
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
    if bundle:
        runtime = make_bundle(runtime, pages, config, core, run)
    problems = (*unknown, *closure.problems, *unfetched.values())
    return Outcome(runtime, problems, tuple(_drift(closure, packages, installed)))


def _needs(
    config: LiveConfig, pages: Mapping[str, Sequence[Cell]], installed: Installed, official: Mapping[str, Any]
) -> tuple[dict[str, tuple[Need, ...]], list[Problem]]:
    """Give what each page needs that has a live cell."""
    everywhere = tuple(Need(requirement, "liveviz_requirements") for requirement in config.requirements)
    needs: dict[str, tuple[Need, ...]] = {}
    problems: list[Problem] = []
    for docname, cells in pages.items():
        if not all(cell.static for cell in cells):
            found, unknown = needs_of(cells, installed, official)
            needs[docname] = (*found, *everywhere)
            problems += unknown
    return needs, problems


def _fetch(closure: Closure, registry: Registry, bundle: bool) -> tuple[dict[str, RuntimeFile], dict[str, Problem]]:
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
            problems[name] = Problem(Subtype.LOCK, str(error) + WAY_OUT, wanted.location)
    return served, problems


def _entry(
    name: str, chosen: Chosen, served: Mapping[str, RuntimeFile], cdn: str, installed: Installed
) -> dict[str, Any]:
    if chosen.official is not None:
        file_name = chosen.official["file_name"]
        return {**chosen.official, "file_name": file_name if name in served else cdn + file_name}
    wheel, here = chosen.wheel, installed.find(name)
    assert wheel is not None
    return {
        "name": name,
        "version": wheel.version,
        "file_name": wheel.file_name if name in served else wheel.for_browsers,
        "install_dir": "site",
        "sha256": wheel.sha256,
        "package_type": "package",
        "imports": list(here.top_level) if here is not None else [],
        "unvendored_tests": False,
    }


def _drift(closure: Closure, packages: Mapping[str, Any], installed: Installed) -> list[Drift]:
    found = []
    for name in packages:
        built, live = installed.version(name), closure.chosen[name].version
        if built is not None and canonicalize_version(built) != canonicalize_version(live):
            found.append(Drift(name, built, live))
    return found
