"""What the processes of pages find around them."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path


def environment(more: Sequence[str] = ()) -> dict[str, str]:
    """The build's own environment, in which a process can import what the build can, but from another directory.

    It searches ``more`` directories, after all others.
    """
    made = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    made["PYTHONHASHSEED"] = "0"
    # What every interpreter of this installation finds by itself need not be said.
    given = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    paths = dict.fromkeys(str(Path(path).absolute()) for path in [*sys.path, *more])
    made["PYTHONPATH"] = os.pathsep.join(path for path in paths if path not in given)
    return made
