import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { deferred, FakeKernel, turn } from "./fake-kernel.js";

/** @type {FakeKernel} */
let worker;
beforeEach(() => {
  worker = new FakeKernel();
});
afterEach(() => {
  worker.close();
  mock.restoreAll();
});

describe("executing", () => {
  test("a request carries code, metadata and an id of its own", async () => {
    const first = worker.kernel.requestExecute({ code: "1" }, true, { liveviz: { cell: "a" } });
    const second = worker.kernel.requestExecute({ code: "2" });
    const request = await worker.request("execute_request");
    assert.equal(request.content.code, "1");
    assert.equal(request.content.silent, false);
    assert.deepEqual(request.metadata, { liveviz: { cell: "a" } });
    assert.equal(request.channel, "shell");
    assert.equal(request.header.msg_id, first.msg.header.msg_id);
    assert.notEqual(first.msg.header.msg_id, second.msg.header.msg_id);
  });

  test("a request is done, with its reply, when both reply and idle have come", async () => {
    const future = worker.kernel.requestExecute({ code: "1" });
    const done = mock.fn();
    void future.done.then(done);
    const request = await worker.request("execute_request");
    await worker.send("execute_reply", { status: "ok", execution_count: 1 }, request);
    await turn();
    assert.equal(done.mock.callCount(), 0);
    await worker.send("status", { execution_state: "idle" }, request);
    assert.deepEqual((await future.done)?.content, { status: "ok", execution_count: 1 });
    assert.equal(future.isDisposed, true);
  });

  test("output comes in order, and the end waits for handlers", async () => {
    const future = worker.kernel.requestExecute({ code: "1" });
    const slow = deferred();
    /** @type {string[]} */
    const seen = [];
    future.onIOPub = async ({ header, content }) => {
      if (header.msg_type !== "stream") return;
      if (content.text === "a") await slow.promise;
      seen.push(content.text);
    };
    const request = await worker.request("execute_request");
    await worker.send("stream", { name: "stdout", text: "a" }, request);
    await worker.send("stream", { name: "stdout", text: "b" }, request);
    await worker.finish(request);
    assert.deepEqual(seen, []);
    slow.resolve();
    await future.done;
    assert.deepEqual(seen, ["a", "b"]);
  });

  test("what comes after the end still arrives unless the future is disposed", async () => {
    const future = worker.kernel.requestExecute({ code: "1" }, false);
    const onIOPub = mock.fn();
    const request = await worker.request("execute_request");
    await worker.finish(request);
    await future.done;
    future.onIOPub = onIOPub;
    await worker.send("stream", { name: "stdout", text: "late" }, request);
    await turn();
    assert.equal(onIOPub.mock.callCount(), 1);
    future.dispose();
    await worker.send("stream", { name: "stdout", text: "later" }, request);
    await turn();
    assert.equal(onIOPub.mock.callCount(), 1);
  });

  test("a handler that fails is reported and stops neither the next message nor the end", async () => {
    const report = mock.method(console, "error", () => {});
    const future = worker.kernel.requestExecute({ code: "1" });
    const seen = mock.fn(() => {
      throw new Error("cannot");
    });
    future.onIOPub = seen;
    const request = await worker.request("execute_request");
    await worker.send("stream", { name: "stdout", text: "a" }, request);
    await worker.send("stream", { name: "stdout", text: "b" }, request);
    await worker.finish(request);
    await future.done;
    assert.equal(seen.mock.callCount(), 3);
    assert.equal(report.mock.callCount(), 3);
  });

  test("the kernel's end rejects what is open, with the reason", async () => {
    const future = worker.kernel.requestExecute({ code: "1" });
    const comm = worker.kernel.createComm("target");
    worker.kernel.dispose(new Error("out of memory"));
    await assert.rejects(future.done, /out of memory/);
    assert.equal(worker.kernel.status, "dead");
    assert.equal(comm.isDisposed, true);
    assert.throws(() => worker.kernel.requestExecute({ code: "2" }), /has ended/);
    assert.throws(() => comm.send({}), /is closed/);
  });
});

