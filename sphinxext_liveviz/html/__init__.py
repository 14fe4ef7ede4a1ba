"""What an HTML site needs besides its pages: scripts, front-end files of libraries, the kernel, the runtime, manifests.

1. :mod:`.assets` finds which front-end files the stored outputs ask for and where the installed libraries keep them.
2. :mod:`.site` says which files ``_static/liveviz/`` consists of; :mod:`.mirror` makes the directory so, touching only
   what differs. :mod:`.layout` says which names tell the content behind them, by :mod:`.digests`.
3. :mod:`.manifest` describes a page to its script; :mod:`.page` adds it and the scripts to that page alone.
4. :mod:`.offline` reads off the written site what a service worker has to store of it.
"""
