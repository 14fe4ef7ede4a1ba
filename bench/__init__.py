"""Measurements of sphinxext_liveviz beside its peers: ``python -m bench NAME``.

A bench is one module (or package) here, named in ``__main__.BENCHES``. Its docstring's first line is what
``python -m bench`` lists, and its ``main(arguments) -> int`` runs it. It prints a table and writes
``results/NAME.json``. What benches share:

- ``venvs`` -- a virtual environment per tool, made once;
- ``timing`` -- run a command, and say what it took;
- ``figures`` -- minimum, median, maximum, and ratios of paired runs; ``goals`` -- promises about them;
- ``tables`` -- tables of text;
- ``live`` -- for what happens in a browser: pages, tools, hosts and a reader;
- ``machine`` -- where and when something was measured;
- ``places`` -- directories.
"""
