// The live page's timer, drawn here so that it runs evenly whatever the server does.
"use strict";

(function () {
  const MOST_POINTS = 185; // as in `dashboard/figures/live_heart_rate.py`
  const LATE_MS = 1800; // news comes once a second
  let told = null; // what the server said last
  let asked_ms = 0; // when this last asked for news by itself
  let heard_ms = 0; // when, by a clock that nobody can set

  function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  }

  function draw() {
    const face = document.querySelector(".bt-timer");
    if (!face || !told) return;
    face.hidden = !told.runs && told.left_s === null; // no phase is running, and none will
    const since_s = told.runs ? (performance.now() - heard_ms) / 1000 : 0;
    const counts = told.left_s !== null;
    const shown_s = counts ? Math.max(0, told.left_s - since_s) : told.elapsed_s + since_s;
    face.style.setProperty("--bt-part", counts ? String(1 - shown_s / told.length_s) : "0");
    face.querySelector(".bt-timer-text").textContent = clock(shown_s);
    face.querySelector(".bt-timer-what").textContent = counts ? "left" : "so far";
  }

  function rate() {
    const place = document.querySelector("#live-rate .bt-now");
    const words = told.bpm === null ? "–" : String(told.bpm);
    if (place && place.textContent !== words) place.textContent = words;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    // What one second brought: the cursor, a word for the regions, the timer, and points for the line.
    // As long as the regions do not show what the word stands for, they are asked for: an answer may get lost.
    news: function (data, seen, shown) {
      const none = window.dash_clientside.no_update;
      if (!data || data[0] < seen[1]) return [none, none, none, none, none];
      const [cursor, word, elapsed_s, left_s, length_s, runs, now_s, bpm, points] = data;
      const fresh = cursor > seen[1] ? points : [];
      const date = (seconds) => new Date(Math.round(seconds * 1000)).toISOString().replace("Z", "");
      const more = { x: [fresh.map((point) => date(point[0]))], y: [fresh.map((point) => point[1])] };
      const clock = { elapsed_s, left_s, length_s, runs, now_s, bpm };
      return [[seen[0], cursor], clock, fresh.length ? [more, [0], MOST_POINTS] : none, word === shown[0] ? none : word, null];
    },

    setTimer: function (data) {
      told = data;
      heard_ms = performance.now();
      if (data && data.runs && window.biotunePacer) window.biotunePacer.hear(data.now_s);
      draw();
      rate();
      return window.dash_clientside.no_update;
    },

    // Only “Stop and save” opens the question; either answer closes it, and so does Escape.
    confirm: function () {
      const question = document.getElementById("live-confirm");
      if (window.dash_clientside.callback_context.triggered_id !== "live-stop") question.close();
      else if (!question.open) question.showModal();
      return window.dash_clientside.no_update;
    },
  });

  // How far into the phase we are, for whoever draws something else by it; null while none runs.
  window.biotuneTimer = function () {
    if (!told || (!told.runs && told.left_s === null)) return null;
    const since_s = told.runs ? (performance.now() - heard_ms) / 1000 : 0;
    return { elapsed_s: told.elapsed_s + since_s };
  };

  window.setInterval(draw, 250);

  // In a window that nobody looks at, the page's own clock strikes once a second or once a minute; what the page does
  // for the log (the pacer of a phase that leads the breathing) cannot wait for that. And who comes back sees now.
  function ask() {
    if (!told || !told.runs || !document.getElementById("live-phase")) return;
    asked_ms = performance.now();
    window.dash_clientside.set_props("live-tick", { n_intervals: Date.now() });
  }

  window.biotuneClock.every(1000, function () {
    const now_ms = performance.now();
    if (document.hidden && now_ms - heard_ms > LATE_MS && now_ms - asked_ms > LATE_MS) ask();
  });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) return;
    draw();
    ask();
  });
})();
