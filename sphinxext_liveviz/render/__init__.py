"""From a page's notebook to docutils nodes.

A post-transform puts the outputs below each cell once the builder is known: :mod:`.choice` picks one representation
of each output for the builder, :mod:`.outputs` makes it a standard docutils node, :mod:`.transform` places it.
"""
