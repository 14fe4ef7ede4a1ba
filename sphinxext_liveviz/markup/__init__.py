"""From markup to recorded cells: the ``live-cell`` directive, its options, its node, and the domain that keeps cells.

Nothing runs here. The directive leaves a :class:`.nodes.live_cell` around an ordinary code block and records a
:class:`~sphinxext_liveviz.model.Cell` in the :class:`.domain.LiveDomain`, which survives parallel reading and pickling.
"""
