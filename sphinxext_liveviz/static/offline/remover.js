// Served where the site's service worker was, once `liveviz_offline` is off: browsers that have that one look here for
// the next, by themselves, and get this. Others never ask for it.
"use strict";

(() => {
  // The names that a service worker knows; the types of pages do not have them.
  const self = /** @type {any} */ (globalThis);

  const remove = async () => {
    try {
      const own = `liveviz ${self.registration.scope} `;
      for (const name of await caches.keys()) if (name.startsWith(own)) await caches.delete(name);
    } finally {
      await self.registration.unregister();
    }
  };

  // At once: pages that are open get everything from the network again, as if there had never been a worker.
  self.addEventListener("install", () => void self.skipWaiting());
  self.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(remove()));
})();
