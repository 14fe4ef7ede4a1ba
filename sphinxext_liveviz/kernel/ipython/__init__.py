"""A stand-in for IPython where there is none: what cells import of it to show things, and nothing else.

:mod:`..stand_in` finds it under IPython's name. The objects make the same MIME bundles as IPython's own.
"""

from __future__ import annotations


def get_ipython() -> None:
    """Return None: there is no shell, with or without IPython."""
