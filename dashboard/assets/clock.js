// Timers that keep time in a window nobody looks at. A browser lets the page's own strike once a second there, or once a
// minute; those of a worker go on. This file is both: the page loads it, and it loads itself as its worker.
"use strict";

(function () {
  if (typeof document === "undefined") {
    const running = new Map();
    self.onmessage = function (told) {
      const [id, every_ms] = told.data;
      self.clearInterval(running.get(id));
      running.delete(id);
      if (every_ms !== null) running.set(id, self.setInterval(() => self.postMessage(id), every_ms));
    };
    return;
  }

  const known = new Map(); // by number: what is to be done, how often, and the page's own timer where there is no worker
  let count = 0;
  let worker = null;

  function alone(id) {
    const of = known.get(id);
    if (of) of.timer = window.setInterval(of.act, of.every_ms);
  }

  try {
    worker = new Worker(document.currentScript.src);
    worker.onmessage = (told) => known.has(told.data) && known.get(told.data).act();
    worker.onerror = function () {
      // the page's own timers are better than none
      worker = null;
      known.forEach((_, id) => alone(id));
    };
  } catch (error) {
    worker = null;
  }

  function every(ms, act) {
    const id = (count += 1);
    known.set(id, { act: act, every_ms: ms, timer: null });
    if (worker) worker.postMessage([id, ms]);
    else alone(id);
    return id;
  }

  function stop(id) {
    const of = known.get(id);
    if (!of) return;
    window.clearInterval(of.timer);
    known.delete(id);
    if (worker) worker.postMessage([id, null]);
  }

  function after(ms, act) {
    const id = every(ms, function () {
      stop(id);
      act();
    });
    return id;
  }

  window.biotuneClock = { every: every, after: after, stop: stop };
})();
