// A session again: the cursor runs here, evenly and at any speed, over the figure's own data.
"use strict";

(function () {
  let at_s = 0; // session time under the cursor
  let playing = false;
  let seen_ms = 0; // when the cursor was moved last
  let shown = null; // the player that is on the page
  const audio = new Audio();
  audio.className = "bt-replay-audio";
  const LOUDEST_SPEED = 4; // beyond it, music is noise
  const DRIFT_S = 0.3;

  const stage = () => document.querySelector(".bt-replay");
  const figure = (player) => player.querySelector(".js-plotly-plot");
  const scrub = (player) => player.querySelector(".bt-scrub");
  const number = (element, name) => Number(element.getAttribute(name));
  const SPEEDS = [0.5, 1, 2, 4, 10, 30, 60];
  let chosen = 1;
  const speed = () => chosen;

  function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  }

  // The last point of a trace that is not after the cursor, and not long before it.
  function rate(plot) {
    const line = plot && plot._fullData && plot._fullData[1];
    if (!line || !line.x || !line.x.length) return null;
    const minute = at_s / 60;
    let low = 0;
    let high = line.x.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (line.x[middle] <= minute || line.x[middle] === null) low = middle;
      else high = middle - 1;
    }
    const value = line.y[low];
    return Number.isFinite(value) && Math.abs(line.x[low] - minute) < 0.05 ? value : null;
  }

  function told(player, kind) {
    return Array.from(player.querySelectorAll('[data-kind="' + kind + '"]'));
  }

  function within(player, kind) {
    return told(player, kind).filter((each) => number(each, "data-from") <= at_s && at_s < number(each, "data-to"));
  }

  function say(player, name, words) {
    const cell = player.querySelector('[data-now="' + name + '"]');
    if (cell && cell.textContent !== words) cell.textContent = words;
  }

  function draw(player) {
    const plot = figure(player);
    const bar = scrub(player);
    const begin = number(bar, "aria-valuemin");
    const end = number(bar, "aria-valuemax");
    at_s = Math.min(Math.max(at_s, begin), end);
    const axis = plot && plot._fullLayout && plot._fullLayout.xaxis;
    const line = player.querySelector(".bt-cursor");
    if (axis && line) {
      const size = plot._fullLayout._size;
      const x = axis._offset + axis.l2p(at_s / 60);
      line.style.transform = "translateX(" + x + "px)";
      line.style.top = size.t + "px";
      line.style.height = size.h + "px";
      line.hidden = x < axis._offset - 1 || x > axis._offset + axis._length + 1;
    }
    bar.firstElementChild.style.width = (100 * (at_s - begin)) / Math.max(end - begin, 1e-9) + "%";
    bar.setAttribute("aria-valuenow", at_s.toFixed(1));
    bar.setAttribute("aria-valuetext", clock(at_s));
    const bpm = rate(plot);
    const before = told(player, "marker").filter((each) => number(each, "data-from") <= at_s);
    say(player, "time", clock(at_s));
    say(player, "rate", bpm === null ? "no signal" : Math.round(bpm) + " bpm");
    say(player, "phase", within(player, "phase").map((each) => each.textContent).join(", ") || "–");
    say(player, "music", within(player, "music").map((each) => "♪ " + each.textContent).join(", ") || "–");
    say(player, "marker", before.length ? before[before.length - 1].textContent : "–");
    const button = player.querySelector('[data-replay="play"]');
    const label = playing ? "Pause" : "Play";
    if (button.textContent !== label) {
      button.textContent = label;
      button.setAttribute("aria-label", label);
    }
    sound(player);
    if (playing && at_s >= end) playing = false;
  }

  // The music in step, where its file is at hand; without one the session is replayed in silence.
  function sound(player) {
    const now = within(player, "music").find((each) => /^[0-9a-f]{64}$/.test(each.dataset.piece || ""));
    if (!playing || !now || speed() > LOUDEST_SPEED) {
      if (!audio.paused) audio.pause();
      return;
    }
    if (!audio.isConnected) document.body.append(audio); // without controls it is not seen
    const source = "/media/" + now.dataset.piece;
    if (audio.dataset.of !== source) {
      audio.dataset.of = source;
      audio.dataset.failed = "";
      audio.src = source;
    }
    if (audio.dataset.failed) return;
    const rate = Number(now.dataset.rate) || 1;
    const position = Number(now.dataset.position) + (at_s - number(now, "data-from")) * rate;
    audio.volume = Math.min(1, Math.max(0, Number(now.dataset.volume)));
    audio.playbackRate = speed() * rate;
    if (Math.abs(audio.currentTime - position) > DRIFT_S * Math.max(1, speed())) audio.currentTime = position;
    if (audio.paused) audio.play().catch(() => (audio.dataset.failed = "yes"));
  }
  audio.addEventListener("error", () => (audio.dataset.failed = "yes"));

  function move(seconds) {
    at_s = seconds;
    const player = stage();
    if (player) draw(player);
  }

  function act(name, player) {
    const begin = number(scrub(player), "aria-valuemin");
    const end = number(scrub(player), "aria-valuemax");
    if (name === "play") {
      if (!playing && at_s >= end) at_s = begin;
      playing = !playing;
      seen_ms = performance.now();
    }
    if (name === "start") at_s = begin;
    if (name === "back") at_s -= 5;
    if (name === "on") at_s += 5;
    if (name === "minute-back") at_s -= 60;
    if (name === "minute-on") at_s += 60;
    if (name === "end") at_s = end;
    if (name === "faster" || name === "slower") {
      const next = SPEEDS[SPEEDS.indexOf(chosen) + (name === "faster" ? 1 : -1)];
      if (next) window.dash_clientside.set_props("replay-speed", { value: String(next) });
    }
    draw(player);
  }

  const KEYS = {
    " ": "play",
    ArrowLeft: "back",
    ArrowRight: "on",
    PageUp: "minute-back",
    PageDown: "minute-on",
    Home: "start",
    End: "end",
    "+": "faster",
    "-": "slower",
  };

  document.addEventListener("keydown", function (event) {
    const player = stage();
    const does = KEYS[event.key];
    if (!player || !does || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, summary")) return;
    if (event.key === " " && event.target.closest("button, a")) return; // it presses that
    event.preventDefault();
    act(does, player);
  });

  document.addEventListener("click", function (event) {
    const player = stage();
    if (!player) return;
    const button = event.target.closest("[data-replay]");
    if (button) act(button.dataset.replay, player);
    const go = event.target.closest("[data-go]");
    if (go) move(Number(go.dataset.go));
  });

  // A press on the bar or on the figure puts the cursor there; moving on drags it.
  function place(event, player) {
    const bar = scrub(player);
    const on_bar = event.target.closest(".bt-scrub");
    const plot = figure(player);
    if (on_bar) {
      const box = bar.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      const begin = number(bar, "aria-valuemin");
      move(begin + share * (number(bar, "aria-valuemax") - begin));
    } else if (plot && event.target.closest(".bt-stage .js-plotly-plot") && !event.target.closest(".modebar")) {
      const axis = plot._fullLayout.xaxis;
      const x = event.clientX - plot.getBoundingClientRect().left - axis._offset;
      if (x >= 0 && x <= axis._length) move(axis.p2l(x) * 60);
    }
  }
  let dragging = false;
  document.addEventListener("pointerdown", function (event) {
    const player = stage();
    if (!player || event.button) return;
    dragging = Boolean(event.target.closest(".bt-scrub"));
    place(event, player);
  });
  document.addEventListener("pointermove", function (event) {
    const player = stage();
    if (player && dragging && event.buttons) {
      const box = scrub(player).getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      const begin = number(scrub(player), "aria-valuemin");
      move(begin + share * (number(scrub(player), "aria-valuemax") - begin));
    }
  });
  document.addEventListener("pointerup", () => (dragging = false));

  function frame(now_ms) {
    const player = stage();
    if (player) {
      const of = location.pathname;
      if (shown !== of) {
        shown = of;
        playing = false;
        at_s = number(scrub(player), "aria-valuemin");
      }
      if (playing) at_s += ((now_ms - seen_ms) / 1000) * speed();
      if (figure(player)) draw(player);
    } else {
      shown = null;
      playing = false;
      if (!audio.paused) audio.pause();
    }
    seen_ms = now_ms;
    window.setTimeout(() => window.requestAnimationFrame(frame), player ? 0 : 300);
  }
  window.requestAnimationFrame(frame);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    setSpeed: function (value) {
      chosen = Number(value) || 1;
      return window.dash_clientside.no_update;
    },

    // What is asked of a marker or a phase, with where the cursor stands.
    askAtCursor: function (added, undone, acted, note, labels, of) {
      const context = window.dash_clientside.callback_context;
      const pressed = context.triggered_id;
      if (!context.triggered.length || !context.triggered[0].value) return window.dash_clientside.no_update;
      const asked = { at_s: at_s, number: Date.now() };
      if (pressed === "replay-add") return { ...asked, act: "add", label: note };
      if (pressed === "replay-undo") return { ...asked, act: "undo" };
      const at = of.findIndex((each) => each.line === pressed.line);
      return { ...asked, act: pressed.act, line: pressed.line, label: labels[at] };
    },
  });
})();
