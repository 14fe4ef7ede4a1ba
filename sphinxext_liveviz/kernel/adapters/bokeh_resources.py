"""What a Bokeh document needs in the page: scripts, modules and style sheets, by their public addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bokeh.document import Document
    from bokeh.resources import Resources

Found = dict[str, list[str]]
"""``js``, ``css`` and ``modules``: addresses in load order. A module's fragment names the global that its default
export becomes."""

renamed: dict[str, str] = {}
"""Prefix of the URLs by which Bokeh would fetch a library's files -> prefix by which the library itself does."""

parts: dict[str, tuple[str, ...]] = {}
"""URL of a library's script -> components of BokehJS that it is built on, whichever models a document has."""

drawn: dict[str, str] = {}
"""Prefix of the URLs of a library's script -> MIME type whose script in the page does its work."""

more: list[Callable[[Document], Found]] = []
"""Libraries that know of needs beyond those of the models."""


def resources(document: Document) -> Found:
    """Return what a document needs; ``modules`` only where there are any.

    ``mimes``, if it is there, names MIME types whose scripts in the page draw some of the models.
    """
    from bokeh.embed.bundle import bundle_for_objs_and_resources

    found = of_classes({type(model) for model in document.models})
    for needs in more:
        for key, urls in needs(document).items():
            found[key] += urls
    offered = _own_resources()
    components = offered.js_files
    needed = bundle_for_objs_and_resources([document], offered)
    needs_js = [_renamed(str(url)) for url in needed.js_files]
    extensions = [url for url in needs_js if url not in components]
    built_on = [part for url in extensions for part in parts.get(url, ())]
    found["js"] += [url for url in components if url in needs_js or any(f"/{part}-" in url for part in built_on)]
    found["js"] += [url for url in extensions if not any(map(url.startswith, drawn))]
    found["mimes"] = [mime for prefix, mime in drawn.items() if any(url.startswith(prefix) for url in extensions)]
    found["css"] += map(str, needed.css_files)
    return {key: list(dict.fromkeys(urls)) for key, urls in found.items() if urls or key in ("js", "css")}


def of_classes(kinds: Iterable[type]) -> Found:
    """Return what classes say that they need: models, and components that are made of models."""
    found: Found = {"js": [], "css": [], "modules": []}
    for kind in sorted(kinds, key=lambda kind: kind.__qualname__):
        found["js"] += _told(kind, "__javascript__")
        found["css"] += _told(kind, "__css__")
        modules = _told(kind, "__javascript_modules__")
        names = _told(kind, "__javascript_module_exports__")
        found["modules"] += [
            f"{url}#{names[number]}" if number < len(names) else url for number, url in enumerate(modules)
        ]
    return found


def _told(kind: type, attribute: str) -> list[str]:
    told: Any = getattr(kind, attribute, None) or []
    return [told] if isinstance(told, str) else [str(one) for one in told]


def _own_resources() -> Resources:
    """Return what Bokeh itself offers, without the files of every model class that was ever imported."""
    from bokeh.resources import Resources

    class Own(Resources):
        def _collect_external_resources(self, resource_attr: str) -> list[str]:
            return []  # and they take long to collect

        def clone(self, *, components: Any = None) -> Own:
            return Own(mode=self.mode, components=components)

    return Own(mode="cdn")


def _renamed(url: str) -> str:
    for prefix, other in renamed.items():
        if url.startswith(prefix):
            return other + url.removeprefix(prefix)
    return url
