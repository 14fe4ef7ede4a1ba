"""Makes the lock of a site, or looks whether it is up to date, without running or writing anything else."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from .config import LiveConfig
from .errors import LivevizError, Subtype, UserError
from .markup.domain import LiveDomain
from .runtime.checkout import Documents
from .runtime.installed import Installed
from .runtime.make import make_runtime
from .runtime.outcome import Outcome


def lock(source: str, configuration: str | None, overrides: dict[str, str], *, update: bool) -> int:
    """Read the documents of a site and bring its lock up to date.

    Parameters
    ----------
    source : str
        Sphinx's source directory.
    configuration : str or None
        Directory of ``conf.py``; None: the source directory.
    overrides : dict of str to str
        As ``sphinx-build -D`` gives them.
    update : bool
        Make the lock anew; otherwise one that is there is only looked at.

    Returns
    -------
    int
        Exit status: 1 when something that live cells need is not in the lock, or could not be had.
    """
    try:
        config, outcome = _make(source, configuration, overrides, update=update)
    except (LivevizError, SphinxError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for problem in outcome.problems:
        sys.stderr.write(f"{problem.location + ': ' if problem.location else ''}{problem.message}\n")
    for one in outcome.drift:
        _say(f"{one.name} {one.live} ({one.built} in this environment)")
    missing = any(problem.subtype in (Subtype.LOCK, Subtype.LOCAL) for problem in outcome.problems)
    if not missing and not update:
        _say(f"{config.lock} has all that live cells need")
    return int(missing)


def _make(
    source: str, configuration: str | None, overrides: dict[str, str], *, update: bool
) -> tuple[LiveConfig, Outcome]:
    with tempfile.TemporaryDirectory() as directory:
        # The builder "dummy" has no format, so our own part of the build makes nothing of what was read.
        app = Sphinx(
            source,
            configuration or source,
            directory,
            f"{directory}/doctrees",
            "dummy",
            confoverrides=overrides,
            status=None,
        )
        config = LiveConfig.read({value.name: value.value for value in app.config})
        if config.lock is None:
            raise UserError(
                'liveviz_lock is not set; name a file to commit in conf.py: liveviz_lock = "liveviz-lock.json"'
            )
        app.builder.read()
        pages = {page.docname: page.cells for page in LiveDomain.of(app.env).pages()}
        documents = Documents(Path(app.srcdir), tuple(app.config.source_suffix))
        base = Path(app.confdir)
    return config, make_runtime(
        config, pages, _say, base=base, installed=Installed(), documents=documents, update=update
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
