"""Where our files lie in a site, and which of their names tell their content."""

from __future__ import annotations

ROOT = "_static/liveviz/"
"""The directory of all our files but :data:`WORKER`, from the site's root."""
IMMUTABLE = "immutable/"
"""Directory below :data:`ROOT` in which a name never gets another content: each carries a digest, or lies in a
directory that does. So browsers may keep for ever what they have of it, across builds too."""
WORKER = "liveviz-sw.js"
"""The service worker. It lies in the site's root, because a worker answers for nothing outside of its own directory,
and always has this name, so that browsers find the next one, or the one that removes it."""


def named(digest: str) -> str:
    """Return as much of a hexadecimal digest as names carry."""
    return digest[:12]
