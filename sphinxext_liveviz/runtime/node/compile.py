"""Compile sources to bytecode; run inside Pyodide by ``compile.mjs``, whose ``trees`` are mounted below ``/trees``.

Each ``.py`` becomes a ``.pyc`` beside it and goes: importlib finds bytecode in the place of a source. It is *unchecked
hash-based* bytecode (PEP 552), which never asks for the source.
"""

import importlib.util
import os
from importlib._bootstrap_external import _code_to_hash_pyc


def compile_tree(tree: str, prefix: str) -> int:
    """Compile all sources below a directory and return how many there were.

    Parameters
    ----------
    tree : str
        Directory.
    prefix : str
        Where the files will be: tracebacks name them so.
    """
    count = 0
    for place, _, names in os.walk(tree):
        for name in names:
            if name.endswith(".py"):
                source = os.path.join(place, name)
                with open(source, "rb") as file:
                    text = file.read()
                try:
                    code = compile(text, prefix + source[len(tree) :], "exec", dont_inherit=True)
                except (SyntaxError, ValueError):
                    continue  # A template, or for another Python: importing it fails as it would have failed.
                with open(source + "c", "wb") as file:
                    file.write(_code_to_hash_pyc(code, importlib.util.source_hash(text), False))
                os.unlink(source)
                count += 1
    return count
