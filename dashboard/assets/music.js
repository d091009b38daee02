// Tap the beat: the tempo of one's own taps, by the browser's clock.
"use strict";

(function () {
  const FORGET_MS = 3000; // slower than any beat: the next tap begins anew
  let taps = [];

  // Choosing a folder: arrows go through the list, a letter to the next folder that begins with it, Backspace up.
  document.addEventListener("keydown", function (event) {
    const dialog = event.target instanceof Element && event.target.closest("#folder-dialog");
    if (!dialog || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = Array.from(dialog.querySelectorAll(".bt-folder"));
    const at = rows.indexOf(document.activeElement);
    const step = { ArrowDown: at + 1, ArrowUp: at < 0 ? rows.length - 1 : at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const ways = dialog.querySelectorAll(".bt-folder-way button");
    let to = step === undefined ? null : rows[Math.min(rows.length - 1, Math.max(0, step))];
    if (event.key === "Backspace" && ways.length) ways[ways.length - 1].click();
    else if (event.key.length === 1 && event.key !== " ") {
      const begins = (row) => row.textContent.toLowerCase().startsWith(event.key.toLowerCase());
      to = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(begins);
    }
    if (!to && event.key !== "Backspace") return;
    event.preventDefault();
    if (to) to.focus();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    // Opened, with folders to choose from, or closed again.
    folders: function () {
      const dialog = document.getElementById("folder-dialog");
      const by = window.dash_clientside.callback_context.triggered_id;
      if (by === "folder-open" && !dialog.open) dialog.showModal();
      if (by === "folder-no" || by === "folder-done") dialog.close();
      if (by === "folder-body" && dialog.open) {
        window.setTimeout(function () {
          const first = dialog.querySelector(".bt-folder") || dialog.querySelector(".bt-folder-way button");
          if (first) first.focus();
        }, 0);
      }
      return window.dash_clientside.no_update;
    },

    tap: function (clicks) {
      const nothing = window.dash_clientside.no_update;
      if (!clicks) return [nothing, nothing];
      const now = performance.now();
      if (taps.length && now - taps[taps.length - 1] > FORGET_MS) taps = [];
      taps.push(now);
      taps = taps.slice(-17);
      if (taps.length < 4) return [nothing, "Go on tapping."];
      // a straight line through the taps: one that came early or late moves it little
      const count = taps.length;
      const middle = (count - 1) / 2;
      const mean = taps.reduce((sum, each) => sum + each, 0) / count;
      const rise = taps.reduce((sum, each, k) => sum + (k - middle) * (each - mean), 0);
      const run = taps.reduce((sum, _, k) => sum + (k - middle) ** 2, 0);
      const bpm = Math.round((10 * 60000 * run) / rise) / 10;
      return [bpm, window.dash_clientside.biotune.numeral(bpm) + " beats a minute over " + count + " taps. Press Set to keep it."];
    },
  });
})();
