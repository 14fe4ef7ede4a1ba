"""Compile a cell and run it: last expression, top-level ``await``, ``__future__`` imports that last."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import re
from contextlib import nullcontext
from types import CodeType
from typing import Any

from .magics.reading import Reading

_FEATURES = [getattr(__future__, name) for name in __future__.all_feature_names]


def filename(number: int) -> str:
    """Return the name under which cell ``number`` is compiled; :mod:`.tracebacks` turns it into a document's line."""
    return f"<cell {number}>"


class Runner:
    """Runs cells one after the other in one namespace.

    Parameters
    ----------
    namespace : dict
        Globals of every cell.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    async def run(self, cell: Reading, number: int) -> Any:
        """Run a cell and return the value of its last expression, or None.

        A last expression that ends in ``;`` is run for its effects only, as in Jupyter.

        Raises
        ------
        BaseException
            Whatever the cell raises, ``SyntaxError`` included.
        """
        name = filename(number)
        # No modification time: linecache then never looks for a file of that name.
        linecache.cache[name] = (len(cell.code), None, cell.code.splitlines(keepends=True), name)
        if cell.magics:
            return await self._run_with_magics(cell, name)
        tree = ast.parse(cell.python, name)
        return await self._run(tree, name, _is_silenced(tree, cell.python))

    async def _run_with_magics(self, cell: Reading, name: str) -> Any:
        from .magics.running import TIMER, Timer, timed  # most cells have none, and each import takes time in Pyodide
        from .magics.usage import check

        check(cell, name)
        tree = ast.parse(cell.python, name)
        silenced = _is_silenced(tree, cell.python)
        if cell.lines:
            self.namespace[TIMER] = Timer
            tree = timed(tree, cell.lines)
        with Timer() if any(magic.name == "time" for magic in cell.cell) else nullcontext():
            return await self._run(tree, name, silenced)

    async def _run(self, tree: ast.Module, name: str, silenced: bool) -> Any:
        last = tree.body[-1] if tree.body else None
        if silenced or not isinstance(last, ast.Expr):
            await self._evaluate(self._compile(tree, name, "exec"))
            return None
        tree.body.pop()
        await self._evaluate(self._compile(tree, name, "exec"))
        return await self._evaluate(self._compile(ast.Expression(last.value), name, "eval"))

    def _compile(self, tree: ast.Module | ast.Expression, name: str, mode: str) -> CodeType:
        code: CodeType = compile(tree, name, mode, flags=self._flags, dont_inherit=True)
        for feature in _FEATURES:
            self._flags |= code.co_flags & feature.compiler_flag
        return code

    async def _evaluate(self, code: CodeType) -> Any:
        value = eval(code, self.namespace)
        if code.co_flags & inspect.CO_COROUTINE:
            return await value
        return value


def _is_silenced(tree: ast.Module, code: str) -> bool:
    """Whether the last statement is an expression that ends in a semicolon."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return False
    assert last.end_lineno is not None
    lines = code.encode().splitlines()
    rest = lines[last.end_lineno - 1][last.end_col_offset :]
    return re.match(rb"\s*;", rest) is not None
