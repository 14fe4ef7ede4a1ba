"""IPython's syntax in cells: magics, ``!`` and ``?``, as far as pages have a use for them.

1. :mod:`.reading` turns a cell into plain Python, line by line, and tells what was in its place. All that looks into
   the code of cells, in the build too, goes through it.
2. :mod:`.usage` refuses what cells do not have, with a :class:`.usage.UsageError` that names it and its line.
3. :mod:`.running` does what is left to do while the cell runs: it takes the time, or catches the output.
"""
