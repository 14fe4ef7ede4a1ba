"""Imports of pages -> requirements -> lock; wheels; getting and verifying the Pyodide distribution.

This works as follows:

1. :mod:`.core` gets the official lock of the release, in ``bundle`` mode with the files of the interpreter.
2. :mod:`.imports` reads the code of every live cell and finds the distributions that provide what it imports, through
   the metadata of the build environment (:mod:`.installed`) or else through the official lock.
3. :mod:`.resolve` follows these needs to all that they depend on. For each distribution, :mod:`.choose` finds the file
   that serves it: the official one from :mod:`.places`, a wheel from a package index (:mod:`.registry`), or one built
   from source (:mod:`.source`). :mod:`.target` tells what fits the Python in the browser. The site's own projects come
   from :mod:`.local`. Where the site has a lock that was committed, :mod:`.pinned` takes all else from that.
4. :mod:`.make` fetches what the site is to serve, writes the lock with :mod:`.lock`, and lists for each page the
   packages to load before its first cell.

All this is left out while nothing has changed since the last build (:mod:`.again`).
Each step asks the download cache (:mod:`.cache`) first, so that a second build needs no network. Whatever cannot be
had is a :class:`Problem` and the rest goes on; only without Pyodide itself there is no runtime.

In ``cdn`` mode the lock names every file by its absolute URL. What no public place has, such as a wheel that was built
here, is in :attr:`~sphinxext_liveviz.model.Runtime.files` with a relative name and must be served beside the lock.
"""

from ..model import Drift
from .again import make_runtime
from .outcome import Outcome, Problem

__all__ = ["Drift", "Outcome", "Problem", "make_runtime"]
