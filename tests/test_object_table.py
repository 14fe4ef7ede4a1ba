"""Each kind of object is the same MIME bundle in the build and in Pyodide, by one and the same cell.

The build has IPython, and live cells have the kernel's stand-in: so this holds the one against the other, too. What is
not the same stands in :data:`DEVIATES`, with its reason; what stands there and is the same after all fails.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest

from sphinxext_liveviz.check.documents import document_differences
from sphinxext_liveviz.check.judge import Settings
from sphinxext_liveviz.check.node import NodeEngine
from sphinxext_liveviz.check.records import Subject
from sphinxext_liveviz.execution.notebook import PageNotebook
from sphinxext_liveviz.runtime import make_runtime

from .docs import Docs

pytestmark = [pytest.mark.network, pytest.mark.node, pytest.mark.xdist_group("objects")]

BOKEH = "application/vnd.liveviz.bokeh+json"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

Output = dict[str, Any]

OBJECTS = {
    "text": "'text'",
    "number": "import math\nmath.pi",
    "long container": "{'numbers': list(range(40)), 'text': 'word ' * 12}",
    "pretty": """
        class Pretty:
            def _repr_pretty_(self, printer, cycle):
                with printer.group(1, "<", ">"):
                    printer.text("pretty")
                    printer.breakable()
                    printer.pretty([1, 2])
        Pretty()
        """,
    "html": "class Html:\n    def _repr_html_(self):\n        return '<b>hi</b>'\nHtml()",
    "markdown": "class Marked:\n    def _repr_markdown_(self):\n        return '*hi*'\nMarked()",
    "latex": "class Formula:\n    def _repr_latex_(self):\n        return '$x^2$'\nFormula()",
    "json": "class Tree:\n    def _repr_json_(self):\n        return {'a': [1, None]}, {'expanded': True}\nTree()",
    "svg": "class Drawing:\n    def _repr_svg_(self):\n        return '<svg/>'\nDrawing()",
    "bytes of all kinds": f"""
        import base64
        PNG = base64.b64decode("{PNG}")
        class Pictures:
            def _repr_png_(self):
                return PNG, {{"width": 1}}
            def _repr_jpeg_(self):
                return b"jpeg"
            def _repr_gif_(self):
                return b"gif"
            def _repr_webp_(self):
                return b"webp"
            def _repr_pdf_(self):
                return b"pdf"
        Pictures()
        """,
    "mimebundle": """
        class Bundled:
            def _repr_mimebundle_(self, include=None, exclude=None):
                return {"image/png": b"bytes", "application/x-own": "own"}, {"image/png": {"height": 2}}
            def _repr_html_(self):
                return "<i>from its method</i>"
        display(Bundled(), exclude=["text/plain"])
        """,
    "ipython display": "class Own:\n    def _ipython_display_(self):\n        display('its own')\nOwn()",
    "failing method": "class Bad:\n    def _repr_html_(self):\n        return 1 / 0\n    def __repr__(self):\n"
    "        return 'bad'\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n    display(error)\n",
    "stream": "import sys\nprint('out')\nprint('err', file=sys.stderr)\n'value'",
    "update": "handle = display('before', display_id=True)\nhandle.update('after')\nhandle.display('again')",
    "clear": "print('gone')\nclear_output(wait=True)\ndisplay('stays')",
    "raw": "display({'text/plain': 'raw', 'text/html': '<u>raw</u>'}, raw=True, metadata={'text/html': {'a': 1}})",
    # -- IPython.display -------------------------------------------------------
    "ipython html": "from IPython.display import HTML\nHTML('<b>hi</b>', metadata={'isolated': True})",
    "ipython markdown": "from IPython.display import Markdown\nMarkdown('# hi')",
    "ipython math": "from IPython.display import Math\nMath(r'$\\frac{1}{2}$')",
    "ipython latex": "from IPython.display import Latex\nLatex(r'\\begin{equation}x\\end{equation}')",
    "ipython svg": 'from IPython.display import SVG\nSVG(\'<?xml version="1.0"?><svg width="3"><g/></svg>\')',
    "ipython json": "from IPython.display import JSON\nJSON({'a': 1}, expanded=True)",
    "ipython geojson": "from IPython.display import GeoJSON\nGeoJSON({'type': 'Point', 'coordinates': [1, 2]})",
    "ipython javascript": "from IPython.display import Javascript\nJavascript('element.textContent = 1')",
    "ipython pretty": "from IPython.display import Pretty\nPretty('as it is')",
    "ipython code": "from IPython.display import Code\nCode('x = 1', language='python')",
    "ipython image": "from IPython.display import Image\nImage(PNG, width=10, alt='a dot')",
    "ipython image, retina": "Image(data=PNG, retina=True)",
    "ipython image by address": "Image(url='a.png', width=3, alt='a & b')",
    "ipython audio": "from IPython.display import Audio\nAudio([0, 0.5, -1], rate=8000)",
    "ipython audio by address": "Audio(url='a.mp3', autoplay=True)",
    "ipython video": "from IPython.display import Video\nVideo(b'film', embed=True, mimetype='video/mp4', width=200)",
    "ipython video by address": "Video(url='film.mp4', html_attributes='loop muted')",
    "ipython iframe": "from IPython.display import IFrame\nIFrame('other.html', 400, '50%', start=3)",
    "ipython youtube": "from IPython.display import YouTubeVideo\nYouTubeVideo('abc', start=2)",
    "ipython file link": "from IPython.display import FileLink\nopen('made.txt', 'w').close()\nFileLink('made.txt')",
    "ipython progress": "from IPython.display import ProgressBar\nfor step in ProgressBar(3):\n    pass",
    "ipython display as": "from IPython.display import display_html, publish_display_data\n"
    "display_html('<b>raw</b>', raw=True)\ndisplay_html(HTML('<b>hi</b>'))\n"
    "publish_display_data({'text/plain': 'published'}, metadata={'x': 1})",
    "ipython handle": "import IPython\nfrom IPython.display import display as show, update_display\n"
    "show('a', display_id='h')\nupdate_display('b', display_id='h')\n"
    "IPython.display.clear_output(wait=True)\nshow(IPython.get_ipython() is None)",
    # -- magics ------------------------------------------------------------------
    "%%html": "%%html\n<b>hi</b>",
    "%%markdown": "%%markdown\n# hi",
    "%%latex": "%%latex\n$x$",
    "%%javascript": "%%javascript\nelement.textContent = 1",
    "%%svg": "%%svg\n<svg width='3'></svg>",
    "%%capture": "%%capture kept\nprint('kept')\ndisplay(HTML('<b>kept</b>'))\n'value'",
    "captured": "kept()",
    "%%time": "%%time\n%matplotlib inline\n%pip install pandas\nsum(range(10))",
    # -- an adapter of another distribution --------------------------------------
    "adapter": "from measures import Length\nLength(3)",
    # -- libraries ---------------------------------------------------------------
    "numpy": "import numpy as np\nnp.arange(6.0).reshape(2, 3)",
    "pandas frame": "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2], 'b': [0.5, None]})\nframe",
    "pandas series": "frame['a']",
    "pandas styler": "frame.style.highlight_max().format(precision=1)",
    "pandas styler again": "frame.style.bar()",
    "matplotlib": "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1))\nplt.plot([1, 2])",
    "matplotlib artists": "fig, axes = plt.subplots(1, 2, figsize=(2, 1))\naxes[0].hist([1, 2, 2])\naxes",
    "matplotlib show": "fig, ax = plt.subplots(figsize=(1, 1))\nplt.show()\nfig.number is None",
    "pandas plot": "frame.plot(figsize=(2, 1), legend=False)",
    "networkx": "import networkx as nx\nplt.figure(figsize=(1, 1))\n"
    "nx.draw(nx.path_graph(3), pos={0: (0, 0), 1: (1, 1), 2: (2, 0)})",
    "pillow": "from PIL import Image as Picture\nPicture.new('RGB', (3, 2), 'red')",
    "sympy": "import sympy\nx = sympy.Symbol('x')\nsympy.Integral(sympy.sqrt(x) / 2, x)",
    "sympy matrix": "sympy.Matrix([[1, x], [0, sympy.Rational(1, 3)]])",
    "xarray": "import xarray\nxarray.DataArray([1, 2], dims='x', name='a')",
    "bokeh": "from bokeh.plotting import figure\nplot = figure(width=200, height=100)\nplot.line([1, 2], [3, 4])\nplot",
    "panel": "import panel as pn\npn.extension()\nslider = pn.widgets.IntSlider(name='n', start=1, end=3)\n"
    "pn.Column(slider, pn.bind(lambda n: f'{n} times', slider))",
    "holoviews": "import holoviews as hv\nhv.extension('bokeh')\nhv.Curve([1, 2, 3]).opts(width=200, height=100)",
}
"""Kind of object -> a cell that shows one. They share a namespace, in order."""

PROJECT = {
    "measures.py": "class Length:\n    def __init__(self, metres):\n        self.metres = metres\n",
    "liveviz_measures.py": textwrap.dedent("""
        from sphinxext_liveviz.kernel.mime import Bundle

        def install(kernel):
            from measures import Length

            def adapt(value):
                if isinstance(value, Length):
                    return Bundle({"text/html": f"<b>{value.metres}</b> m", "text/plain": f"{value.metres} m"})

            kernel.adapters.insert(0, adapt)
        """),
    "pyproject.toml": textwrap.dedent("""
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [project]
        name = "liveviz-measures"
        version = "1.0"
        entry-points."sphinxext_liveviz.adapters".measures = "liveviz_measures"

        [tool.hatch.build.targets.wheel]
        only-include = ["measures.py", "liveviz_measures.py"]
        """),
    # As installers write it that leave a project where it is.
    "liveviz_measures.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: liveviz-measures\nVersion: 1.0\n",
    "liveviz_measures.egg-info/entry_points.txt": "[sphinxext_liveviz.adapters]\nmeasures = liveviz_measures\n",
}
"""A library with an adapter."""


def _same_sizes(static: list[Output], live: list[Output]) -> bool:
    """Whether types are the same, and the sizes of pictures up to some pixels."""

    def shown(outputs: list[Output]) -> list[tuple[str, dict[str, int]]]:
        return [(mime, output["metadata"].get(mime, {})) for output in outputs for mime in sorted(output["data"])]

    one, other = shown(static), shown(live)
    return [(mime, [*hints]) for mime, hints in one] == [(mime, [*hints]) for mime, hints in other] and all(
        abs(hints[side] - more[side]) <= 5 for (_, hints), (_, more) in zip(one, other, strict=True) for side in hints
    )


def _same_but_bytes(static: list[Output], live: list[Output]) -> bool:
    one, other = (re.sub(r"Size: \d+B", "<size>", str(_normalised(outputs))) for outputs in (static, live))
    return one == other


_FONTS = (
    "Matplotlib 3.8 of Pyodide 0.27 measures text otherwise than the newest: types and sizes are the same",
    _same_sizes,
)
DEVIATES: dict[str, tuple[str, Callable[[list[Output], list[Output]], bool]]] = {
    "matplotlib": _FONTS,
    "matplotlib artists": _FONTS,
    "matplotlib show": _FONTS,
    "pandas plot": _FONTS,
    "xarray": ("NumPy's integers have 4 bytes where Python has 32 bits: all but the size is the same", _same_but_bytes),
}
"""Kind -> why it is not the same, and what is the same of it all the same."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[Output], list[Output]]]:
    """Build a page of all objects, and run it in Pyodide under Node: the outputs of both, by kind."""
    docs = Docs.copy("objects", tmp_path_factory.mktemp("objects") / "docs")
    cells = [textwrap.dedent(code).strip("\n") for code in OBJECTS.values()]
    docs.write(
        "index.rst",
        "Objects\n=======\n\n" + "\n".join(f".. live-cell::\n\n{textwrap.indent(code, '   ')}\n" for code in cells),
    )
    for name, text in PROJECT.items():
        docs.write(f"measures/{name}", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])  # conf.py puts the project there
        # The real one, also after tests of which the fixture `runtime` is for the whole session.
        patch.setattr("sphinxext_liveviz.preparing.make_runtime", make_runtime)
        built = docs.build()
    assert not built.warnings
    page = built.domain.pages()[0]
    assert built.domain.store is not None
    static = built.domain.store.notebook(built.domain.digests["index"])
    manifest = built.manifest("index.html")
    assert find_spec("IPython")
    assert "ipython" not in manifest["packages"]
    subject = Subject("index", "index.html", page.cells, static, manifest=manifest)
    seen = asyncio.run(NodeEngine(built.out, Settings(60, 1e-6)).observe(subject))
    live = PageNotebook(page)
    for cell in page.cells:
        assert seen.cells[cell.id].begun, seen.cells[cell.id].failure
        for message in seen.cells[cell.id].messages:
            live.receive(message)
    return {
        kind: (one["outputs"], other["outputs"])
        for kind, one, other in zip(OBJECTS, static["cells"], live.notebook["cells"], strict=True)
    }


