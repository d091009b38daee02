// What a figure does in the browser: it is saved as a file, its axis becomes logarithmic, keys press its buttons.
"use strict";

(function () {
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    setScale: function (scale) {
      const figure = document.querySelector("#spectrum .js-plotly-plot");
      if (figure) window.Plotly.relayout(figure, { "yaxis.type": scale, "yaxis.autorange": true });
      return window.dash_clientside.no_update;
    },
  });

  // A strip that was dragged begins elsewhere; what lies beside it was drawn already, and is now asked for anew.
  window.dash_clientside.biotune.dragged = function (moved, from) {
    const to = moved && moved["xaxis.range[0]"];
    return typeof to === "number" && Math.abs(to - from) > 1e-6 ? to : window.dash_clientside.no_update;
  };

  // On white, whatever the page's colours: a picture goes onto paper or a slide.
  function save(button) {
    const holder = button.closest("figure");
    if (!holder) return;
    const name = [location.pathname.split("/")[2], holder.querySelector(".bt-graph").id].filter(Boolean).join("-");
    const figure = holder.querySelector(".js-plotly-plot .main-svg") && holder.querySelector(".js-plotly-plot");
    const plain = holder.querySelector("[data-drawing]");
    if (!figure && plain) window.biotuneDrawings.save(plain, button.dataset.save, name);
    if (!figure) return;
    const size = figure.getBoundingClientRect();
    const white = { paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff", width: size.width, height: size.height };
    const drawn = { data: figure.data, layout: { ...figure.layout, ...white } };
    window.Plotly.downloadImage(drawn, { format: button.dataset.save, filename: name, scale: 2, ...size.toJSON() });
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-save]");
    if (button) save(button);
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard.writeText(copy.dataset.copy).then(
        () => (copy.textContent = "Copied"),
        () => (copy.textContent = "The browser does not allow it: mark the words and copy them"),
      );
    }
  });

  // In a part that says so, a key presses the button that carries it; not while somebody writes.
  document.addEventListener("keydown", function (event) {
    const part = event.target.closest(".bt-keys");
    if (!part || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const wanted = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const button = part.querySelector('[data-key="' + CSS.escape(wanted) + '"]');
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });
})();
