// The breathing pacer, drawn here so that it runs evenly whatever the server does. Where little is to move, a bar
// and a count stand in for the disc, and change once a second.
"use strict";

(function () {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let offset_s = null; // session time minus this page's clock

  // Where in a breath session time is: from 0 (empty) to 1 (full) and back, and what is to be done.
  function breath(now_s, pacer) {
    const length_s = 60 / pacer.per_min;
    const passed_s = (((now_s - pacer.since_s) % length_s) + length_s) % length_s;
    const in_s = length_s * pacer.inhale;
    const inhaling = passed_s < in_s;
    const part = inhaling ? passed_s / in_s : (passed_s - in_s) / (length_s - in_s);
    const eased = (1 - Math.cos(Math.PI * part)) / 2;
    return {
      inhaling: inhaling,
      fill: inhaling ? eased : 1 - eased,
      left_s: inhaling ? in_s - passed_s : length_s - passed_s,
    };
  }

  function draw() {
    const place = document.querySelector(".bt-pacer[data-on]");
    const on = place && offset_s !== null && place.dataset.on === "true";
    if (on) window.requestAnimationFrame(draw);
    else window.setTimeout(draw, 250); // nothing to draw: look again now and then
    if (!place) return;
    place.classList.toggle("bt-pacer-still", still.matches);
    const word = place.querySelector(".bt-pacer-word");
    if (!on) {
      if (word.textContent) word.textContent = "";
      return;
    }
    const now_s = performance.now() / 1000 + offset_s;
    const pacer = {
      per_min: Number(place.dataset.perMin),
      inhale: Number(place.dataset.inhale),
      since_s: Number(place.dataset.sinceS),
    };
    const at = breath(still.matches ? Math.floor(now_s) : now_s, pacer);
    const words = (at.inhaling ? "In" : "Out") + (still.matches ? " " + Math.max(1, Math.ceil(at.left_s)) : "");
    if (word.textContent !== words) word.textContent = words;
    place.style.setProperty("--bt-fill", at.fill.toFixed(4));
  }

  window.biotunePacer = { breath: breath, still: still };

  // `assets/live.js` tells session time once a second; a jump of less than 0.3 s is the way to here, not the clock.
  window.biotunePacer.hear = function (now_s) {
    const told_s = now_s - performance.now() / 1000;
    if (offset_s === null || Math.abs(told_s - offset_s) > 0.3) offset_s = told_s;
    else offset_s += 0.05 * (told_s - offset_s);
  };

  window.biotunePacer.now_s = function () {
    return offset_s === null ? null : performance.now() / 1000 + offset_s;
  };

  draw();
})();
