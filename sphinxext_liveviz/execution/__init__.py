"""Running pages at build time. Nothing here knows of Sphinx.

It works as follows:

1. :class:`.key.Keys` digests all that can alter a page's result, so that only stale pages run: what stands
   behind the modules that it imports (:mod:`.local`), and what files contain (:mod:`.files`).
2. For pages that have changed, :func:`.ahead.start` begins to import what they need, before it is known which of them
   run.
3. :func:`.pool.run_pages` starts one process per page, as many at a time as it may, and watches the clock;
   :func:`.executor.run_pages_on` does so on other machines.
4. :mod:`.worker`, in that process, hands the cells to the kernel and passes on its messages as lines of JSON.
5. :class:`.notebook.PageNotebook` turns the messages into an nbformat notebook: the page's result.
"""