@pytest.mark.parametrize("kind", OBJECTS)
def test_an_object_is_the_same_static_and_live(
    kind: str, outputs: dict[str, tuple[list[Output], list[Output]]]
) -> None:
    static, live = outputs[kind]
    assert static or kind == "%%capture"
    assert not any(output["output_type"] == "error" for output in static)
    assert kind != "adapter" or static[0]["data"]["text/html"] == "<b>3</b> m"
    differences = [*_differences(_normalised(static), _normalised(live)), *_documents_differ(static, live)]
    if kind in DEVIATES:
        reason, same = DEVIATES[kind]
        assert differences, f"it no longer deviates, so this is no longer so: {reason}"
        assert same(static, live), "\n".join(differences)
    else:
        assert not differences, "\n".join(differences)


def _differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Return where two outputs differ, and how they go on there."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for key in one for found in _differences(one[key], other[key], f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            found
            for number, pair in enumerate(zip(one, other, strict=True))
            for found in _differences(*pair, f"{path}[{number}]")
        ]
    if one == other:
        return []
    texts = str(one), str(other)
    start = next((n for n, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), len(texts[0]))
    start = max(0, start - 40)
    return [f"{path}: {' | '.join(text[start : start + 160] for text in texts)}"]


def _normalised(outputs: list[Output]) -> list[Output]:
    made = []
    for output in outputs:
        data = {
            mime: _html(content) if mime == "text/html" else _text(content) if isinstance(content, str) else content
            for mime, content in output.get("data", {}).items()
            if mime != BOKEH
        }
        made.append({**output, "data": data, "text": _text(output.get("text", "")), "execution_count": None})
    return made


