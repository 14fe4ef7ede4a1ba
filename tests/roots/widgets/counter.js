function render({ model, el }) {
  const button = document.createElement("button");
  const show = () => {
    const bytes = model.get("data");
    button.textContent = `count ${model.get("count")} of ${bytes.byteLength} bytes, first ${bytes.getUint8(0)}`;
  };
  show();
  button.className = "counter";
  button.addEventListener("click", () => {
    model.set("count", model.get("count") + 1);
    model.set("data", new DataView(new Uint8Array([7, 8, 9]).buffer));
    model.save_changes();
    model.send({ hello: "Python" }, undefined, [new Uint8Array([1, 2]).buffer]);
  });
  model.on("change:count", show);
  model.on("change:data", show);
  model.on("msg:custom", (message, buffers) => el.setAttribute("data-heard", `${message} ${buffers[0].byteLength}`));
  el.append(button);
  return () => document.body.setAttribute("data-cleaned", "yes");
}

export default () => ({ initialize: ({ model }) => void (globalThis.begun = model.get("count")), render });
