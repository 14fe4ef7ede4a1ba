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

  return { live, answered, elements, withText, handle, move, frame };
})();
