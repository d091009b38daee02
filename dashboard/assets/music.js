// Tap the beat: the tempo of one's own taps, by the browser's clock.
"use strict";

(function () {
  const FORGET_MS = 3000; // slower than any beat: the next tap begins anew
  let taps = [];

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
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
