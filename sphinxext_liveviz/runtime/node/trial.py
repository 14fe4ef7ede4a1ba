"""Try what cells will do, inside Pyodide, to learn what that imports; run by ``snapshot.mjs`` with ``modules`` set.

``imported`` is what comes of it, as JSON: modules and their files. The interpreter that ran this is thrown away.
"""

import importlib
import json
import sys

# First what live cells find when they start: libraries read its settings when they are imported.
from sphinxext_liveviz.kernel import Kernel, adapters, browser  # noqa: F401

SHOWN = {
    "bokeh": "from bokeh.plotting import figure\nplot = figure()\nplot.line([1, 2], [3, 4])\nplot",
    "panel": (
        "import panel as pn\n"
        "slider = pn.widgets.IntSlider()\n"
        "pn.Column(slider, pn.pane.Markdown('text'), pn.bind(lambda value: str(value), slider))"
    ),
    "matplotlib.pyplot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
}
"""Module -> a cell that shows something of it."""

for name in modules:
    try:
        importlib.import_module(name)
    except Exception as error:  # the cell that imports it will tell
        print(f"{name}: {error!r}", file=sys.stderr)

kernel = Kernel(lambda message, buffers: None, live=True)
for name, code in SHOWN.items():
    if name in sys.modules:
        await kernel.execute(
            {"header": {"msg_id": name, "msg_type": "execute_request"}, "metadata": {}, "content": {"code": code}}
        )
kernel.close()

imported = json.dumps(
    {
        name: getattr(module, "__file__", None) or ""
        for name, module in list(sys.modules.items())
        if name != "__main__" and getattr(module, "__spec__", None) is not None
    }
)
