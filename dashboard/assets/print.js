// A page on paper: black on white, at the size of print, its figures drawn for that width; afterwards all is as before.
"use strict";

(function () {
  const page = document.documentElement;
  const scheme = "data-mantine-color-scheme";
  let before = null;

  // What is printed is told when it was: the page itself tells of what and of whom.
  function head() {
    const line = document.createElement("p");
    const shell = document.querySelector("[data-form]");
    const now = new Intl.DateTimeFormat((shell && shell.dataset.form) || "en-GB", { dateStyle: "medium", timeStyle: "short" });
    line.className = "bt-printed";
    line.textContent = "biotune · printed " + now.format(new Date());
    document.body.prepend(line);
    return line;
  }

  const shown = () => [...document.querySelectorAll(".bt-graph .js-plotly-plot")].filter((each) => each.clientWidth && each.layout);

  function toPaper() {
    if (before) return;
    const figures = shown().map((figure) => ({ figure, width: figure.layout.width, autosize: figure.layout.autosize }));
    before = { scheme: page.getAttribute(scheme), large: page.classList.contains("bt-large"), figures, line: head() };
    page.setAttribute(scheme, "light");
    page.classList.remove("bt-large");
    page.classList.add("bt-printing");
    figures.forEach(({ figure }) => {
      const width = figure.closest(".bt-graph").clientWidth;
      window.Plotly.relayout(figure, { width: width, autosize: false });
    });
  }

  function toScreen() {
    if (!before) return;
    const { figures, line, large } = before;
    page.classList.remove("bt-printing");
    page.classList.toggle("bt-large", large);
    if (before.scheme) page.setAttribute(scheme, before.scheme);
    line.remove();
    before = null;
    figures.forEach(({ figure, width, autosize }) => {
      if (!figure.isConnected) return;
      // a width of its own may not be left behind: the figure follows the window again
      figure.layout.width = width;
      figure.layout.autosize = autosize;
      window.Plotly.relayout(figure, { width: width === undefined ? null : width, autosize: autosize !== false });
      window.Plotly.Plots.resize(figure);
    });
  }

  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);
})();