def _documents_differ(static: list[Output], live: list[Output]) -> list[str]:
    documents = [
        [output["data"][BOKEH] for output in outputs if BOKEH in output.get("data", {})] for outputs in (static, live)
    ]
    assert len(documents[0]) == len(documents[1])
    found = [document_differences(one["doc"], other["doc"], 1e-6) for one, other in zip(*documents, strict=True)]
    return [difference for differences in found for difference in differences]


def _text(text: str) -> str:
    text = re.sub(r"\b\d+(\.\d+)?(e[+-]?\d+)? (ns|µs|ms|s)\b", "<duration>", text)
    text = re.sub(r" object at 0x[0-9a-f]+", " object", text)
    text = re.sub(r"id='p?\d+'|\bname='[A-Za-z]*\d{5}'|[A-Za-z]+\(\d{5}\)", "<id>", text)
    return re.sub(r"/[\w/.-]*/(?=[\w-]+(\.py|\.txt))", "", text)


@cache
def _html(text: str) -> str:
    """HTML without what browsers pass over: spaces between and in tags, and the order of attributes."""

    def tag(match: re.Match[str]) -> str:
        attributes = re.findall(r"""([\w-]+)(?:=("[^"]*"|'[^']*'|[^\s"'>]+))?""", match[2])
        words = sorted(f'{name}="{html.unescape(value.strip(chr(34) + chr(39)))}"' for name, value in attributes)
        return f"<{' '.join([match[1], *words])}>"

    text = re.sub(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r"<(/?[\w-]+)((?:\s+[\w-]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*)\s*/?>", tag, text)
    return re.sub(r"\s*(<|>)\s*", r"\1", re.sub(r"\s+", " ", text)).strip()
