"""What a live cell needs to typeset formulas on a page that has none: MathJax, as Sphinx is configured to load it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sphinx.builders.html import StandaloneHTMLBuilder


def mathjax(builder: StandaloneHTMLBuilder, url: Callable[[str], str]) -> dict[str, Any] | None:
    """Return the address of MathJax and the scripts that configure it; None where something else renders formulas.

    Parameters
    ----------
    builder : StandaloneHTMLBuilder
    url : callable
        Turns an address relative to the site's root into one relative to the page, and leaves full ones as they are.
    """
    config = builder.config
    if builder.math_renderer_name != "mathjax" or not config.mathjax_path:
        return None
    given = (getattr(config, name, None) for name in ("mathjax3_config", "mathjax4_config"))
    setup = [f"window.MathJax = {json.dumps(one)}" for one in given if one]
    if path := getattr(config, "mathjax_config_path", ""):
        setup.append(Path(builder.confdir, path).read_text(encoding="utf-8"))
    path = config.mathjax_path
    return {"url": url(path if "://" in path or path.startswith("/") else f"_static/{path}"), "setup": setup}
