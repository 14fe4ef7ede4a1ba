"""A page of one output and nothing else, to take a picture of."""

from __future__ import annotations

from html import escape

from ..model import Cell
from ..render.data_block import data_block
from .assets import Asked, local
from .layout import ROOT
from .manifest import manifest
from .site import Site


def page_of(cell: Cell, block: str, asked: Asked) -> str:
    """Return an HTML page that works from disk.

    Parameters
    ----------
    cell : Cell
        The cell that the output is of.
    block : str
        HTML of the output.
    asked : Asked
        Front-end files that it asks for.
    """
    sheets = [*map(_address, asked["css"]), f"{ROOT}liveviz.css"]
    links = "".join(f'<link rel="stylesheet" href="{escape(sheet)}">\n' for sheet in sheets)
    scripts, modules = ([_address(address) for address in asked[kind]] for kind in ("js", "modules"))
    made = manifest(cell.docname, [cell], Site(None), asked, lambda address: address, scripts, modules)
    return f"""<!doctype html>
<html>
<head><meta charset="utf-8">
{links}<style>body, .live-cell, .live-output {{ margin: 0 !important }}</style>
<script type="application/json" id="liveviz-manifest">{data_block(made)}</script>
<script src="{ROOT}liveviz.js" defer></script>
</head>
<body><div class="live-cell"><div class="live-output">{block}</div></div></body>
</html>
"""


def _address(address: str) -> str:
    path = local(address)
    return path if "://" in path else ROOT + path
