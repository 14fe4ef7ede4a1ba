// Runs in each page before its own scripts, and measures there, where no message to the bench disturbs it.
"use strict";

globalThis.bench = (() => {
  // Of the last click: some tools want to be clicked twice, and only the second one starts them.
  let pressed = NaN;
  addEventListener("click", (event) => void (pressed = event.timeStamp), true);

  function* elements(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* elements(element.shadowRoot);
      if (element.localName == "iframe" && element.contentDocument) yield* elements(element.contentDocument);
    }
  }

  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  /** The visible element that has `text` in a text of its own. */
  const withText = (text) => {
    for (const element of elements(document)) {
      if (element.localName == "script" || element.localName == "style") continue;
      for (const node of element.childNodes) {
        if (node.nodeType == Node.TEXT_NODE && node.data.includes(text) && visible(element)) return element;
      }
    }
    return null;
  };

  /** Whether a canvas that can be seen has anything on it. */
  const drawn = () => {
    for (const element of elements(document)) {
      if (element.localName != "canvas" || !element.width || !element.height || !visible(element)) continue;
      const context = element.getContext("2d");
      if (!context) continue;
      const { data } = context.getImageData(0, 0, element.width, element.height);
      for (let i = 3; i < data.length; i += 4) if (data[i]) return true;
    }
    return false;
  };

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** The first slider handle of the output that is visible: Bokeh's and Panel's are noUiSliders. */
  const handle = () => {
    for (const element of elements(document)) {
      if (element.classList.contains("noUi-handle") && visible(element)) return element;
    }
    throw new Error("there is no slider");
  };

  const move = (to, key = "ArrowRight") =>
    to.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true }));

  /** Milliseconds from the click until `mark` is to be read and, if `canvas`, something is drawn. */
  const live = async (mark, canvas) => {
    while (!withText(mark) || (canvas && !drawn())) await frame();
    return performance.now() - pressed;
  };

  /** Milliseconds from the click until Python has answered to a slider that was moved as soon as it could be. */
  const answered = async (mark) => {
    move(handle());
    while (!withText(mark)) await frame();
    return performance.now() - pressed;
  };

  /** Texts of all elements that can be reached, without regard to what can be seen: that would cost a layout. */
  const reads = (text) => {
    for (const element of elements(document)) {
      for (const node of element.childNodes) {
        if (node.nodeType == Node.TEXT_NODE && node.data.includes(text) && element.localName != "script") return node.data;
      }
    }
    return null;
  };

  /** Call `look` at every change of the document and its shadow trees until it returns something; resolve to that. */
  const seen = (look) =>
    new Promise((resolve) => {
      const observer = new MutationObserver(() => check());
      const roots = new WeakSet();
      const watch = (root) => {
        if (roots.has(root)) return;
        roots.add(root);
        observer.observe(root, { childList: true, characterData: true, subtree: true });
      };
      const check = () => {
        const found = look();
        if (found !== null) {
          observer.disconnect();
          return resolve(found);
        }
        watch(document);
        for (const element of elements(document)) if (element.shadowRoot) watch(element.shadowRoot);
      };
      check();
    });

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Milliseconds that Python's answer to each of `count` moves took, after some that are not counted. */
  const moves = async (first, says, count) => {
    const warm = 5;
    const times = [];
    const slider = handle();
    for (let n = 1; n <= warm + count; n++) {
      await frame();
      const start = performance.now();
      move(slider);
      await seen(() => reads(`${first + n} ${says}`));
      if (n > warm) times.push(performance.now() - start);
      // What follows an answer, such as a redrawn curve, is no part of the next one.
      await pause(30);
    }
    return times;
  };

  // Messages to Python that carry a change of a property, by whatever way they go.
  let posted = 0;
  for (const { prototype } of [Worker, MessagePort]) {
    const post = prototype.postMessage;
    prototype.postMessage = function (message, ...rest) {
      if (counting && JSON.stringify(message)?.includes("ModelChanged")) posted += 1;
      return post.call(this, message, ...rest);
    };
  }
  let counting = false;

  /** Move the slider `count` times, every `every` ms; see `Drag` in bench/sync/rounds.py. */
  const drag = async (first, says, count, every) => {
    const slider = handle();
    let calls = 0;
    let longest = 0;
    counting = true;
    posted = 0;
    const last = `${first + count} ${says}, `;
    const look = () => {
      const text = reads(`${says}, `);
      if (text !== null) calls = Number(text.match(/, (\d+) calls/)?.[1] ?? calls);
      longest = Math.max(longest, posted - calls - 1);
      return text?.includes(last) ? performance.now() : null;
    };
    const arrived = seen(look);
    const start = performance.now();
    for (let n = 1; n <= count; n++) {
      move(slider);
      // Messages may be posted in a task of their own.
      await pause(0);
      longest = Math.max(longest, posted - calls - 1);
      const wait = start + n * every - performance.now();
      if (wait > 0) await pause(wait);
    }
    const end = performance.now();
    const at = await Promise.race([arrived, pause(15000)]);
    counting = false;
    return { messages: posted, calls, longest, settled: at !== undefined, milliseconds: (at ?? NaN) - end || 0 };
  };

  /** When the page was painted, when its document was loaded, and when it stopped moving. */
  const readable = async () => {
    const entries = (type) =>
      new Promise((resolve) => {
        const observer = new PerformanceObserver((list) => resolve(list.getEntries()));
        observer.observe({ type, buffered: true });
        setTimeout(() => resolve([]), 1000);
      });
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const [{ domContentLoadedEventEnd }] = performance.getEntriesByType("navigation");
    const shifts = (await entries("layout-shift")).map((entry) => entry.startTime);
    return { paint: paint.startTime, parsed: domContentLoadedEventEnd, still: Math.max(paint.startTime, ...shifts) };
  };

  return { live, answered, moves, drag, readable };
})();