describe("hooks", () => {
  test("the newest goes first, and false keeps the message from the rest", async () => {
    const { kernel } = worker;
    const future = kernel.requestExecute({ code: "1" });
    /** @type {string[]} */
    const seen = [];
    future.onIOPub = ({ content }) => void (content.text && seen.push(`area ${content.text}`));
    const id = future.msg.header.msg_id;
    kernel.registerMessageHook(id, ({ content }) => {
      if (content.text) seen.push(`old ${content.text}`);
      return true;
    });
    /** @param {import("../../sphinxext_liveviz/static/liveviz/live/protocol.js").Message} message */
    const newest = async ({ content }) => {
      if (content.text) seen.push(`new ${content.text}`);
      return content.text !== "mine";
    };
    kernel.registerMessageHook(id, newest);
    const request = await worker.request("execute_request");
    await worker.send("stream", { text: "mine" }, request);
    await worker.send("stream", { text: "yours" }, request);
    await turn();
    kernel.removeMessageHook(id, newest);
    await worker.send("stream", { text: "last" }, request);
    await turn();
    assert.deepEqual(seen, ["new mine", "new yours", "old yours", "area yours", "old last", "area last"]);
  });

  test("one that throws is reported and passed over", async () => {
    const report = mock.method(console, "error", () => {});
    const future = worker.kernel.requestExecute({ code: "1" });
    const onIOPub = mock.fn();
    future.onIOPub = onIOPub;
    future.registerMessageHook(() => {
      throw new Error("cannot");
    });
    await worker.send("stream", { text: "a" }, await worker.request("execute_request"));
    await turn();
    assert.equal(onIOPub.mock.callCount(), 1);
    assert.equal(report.mock.callCount(), 1);
  });
});

describe("displays", () => {
  test("an update reaches every request that showed the display, whoever sent it", async () => {
    const { kernel } = worker;
    /** @type {string[]} */
    const seen = [];
    const [first, second, third] = ["first", "second", "third"].map((name) => {
      const future = kernel.requestExecute({ code: name }, false);
      future.onIOPub = ({ header, content }) => void seen.push(`${name} ${header.msg_type} ${content.data}`);
      return future;
    });
    const requests = [];
    for (let n = 0; n < 3; n++) requests.push(await worker.request("execute_request"));
    const shown = (/** @type {number} */ data) => ({ data, metadata: {}, transient: { display_id: "d" } });
    await worker.send("display_data", shown(1), requests[0]);
    await worker.send("display_data", shown(2), requests[1]);
    await worker.send("update_display_data", shown(3), requests[2]);
    await turn();
    first.dispose();
    await worker.send("update_display_data", shown(4), requests[2]);
    await turn();
    assert.deepEqual(seen, [
      "first display_data 1",
      "first update_display_data 2",
      "second display_data 2",
      "first update_display_data 3",
      "second update_display_data 3",
      "second update_display_data 4",
    ]);
    second.dispose();
    third.dispose();
  });
});

describe("comms of the page", () => {
  test("open, message and close go out with buffers, and are done when Python is idle", async () => {
    const comm = worker.kernel.createComm("target", "c1");
    assert.equal(worker.kernel.hasComm("c1"), true);
    const opening = comm.open({ a: 1 }, { m: 2 });
    const open = await worker.request("comm_open");
    assert.deepEqual(open.content, { comm_id: "c1", target_name: "target", data: { a: 1 } });
    assert.deepEqual(open.metadata, { m: 2 });
    await worker.finish(open);
    assert.equal(await opening.done, undefined);

    const numbers = new Float64Array([1.5, NaN, -0]);
    const part = new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4);
    const sending = comm.send({ b: 2 }, undefined, [numbers, part, new DataView(numbers.buffer)]);
    const message = await worker.request("comm_msg");
    assert.deepEqual(message.content, { comm_id: "c1", data: { b: 2 } });
    assert.deepEqual(new Float64Array(message.buffers[0]), numbers);
    assert.deepEqual(new Uint8Array(message.buffers[1]), part);
    assert.equal(message.buffers[2].byteLength, 24);
    assert.equal(numbers.length, 3, "the sender keeps its buffer");
    await worker.finish(message);
    await sending.done;

    const onClose = mock.fn();
    comm.onClose = onClose;
    comm.close({ bye: true });
    const close = await worker.request("comm_close");
    assert.deepEqual(close.content, { comm_id: "c1", data: { bye: true } });
    await turn();
    assert.equal(onClose.mock.callCount(), 1);
    assert.equal(worker.kernel.hasComm("c1"), false);
    assert.equal(comm.isDisposed, true);
  });

  test("what a message caused arrives at its future, during and after", async () => {
    const future = worker.kernel.createComm("target").send({});
    /** @type {string[]} */
    const seen = [];
    future.onIOPub = ({ content }) => void (content.text && seen.push(content.text));
    const request = await worker.request("comm_msg");
    await worker.send("stream", { text: "callback" }, request);
    await worker.finish(request);
    await future.done;
    await worker.send("stream", { text: "its task" }, request);
    await turn();
    assert.deepEqual(seen, ["callback", "its task"]);
  });

  test("there is one comm of an id", () => {
    worker.kernel.createComm("target", "c1");
    assert.throws(() => worker.kernel.createComm("target", "c1"), /c1 already/);
  });
});

