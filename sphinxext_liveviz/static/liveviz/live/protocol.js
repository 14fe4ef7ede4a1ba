// The types of everything that crosses a seam: build and page, page and worker, page and kernel.
// Types only; no module imports this file at run time.

/**
 * What the build wrote into `<script type="application/json" id="liveviz-manifest">`. URLs are relative to the page.
 *
 * @typedef {object} Manifest
 * @property {1} schema
 * @property {string} docname
 * @property {{version: string, indexURL: string, lockFileURL: string, glue: string | null} | null} pyodide  null: the
 *   page stays static; `glue` is the name of the main module's JavaScript, where the build knows it
 * @property {string} [reason]  why it does
 * @property {string[]} packages  names in the lock, dependencies first
 * @property {string | null} image  URL of the directory of the image to start from
 * @property {{modules: string[]} | null} snapshot  what a snapshot of the reader's browser imports; null: there is to be
 *   none
 * @property {string} live  URL of the directory of these modules
 * @property {string} kernel  URL of the archive with the kernel's Python files
 * @property {string} [directory]  of the page's source, where its cells run
 * @property {[path: string, url: string][]} [files]  that cells read; paths start where `directory` does
 * @property {Record<string, string>} assets  prefix of a library's public URLs to that of the site's copies
 * @property {string[]} scripts  URLs of the libraries' scripts that the static outputs need, in load order
 * @property {string[]} [modules]  URLs of their module scripts; a fragment names the global that a default export becomes
 * @property {Record<string, unknown>} [settings]  what the site's configuration says to the kernel
 * @property {Record<string, string>} drawers  URL of a script that bundles what draws some MIME types to a regular
 *   expression of those
 * @property {string[]} likely  URLs of those that the page uses, or probably will, and of their style sheets
 * @property {string} markdown  URL of the script that reads Markdown
 * @property {{url: string, setup: string[]} | null} math  MathJax and the scripts that configure it; null: something
 *   else renders the site's formulas
 * @property {string} [offline]  URL of the service worker, where the site has one
 * @property {CellRecord[]} cells  in document order
 */

/**
 * @typedef {object} CellRecord
 * @property {string} id
 * @property {number} number  as people count, from 1
 * @property {string} code
 * @property {string} path  of the source document, for people to read
 * @property {number} line  of `path` that holds the first line of `code`
 * @property {boolean} static  never live
 * @property {string | null} raises  null: an exception is a failure; "": any is expected; else the expected one's name
 * @property {[name: string, built: string, live: string][]} [drift]  what it imports in another version than the build
 */

/**
 * The global `liveviz`, made by liveviz.js.
 *
 * @typedef {object} Page
 * @property {Manifest} manifest
 * @property {(text: string) => string} localise  library URLs in a text replaced by absolute URLs of the site's copies
 * @property {(resources: Resources | undefined) => Promise<void>} ensure  loads the scripts, in order, and style sheets
 *   that the page does not have yet; rejected with an error that names the URL that could not be loaded
 * @property {EmbedBokeh} embedBokeh
 * @property {Record<string, Drawer>} drawers  by name of the script that has put them there
 * @property {Record<string, CommOpened>} commTargets  what such scripts do with comms that Python opens, by target
 * @property {() => void} [registerBokehModels]  lets BokehJS know the models that another script draws
 * @property {(mime: string) => boolean} canDraw  whether there is a script that draws it
 * @property {(source: string, math: (text: string, display: boolean) => string) => string} [markdown]  Markdown as
 *   HTML, once its script has been loaded
 * @property {(mime: string) => Promise<Drawer>} drawer  loads that script when it is asked for first
 * @property {Drawer} draw  by that script
 * @property {WeakMap<Element, import("./mime.js").Area>} areas  of live cells
 * @property {ShowOutputs} [showOutputs]  of live cells
 * @property {(cell: HTMLElement, card: Card) => void} showCard
 */

/**
 * A failure, told to the reader inside the cell.
 *
 * @typedef {object} Card
 * @property {string} title
 * @property {string} text
 * @property {string} [details]  preformatted
 * @property {[label: string, action: () => void][]} actions  buttons; each also takes the card away
 */

/**
 * Content of the MIME type `application/vnd.liveviz.bokeh+json`.
 *
 * @typedef {object} BokehBundle
 * @property {any} doc  a Bokeh document as JSON
 * @property {string[]} roots  ids
 * @property {Resources} [resources]
 */

