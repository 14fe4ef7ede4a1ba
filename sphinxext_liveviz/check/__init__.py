"""Runs every live cell as a reader would, and compares what it shows with what the page shows without.

1. :mod:`.builder` is what Sphinx knows: a site like any other, written beside the reports.
2. :mod:`.run` serves it and hands pages to an engine: :mod:`.browser` opens them in a headless browser, in which
   ``observer.js`` writes down what page and Python say to each other; :mod:`.node` has Python alone.
3. :mod:`.judge` makes records of what was seen: :mod:`.compare` and, for what differs by nature, :mod:`.text`,
   :mod:`.tables` and :mod:`.documents` compare the outputs.
4. :mod:`.green` knows which pages need not run again; :mod:`.report` and :mod:`.html_report` write what came of it.

:mod:`.screenshots` checks nothing: it uses the same browser to take the pictures of ``liveviz_snapshots``.
"""