describe("comms of Python", () => {
  test("messages wait while the target's callback is pending, and keep their order", async () => {
    const ready = deferred();
    /** @type {unknown[]} */
    const seen = [];
    worker.kernel.registerCommTarget("target", async (comm, message) => {
      seen.push(["open", message.content.data, message.buffers[0].getFloat64(0, true)]);
      await ready.promise;
      comm.onMsg = async ({ content, buffers }) => {
        await turn();
        seen.push(["msg", content.data, buffers.length]);
      };
      comm.onClose = () => void seen.push(["close"]);
    });
    const id = { comm_id: "k1" };
    await worker.send("comm_open", { ...id, target_name: "target", data: 0 }, null, [new Float64Array([0.1]).buffer]);
    assert.equal(worker.kernel.hasComm("k1"), true);
    await worker.send("comm_msg", { ...id, data: 1 }, null, [new ArrayBuffer(8), new ArrayBuffer(0)]);
    await worker.send("comm_msg", { ...id, data: 2 });
    await worker.send("comm_close", { ...id, data: {} });
    assert.deepEqual(seen, [["open", 0, 0.1]]);
    ready.resolve();
    while (worker.kernel.hasComm("k1")) await turn();
    assert.deepEqual(seen, [["open", 0, 0.1], ["msg", 1, 2], ["msg", 2, 0], ["close"]]);
  });

  test("one comm that waits does not hold up another", async () => {
    const never = deferred();
    const onMsg = mock.fn();
    worker.kernel.registerCommTarget("slow", () => never.promise);
    worker.kernel.registerCommTarget("fast", (comm) => void (comm.onMsg = onMsg));
    await worker.send("comm_open", { comm_id: "s", target_name: "slow", data: {} });
    await worker.send("comm_open", { comm_id: "f", target_name: "fast", data: {} });
    await worker.send("comm_msg", { comm_id: "f", data: {} });
    await turn();
    assert.equal(onMsg.mock.callCount(), 1);
  });

  test("a comm that nobody here knows is closed", async () => {
    mock.method(console, "warn", () => {});
    const callback = mock.fn();
    worker.kernel.registerCommTarget("target", callback);
    worker.kernel.removeCommTarget("target", callback);
    await worker.send("comm_open", { comm_id: "k1", target_name: "target", data: {} });
    const close = await worker.request("comm_close");
    assert.equal(close.content.comm_id, "k1");
    assert.equal(worker.kernel.hasComm("k1"), false);
    assert.equal(callback.mock.callCount(), 0);
  });

  test("a comm whose target fails is closed, and the failure is reported", async () => {
    const report = mock.method(console, "error", () => {});
    worker.kernel.registerCommTarget("target", () => {
      throw new Error("cannot");
    });
    await worker.send("comm_open", { comm_id: "k1", target_name: "target", data: {} });
    assert.equal((await worker.request("comm_close")).content.comm_id, "k1");
    assert.equal(report.mock.callCount(), 1);
  });

  test("a message for a comm that is gone is dropped", async () => {
    await worker.send("comm_msg", { comm_id: "unknown", data: {} });
    await worker.send("comm_close", { comm_id: "unknown", data: {} });
  });
});

describe("signals", () => {
  test("status and iopub messages are announced", async () => {
    const { kernel } = worker;
    /** @type {string[]} */
    const seen = [];
    const onStatus = (/** @type {unknown} */ sender, /** @type {string} */ status) => void seen.push(status);
    kernel.statusChanged.connect(onStatus);
    kernel.iopubMessage.connect((sender, { header }) => {
      assert.equal(sender, kernel);
      seen.push(header.msg_type);
    });
    assert.equal(kernel.status, "starting");
    await worker.send("status", { execution_state: "busy" });
    await worker.send("stream", { name: "stdout", text: "x" });
    await worker.send("status", { execution_state: "idle" });
    kernel.statusChanged.disconnect(onStatus);
    await worker.send("status", { execution_state: "busy" });
    assert.deepEqual(seen, ["busy", "status", "stream", "idle", "status", "status"]);
    assert.equal(kernel.status, "busy");
  });

  test("a listener is connected once, and one that fails does not stop the others", async () => {
    const report = mock.method(console, "error", () => {});
    const listener = mock.fn(() => {
      throw new Error("cannot");
    });
    const other = mock.fn();
    const { iopubMessage } = worker.kernel;
    assert.equal(iopubMessage.connect(listener), true);
    assert.equal(iopubMessage.connect(listener), false);
    iopubMessage.connect(other);
    await worker.send("stream", { name: "stdout", text: "x" });
    assert.equal(listener.mock.callCount(), 1);
    assert.equal(other.mock.callCount(), 1);
    assert.equal(report.mock.callCount(), 1);
    assert.equal(iopubMessage.disconnect(listener), true);
    assert.equal(iopubMessage.disconnect(listener), false);
  });
});