/**
 * URLs in load order (of modules see Manifest), and MIME types whose scripts draw what is to come, too.
 *
 * @typedef {{js?: string[], css?: string[], modules?: string[], mimes?: string[]}} Resources
 */

/**
 * Draws a document. `prepare` gets the BokehJS document before it is drawn.
 *
 * @typedef {(
 *   bundle: BokehBundle, element: HTMLElement, prepare?: (document: any) => void
 * ) => Promise<BokehView>} EmbedBokeh
 */

/** @typedef {{document: any, views: any, dispose(): void}} BokehView */

/**
 * An output that a script of the page draws.
 *
 * @typedef {object} Drawing
 * @property {string} mime
 * @property {any} data  JSON, with library URLs of the site
 * @property {any} metadata  hints; an empty object when there are none
 * @property {HTMLElement} element  in the document, and empty
 * @property {import("./mime.js").Context} [context]  of a live output
 */

/** @typedef {(drawing: Drawing) => Promise<Disposable>} Drawer  fulfilled when it can be seen */

/** @typedef {{dispose(): void}} Disposable */

/**
 * Takes a comm that Python has opened.
 *
 * @typedef {(comm: import("./comm.js").Comm, message: Message, kernel: WorkerKernel) => Promise<void>} CommOpened
 */

/** @typedef {import("./channel.js").WorkerKernel} WorkerKernel */

/**
 * Shows outputs, as a notebook has them, in an element, and others in their place with each update. `area` is that of
 * the cell around, once the element is in its place.
 *
 * @typedef {(
 *   element: HTMLElement, home: {kernel: WorkerKernel, area: () => import("./mime.js").Area | undefined}
 * ) => {update: (outputs: any[]) => void, dispose: () => void}} ShowOutputs
 */

// -- Jupyter messages ---------------------------------------------------------

/** @typedef {{msg_id: string, msg_type: string}} Header */

/**
 * @typedef {object} Message
 * @property {Header} header
 * @property {Partial<Header>} parent_header  of the request that caused it; empty when nothing did
 * @property {Record<string, any>} metadata
 * @property {any} content
 * @property {"iopub" | "shell"} channel
 * @property {DataView[]} buffers
 */

/** @typedef {ArrayBuffer | ArrayBufferView} Buffer */

// -- page and worker ----------------------------------------------------------

/**
 * @typedef {object} Start
 * @property {"start"} type
 * @property {string} indexURL
 * @property {string} lockFileURL
 * @property {string | null} glue  name of the JavaScript of Pyodide's main module, if it is known
 * @property {string} kernelURL
 * @property {string | null} imageURL
 * @property {Own | null} own
 * @property {string | null} lock  of the page that starts, held as long as it is there; null: the worker ends with it
 * @property {string} aliveURL  answers as long as the page wants Python to run
 * @property {string[]} packages
 * @property {Data} data
 */

/** @typedef {{directory: string, files: [path: string, url: string][]}} Data  files that cells read */

/**
 * The snapshot that this browser makes for a page.
 *
 * @typedef {object} Own
 * @property {string} name  tells all that it is made from
 * @property {string[]} modules  that it imports
 */

/** @typedef {"worker" | "core" | "packages" | "kernel" | "running"} Step */

/**
 * How far the start has come. Bytes are those of all downloads so far; `total` is 0 while no size is known.
 *
 * @typedef {{type: "progress", step: Step, loaded: number, total: number, name?: string}} Progress
 */

/**
 * `how` says what Python was started from, for debugging; `wants` whether this browser shall make a snapshot.
 *
 * @typedef {{type: "ready", seconds: number, how: string, wants: boolean}} Ready
 */

/** @typedef {{type: "leave"}} Leave  the page has no use for Python any more */

/** @typedef {{name: string, message: string, stack: string, step: Step, fatal: boolean}} Failure */

/** @typedef {{type: "fail", error: Failure}} Fail */

/**
 * A Jupyter message on its way, in both directions. `message` is JSON text: Python writes and reads text anyway, and
 * a string crosses threads faster than a tree of objects. Buffers are transferred.
 *
 * @typedef {{type: "message", message: string, buffers: ArrayBuffer[]}} Envelope
 */

export {};
