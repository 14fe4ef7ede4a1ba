"""What the benches of live pages share: pages, tools, sites, the hosts that serve them, and a reader's browser.

- ``pages`` -- pages whose output says where its Python runs, so that a live output is never mistaken for a static one;
- ``tools`` -- what each tool is installed from and configured with; variants of this extension;
- ``shelf`` -- Pyodide and wheels for tools that load them from public hosts;
- ``host`` -- a static host on the loopback interface, which counts what it sends;
- ``sites`` -- builds the pages with a tool;
- ``reader`` -- Chromium with a profile; ``probe.js`` measures inside the page;
- ``stage`` -- all of it, ready; ``results`` -- options and files of results;
- ``memory`` -- what the processes of a browser held.
"""
