// Figures that the server drew: they are put in their place, and saved as files without plotly.
"use strict";

(function () {
  const NS = "http://www.w3.org/2000/svg";

  function place(holder) {
    if (holder.drawn === holder.dataset.drawing) return;
    holder.drawn = holder.dataset.drawing;
    holder.innerHTML = holder.drawn;
  }

  // What was there to be read before any script goes when Dash's own stands in the same places; what had been opened
  // or reached by key there stays so.
  function takeOver() {
    const first = document.getElementById("first");
    const page = document.getElementById("react-entry-point");
    if (!first || !page.querySelector("main h1")) return;
    const twin = (each) =>
      [...page.querySelectorAll(each.tagName)].find((other) => other.textContent === each.textContent);
    const opened = [...first.querySelectorAll("details[open] > summary")].map(twin);
    const reached = first.contains(document.activeElement) ? twin(document.activeElement) : null;
    first.remove();
    opened.forEach((summary) => summary && (summary.parentElement.open = true));
    if (reached) reached.focus({ preventScroll: true });
  }

  new MutationObserver(function () {
    document.querySelectorAll("[data-drawing]").forEach(place);
    takeOver();
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-drawing"] });

  // What style sheets say of it is written into it, and every share of the width is kept: a file stands alone.
  function whole(holder) {
    const size = holder.getBoundingClientRect();
    const shown = holder.querySelector("svg");
    const box = shown.getBoundingClientRect();
    const copy = shown.cloneNode(true);
    const ink = { "bt-plain-grid": "#d7dadd", text: "#1f2328" }; // on white, whatever the page's colours
    copy.querySelectorAll("text").forEach(function (each) {
      each.setAttribute("fill", ink.text);
      each.setAttribute("font-family", "system-ui, sans-serif");
    });
    copy.querySelectorAll(".bt-plain-grid").forEach((each) => each.setAttribute("stroke", ink["bt-plain-grid"]));
    copy.querySelectorAll(".bt-plain-mark").forEach((each) => each.setAttribute("overflow", "visible"));
    copy.querySelectorAll('[style*="var("]').forEach(function (each) {
      const tones = { "--bt-line": "#0b7285", "--bt-beats": "rgba(73, 98, 116, 0.6)" };
      each.setAttribute("style", each.getAttribute("style").replace(/var\((.*?)\)/g, (_, name) => tones[name]));
    });
    copy.removeAttribute("style");
    const given = { x: box.x - size.x, y: box.y - size.y, width: box.width, height: box.height, overflow: "visible" };
    Object.entries(given).forEach(([name, value]) => copy.setAttribute(name, value));
    const paper = document.createElementNS(NS, "svg");
    paper.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    paper.setAttribute("width", size.width);
    paper.setAttribute("height", size.height);
    const white = document.createElementNS(NS, "rect");
    Object.entries({ width: "100%", height: "100%", fill: "#ffffff" }).forEach(([n, v]) => white.setAttribute(n, v));
    paper.append(white, copy);
    return paper;
  }

  function hand(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // The picture is drawn twice as fine as on the screen, as plotly's are.
  function asPicture(svg, paper, name) {
    const picture = new Image();
    picture.onload = function () {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * paper.getAttribute("width");
      canvas.height = 2 * paper.getAttribute("height");
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => hand(blob, name), "image/png");
      URL.revokeObjectURL(picture.src);
    };
    picture.src = URL.createObjectURL(svg);
  }

  // Plotly, five megabytes, is loaded for a figure that is there already once somebody comes near it and the browser
  // has nothing else to do.
  function near(place) {
    return new Promise(function (resolve) {
      const room = document.documentElement.clientHeight / 2;
      const watch = new IntersectionObserver(
        function (seen) {
          if (!seen.some((each) => each.isIntersecting)) return;
          watch.disconnect();
          resolve();
        },
        { rootMargin: `${room}px 0px` },
      );
      watch.observe(place);
    });
  }

  const idle = () =>
    new Promise((resolve) =>
      window.requestIdleCallback ? window.requestIdleCallback(resolve, { timeout: 1000 }) : setTimeout(resolve, 200),
    );

  function elementOf(id) {
    const parts = Object.keys(id).sort().map((key) => JSON.stringify(key) + ":" + JSON.stringify(id[key]));
    return document.getElementById("{" + parts.join(",") + "}"); // as Dash writes it
  }

  // A callback that waits would hold one of the few places that Dash has for callbacks: whoever waits tells a store.
  const tell = function (store, part) {
    if (part.isConnected) window.dash_clientside.set_props(store, { data: true }); // else the page was left
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    // A part whose inside is made when it is opened: by mouse, by key, by a search within the page.
    whenOpened: function (id) {
      const part = elementOf(id) && elementOf(id).closest("details");
      if (!part) return window.dash_clientside.no_update; // the page was left
      if (part.open) return true;
      part.addEventListener("toggle", () => tell({ type: "opening", part: id.part }, part), { once: true });
      return window.dash_clientside.no_update;
    },

    whenNear: function (id) {
      const place = elementOf(id);
      if (place) near(place.parentElement).then(idle).then(() => tell({ type: "near", figure: id.figure }, place));
      return window.dash_clientside.no_update;
    },

    drawLater: function (near, id) {
      return near ? JSON.parse(elementOf(id).dataset.graph) : window.dash_clientside.no_update;
    },
  });

  window.biotuneDrawings = {
    save: function (holder, form, name) {
      const paper = whole(holder);
      const svg = new Blob([new XMLSerializer().serializeToString(paper)], { type: "image/svg+xml" });
      if (form === "svg") hand(svg, `${name}.svg`);
      else asPicture(svg, paper, `${name}.png`);
    },
  };
})();
