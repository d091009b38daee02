// The live page's own: keys and foot switches, prompts, phases shaded behind the line, drawers, few buttons.
"use strict";

(function () {
  const KEPT = "biotune-keys";
  const OFF = "biotune-keys-off";
  const WHOLE = "biotune-live-whole";
  const BOUNCE_MS = 250; // a foot switch may send its key twice
  const NEVER = new Set(["Tab", "Enter", " ", "Escape", "Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"]);
  const NAMES = { PageDown: "Page ↓", PageUp: "Page ↑", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

  const USUAL = { undo: "0" };
  for (let number = 1; number <= 9; number += 1) USUAL["mark-" + number] = String(number);

  function read(key, otherwise) {
    try {
      return JSON.parse(window.localStorage.getItem(key)) || otherwise;
    } catch (error) {
      return otherwise;
    }
  }

  function keep(key, value) {
    try {
      window.localStorage.setItem(key, JSON.stringify(value));
    } catch (error) {
      // storage is switched off: it lasts as long as this page
    }
  }

  let keys = read(KEPT, null) || { ...USUAL };
  let off = read(OFF, false) === true;
  let learning = null; // the action whose key is asked for
  let last = { key: "", at: -1e9 };

  const at_work = () => {
    const controls = document.getElementById("live-controls");
    return controls && controls.style.display !== "none" ? controls : null;
  };

  function find(action) {
    if (action.startsWith("mark-")) {
      return document.querySelectorAll("#live-marks button")[Number(action.slice(5)) - 1];
    }
    if (action === "music") return document.querySelector("#player .bt-player-play");
    if (action === "fade") return document.querySelector("#player .bt-player-fade");
    return document.getElementById({ undo: "live-undo", pacer: "live-pacer-switch", end: "live-end" }[action]);
  }

  // ---------------------------------------------------------------- keys

  function typing(target) {
    if (!(target instanceof Element)) return false;
    if (target.closest("dialog[open], [role=slider], [role=combobox], [role=listbox], select, textarea")) return true;
    const input = target.closest("input");
    if (input) return !["checkbox", "button", "submit"].includes(input.type);
    return target.isContentEditable;
  }

  function say(words) {
    const place = document.querySelector(".bt-key-said");
    if (place) place.textContent = words;
  }

  function learn(event) {
    event.preventDefault();
    event.stopPropagation();
    if (["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(event.key)) return;
    const action = learning;
    const button = document.querySelector('[data-set="' + action + '"]');
    const what = button.previousElementSibling.previousElementSibling.textContent;
    if (event.key === "Backspace" || event.key === "Delete") {
      delete keys[action];
      say(what + " has no key.");
    } else if (event.key === "Escape") {
      say("Left as it was.");
    } else if (NEVER.has(event.key) || event.ctrlKey || event.altKey || event.metaKey) {
      say("That key is needed for the page itself. Press another one, or Escape.");
      return;
    } else {
      Object.keys(keys).forEach((each) => keys[each] === event.key && delete keys[each]);
      keys[action] = event.key;
      say(what + ": " + (NAMES[event.key] || event.key) + ".");
    }
    learning = null;
    keep(KEPT, keys);
    legend();
  }

  document.addEventListener(
    "keydown",
    function (event) {
      if (!document.getElementById("live-session") && !at_work()) return;
      if (learning) return learn(event);
      if (off || !at_work() || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
      const action = Object.keys(keys).find((each) => keys[each] === event.key);
      const button = action && find(action);
      if (!button) return;
      event.preventDefault();
      const bounced = event.key === last.key && performance.now() - last.at < BOUNCE_MS;
      if (event.repeat || bounced) return;
      last = { key: event.key, at: performance.now() };
      button.click();
    },
    true
  );

  document.addEventListener("click", function (event) {
    const set = event.target.closest("[data-set]");
    const all = event.target.closest("[data-keys]");
    if (set) {
      learning = set.dataset.set;
      say("Press the key, the foot switch or the remote now.");
    } else if (all && all.dataset.keys === "usual") {
      keys = { ...USUAL };
      keep(KEPT, keys);
      say("The usual keys are back.");
    } else if (all) {
      off = !off;
      keep(OFF, off);
      say(off ? "Keys do nothing now." : "Keys are on.");
    } else if (learning) {
      learning = null;
      say("");
    }
    legend();
    if (event.target.closest(".bt-everything-switch")) everything();
  });

  function legend() {
    document.querySelectorAll("[data-key-of]").forEach(function (place) {
      const key = off ? "" : keys[place.dataset.keyOf] || "";
      const words = NAMES[key] || key;
      if (place.textContent !== words) place.textContent = words;
      place.hidden = !words;
    });
    const button = document.querySelector("[data-keys=switch]");
    if (button && button.getAttribute("aria-pressed") !== String(!off)) {
      button.setAttribute("aria-pressed", String(!off));
      button.textContent = off ? "Keys are off" : "Keys are on";
    }
    document.querySelectorAll("[data-set]").forEach((each) => each.classList.toggle("bt-learning", each.dataset.set === learning));
  }

  // ---------------------------------------------------------------- few buttons

  let all = read(WHOLE, false) === true;

  function everything() {
    all = !all;
    keep(WHOLE, all);
    whole();
  }

  // A page that has just come knows nothing of the choice yet.
  function whole() {
    const live = document.querySelector(".bt-live");
    const button = document.querySelector(".bt-everything-switch");
    if (!live || !button) return;
    const words = "Music, markers and pacer: " + (all ? "hide" : "show");
    if (button.textContent !== words) button.textContent = words;
    if (live.classList.contains("bt-live-whole") === all) return;
    live.classList.toggle("bt-live-whole", all);
    window.dispatchEvent(new Event("resize"));
  }

  // ---------------------------------------------------------------- prompts

  function clock(seconds) {
    const whole = Math.max(0, Math.ceil(seconds));
    return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  }

  function prompt() {
    const lines = Array.from(document.querySelectorAll(".bt-prompt"));
    const told = window.biotuneTimer && window.biotuneTimer();
    if (!lines.length || !told) return;
    const due = lines.filter((line) => Number(line.dataset.atS) <= told.elapsed_s);
    const next = lines[due.length];
    lines.forEach(function (line, place) {
      const state = place < due.length - 1 ? "past" : place === due.length - 1 ? "now" : "coming";
      if (line.dataset.state === state) return;
      line.dataset.state = state;
      if (state === "now") {
        line.setAttribute("aria-current", "step");
        const list = line.parentElement;
        list.scrollTop = line.offsetTop; // the list is what its lines are placed in
      } else {
        line.removeAttribute("aria-current");
      }
    });
    const place = document.querySelector(".bt-prompt-next");
    const words = next ? "Next in " + clock(Number(next.dataset.atS) - told.elapsed_s) : "That was the last of this phase.";
    if (place.textContent !== words) place.textContent = words;
  }

  // ---------------------------------------------------------------- phases behind the line

  let shades = [];
  let drawn = "";

  function date(seconds) {
    return new Date(seconds * 1000).toISOString().replace("Z", "");
  }

  function shade() {
    const graph = document.querySelector("#live-heart-rate .js-plotly-plot");
    if (!graph || !graph.data || !graph.layout || !window.Plotly) return;
    const x = graph.data[0].x || [];
    const now = JSON.stringify([shades, x.length ? [x[0], x[x.length - 1]] : []]);
    if (now === drawn && (graph.layout.shapes || []).length) return;
    const seconds = (text) => new Date(text + "Z").getTime() / 1000;
    const from_s = x.length ? seconds(x[0]) : 0;
    const to_s = x.length ? seconds(x[x.length - 1]) : 0;
    const seen = shades
      .map((each) => ({ ...each, from_s: Math.max(each.from_s, from_s), to_s: Math.min(each.to_s === null ? to_s : each.to_s, to_s) }))
      .filter((each) => each.to_s > each.from_s);
    if (!seen.length) return;
    drawn = now;
    window.Plotly.relayout(graph, {
      shapes: seen.map((each) => ({
        type: "rect",
        xref: "x",
        yref: "paper",
        x0: date(each.from_s),
        x1: date(each.to_s),
        y0: 0,
        y1: 1,
        fillcolor: each.colour,
        line: { width: 0 },
        layer: "below",
      })),
      annotations: seen
        .filter((each) => each.to_s - each.from_s > 0.12 * (to_s - from_s))
        .map((each) => ({
          x: date(each.from_s),
          y: 1,
          xref: "x",
          yref: "paper",
          xanchor: "left",
          yanchor: "bottom",
          showarrow: false,
          text: each.title,
        })),
    });
  }

  // ---------------------------------------------------------------- what Dash calls

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    shadePhases: function (data) {
      shades = data || [];
      return window.dash_clientside.no_update;
    },

    breath: function (per_min, inhale_pct) {
      const numeral = window.dash_clientside.biotune.numeral;
      const seconds = (part) => numeral(Number(((60 / per_min) * (part / 100)).toFixed(1)));
      return numeral(per_min) + " a minute · " + seconds(inhale_pct) + " s in, " + seconds(100 - inhale_pct) + " s out";
    },

    // “How is it now?” opens the drawer; closing it, keeping and Escape shut it.
    saying: function () {
      const drawer = document.getElementById("live-say-dialog");
      if (window.dash_clientside.callback_context.triggered_id !== "live-say") drawer.close();
      else if (!drawer.open) drawer.showModal();
      return window.dash_clientside.no_update;
    },
  });

  window.setInterval(function () {
    if (!document.getElementById("live-controls")) return;
    legend();
    whole();
    prompt();
    shade();
  }, 250);
})();
