// The calm screen: one slow shape that widens as the heart quickens and narrows as it slows, which mostly is with the
// breath. Nothing flashes: size and tone move slowly whatever comes. Where little is to move, only the tone does.
"use strict";

(function () {
  const LATE_S = 2.5; // drawn this long after, so that there is always a beat ahead to move towards
  const STALE_S = 6; // without a beat for so long the shape comes to rest
  const MOST_PER_S = 0.09; // of its own size
  const LEAST_SPAN_BPM = 3; // an even heart does not make noise look like a swing
  let swing = null;
  let offset_s = null;
  let size = 0; // from -1 (narrow) to 1 (wide)
  let before_ms = 0;

  function wanted(now_s) {
    const beats = swing && swing.runs ? swing.beats : [];
    if (!beats.length || now_s - beats[beats.length - 1][0] > STALE_S) return null;
    const rates = beats.map((beat) => beat[1]);
    const mean = rates.reduce((sum, each) => sum + each, 0) / rates.length;
    const spread = Math.sqrt(rates.reduce((sum, each) => sum + (each - mean) ** 2, 0) / rates.length);
    const at_s = now_s - LATE_S;
    let bpm = rates[rates.length - 1];
    for (let place = 1; place < beats.length; place += 1) {
      if (beats[place][0] < at_s) continue;
      const gap_s = beats[place][0] - beats[place - 1][0] || 1;
      const part = Math.min(1, Math.max(0, (at_s - beats[place - 1][0]) / gap_s));
      bpm = beats[place - 1][1] + part * (beats[place][1] - beats[place - 1][1]);
      break;
    }
    return Math.min(1, Math.max(-1, (bpm - mean) / Math.max(LEAST_SPAN_BPM, 1.8 * spread)));
  }

  function draw(at_ms) {
    const screen = document.querySelector(".bt-calm");
    if (!screen) return void window.setTimeout(() => window.requestAnimationFrame(draw), 500);
    window.requestAnimationFrame(draw);
    const passed_s = Math.min(0.1, (at_ms - before_ms) / 1000);
    before_ms = at_ms;
    const now_s = offset_s === null ? 0 : performance.now() / 1000 + offset_s;
    const towards = offset_s === null ? null : wanted(now_s);
    const state = towards === null ? "calm" : "follows";
    if (screen.dataset.state !== state) screen.dataset.state = state;
    const still = window.biotunePacer.still.matches;
    const most = (still ? 0.5 : 1) * 5 * MOST_PER_S * passed_s; // one unit of `size` is a fifth of the shape
    const eased = ((towards || 0) - size) * Math.min(1, passed_s / 0.9);
    size += Math.min(most, Math.max(-most, eased));
    screen.style.setProperty("--bt-size", still ? "1" : (1 + 0.2 * size).toFixed(4));
    screen.style.setProperty("--bt-tone", (0.8 + 0.12 * size).toFixed(4));
    pace(screen, now_s, still);
  }

  function pace(screen, now_s, still) {
    const pacer = swing && swing.runs && swing.pacer.on ? swing.pacer : null;
    screen.classList.toggle("bt-calm-paced", Boolean(pacer));
    const word = screen.querySelector(".bt-calm-word");
    const at = pacer ? window.biotunePacer.breath(now_s, { ...pacer, since_s: pacer.set_s }) : null;
    const words = at ? (at.inhaling ? "Breathe in" : "Breathe out") : "";
    if (word.textContent !== words) word.textContent = words;
    if (at) screen.style.setProperty("--bt-fill", still ? "0.5" : at.fill.toFixed(4));
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  }

  document.addEventListener("click", (event) => event.target.closest(".bt-calm-full") && full());

  // The button is there for who looks for it: it goes away while nothing moves.
  let hiding = null;
  function look() {
    const screen = document.querySelector(".bt-calm");
    if (!screen) return;
    screen.classList.add("bt-calm-looked-at");
    window.clearTimeout(hiding);
    hiding = window.setTimeout(() => screen.classList.remove("bt-calm-looked-at"), 4000);
  }
  ["pointermove", "keydown", "focusin"].forEach((kind) => document.addEventListener(kind, look));

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    swing: function (data) {
      swing = data;
      const told_s = data.now_s - performance.now() / 1000;
      if (data.runs && (offset_s === null || Math.abs(told_s - offset_s) > 0.5)) offset_s = told_s;
      else if (data.runs) offset_s += 0.05 * (told_s - offset_s);
      return window.dash_clientside.no_update;
    },
  });

  window.requestAnimationFrame(draw);
})();
