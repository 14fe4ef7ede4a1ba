/** @import {CellRecord, Failure, Page, Progress} from "./protocol.js" */
/** @import {WorkerKernel} from "./channel.js" */
/** @import {Future} from "./future.js" */

import { showFailure } from "./card.js";
import { OutputArea } from "./output.js";

/** @typedef {"static" | "waiting" | "starting" | "running" | "live" | "error" | "failed"} Status */

const STEPS = {
  worker: "Starting Python",
  core: "Loading Python",
  packages: "Loading packages",
  kernel: "Starting Python",
  running: "Starting Python",
};

/** A live cell of the page: its toolbar, its status and its output. */
export class CellView {
  #element;
  #record;
  #page;
  #area;
  /** @type {Element | null} */
  #statusText;
  /** @type {HTMLElement | null} */
  #progress = null;
  /** What it goes back to when it need not wait any longer.
   * @type {Status} */
  #settled = "static";
  /** @type {Future | null} */
  #future = null;
  /** @type {HTMLElement | null} */
  #drift = null;

  /**
   * @param {HTMLElement} element
   * @param {CellRecord} record
   * @param {Page} page
   */
  constructor(element, record, page) {
    this.#element = element;
    this.#record = record;
    this.#page = page;
    this.#area = new OutputArea(element, page);
    this.#statusText = element.querySelector(".live-status");
  }

  get id() {
    return this.#record.id;
  }

  get number() {
    return this.#record.number;
  }

  wait() {
    this.#show("waiting", "Waiting");
  }

  /** @param {string} reason */
  skip(reason) {
    this.#show(this.#settled, reason);
  }

  /** @param {Progress | null} progress  null at the very start */
  starting(progress) {
    this.#show("starting", STEPS[progress?.step ?? "worker"]);
    this.#showProgress(progress?.loaded ?? 0, progress?.total ?? 0);
  }

  /**
   * @param {WorkerKernel} kernel
   * @returns {Promise<boolean>} whether it ended as its author meant
   */
  async execute(kernel) {
    const { id, number, path, line, code } = this.#record;
    this.#show("running", "Running");
    this.#future?.dispose();
    this.#area.begin(kernel);
    const { settings } = this.#page.manifest;
    this.#future = kernel.requestExecute({ code }, false, { liveviz: { cell: id, number, path, line, settings } });
    this.#future.onIOPub = this.#area.handle;
    const reply = await this.#future.done;
    await this.#area.end();
    this.#showDrift();
    const ok = this.#isAsMeant(reply?.content);
    this.#settled = ok ? "live" : "error";
    this.#show(this.#settled, ok ? "Live" : "Error");
    return ok;
  }

  restore() {
    this.#drift?.remove();
    this.#future?.dispose();
    this.#future = null;
    this.#area.restoreStatic();
    this.#settled = "static";
    this.#show("static", "");
  }

  /**
   * @param {unknown} error  why there is no Python
   * @param {() => void} retry
   */
  fail(error, retry) {
    console.error("liveviz:", error);
    this.#settled = "failed";
    this.#show("failed", "Failed");
    const dismiss = () => this.restore();
    showFailure(this.#page, this.#element, error, { retry, dismiss });
  }

  /** @param {Failure} failure  an error of the worker that Python survived */
  complain({ name, message, stack }) {
    this.#area.complain(Object.assign(new Error(message), { name, stack }));
  }

  /** Say below the live output what it was made with, where the build had another version. */
  #showDrift() {
    const { drift = [] } = this.#record;
    if (!drift.length) return;
    this.#drift ??= document.createElement("p");
    this.#drift.className = "live-drift";
    const versions = drift.map(([name, built, live]) => `Built with ${name} ${built}, live runs ${live}`);
    this.#drift.title = this.#drift.textContent = versions.join("; ");
    this.#element.append(this.#drift);
  }

  /** @param {{status: string, ename?: string} | undefined} reply */
  #isAsMeant(reply) {
    if (reply?.status !== "error") return true;
    const { raises } = this.#record;
    return raises !== null && (raises === "" || raises === reply.ename);
  }

  /**
   * @param {Status} status
   * @param {string} text
   */
  #show(status, text) {
    this.#element.dataset.status = status;
    if (status !== "failed") this.#element.querySelector(":scope > .live-card")?.remove();
    const busy = status === "waiting" || status === "starting" || status === "running";
    this.#element.querySelector(".live-run")?.setAttribute("aria-disabled", String(busy));
    // Only when it changes: each change is read out.
    if (this.#statusText && this.#statusText.textContent !== text) this.#statusText.textContent = text;
    if (status !== "starting") {
      this.#progress?.remove();
      this.#progress = null;
    }
  }

  /**
   * @param {number} loaded
   * @param {number} total
   */
  #showProgress(loaded, total) {
    this.#progress ??= this.#makeProgress();
    const [bar, bytes] = /** @type {[HTMLProgressElement, HTMLElement]} */ (Array.from(this.#progress.children));
    // When all bytes are there, work is left that cannot be measured.
    if (loaded < total) {
      bar.max = total;
      bar.value = loaded;
    } else bar.removeAttribute("value");
    bytes.textContent = total ? `${megabytes(loaded)} of ${megabytes(total)} MB` : "";
  }

  #makeProgress() {
    const element = document.createElement("span");
    element.className = "live-progress";
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", "Loading Python");
    const bytes = document.createElement("span");
    element.append(bar, bytes);
    this.#statusText?.after(element);
    return element;
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
