// The live figure's first minute: the line grows into a minute that stands there from the beginning.
"use strict";

(function () {
  const LEAST_MS = 60000; // as in `dashboard/figures/live_heart_rate.py`
  const when = (text) => new Date(text + "Z").getTime();
  const text = (ms) => new Date(ms).toISOString().replace("Z", "");

  function fit() {
    const figure = document.querySelector("#live-heart-rate .js-plotly-plot");
    if (!figure || !figure.data || !figure.layout || !window.Plotly) return;
    const x = figure.data[0].x || [];
    const words = document.querySelector(".bt-live-waiting");
    if (words) words.hidden = x.length > 0;
    if (!x.length) return;
    const axis = figure.layout.xaxis;
    const [first, last] = [when(x[0]), when(x[x.length - 1])];
    const change = {};
    if (figure.layout.yaxis.autorange === false) change["yaxis.autorange"] = true;
    if (last - first >= LEAST_MS) {
      if (axis.autorange === false) change["xaxis.autorange"] = true;
    } else if (axis.autorange !== false || when(String(axis.range[0])) !== first) {
      change["xaxis.range"] = [text(first), text(first + LEAST_MS)];
      change["xaxis.autorange"] = false;
    }
    if (Object.keys(change).length) window.Plotly.relayout(figure, change);
  }

  window.setInterval(fit, 250);
})();
