// Preparing a session: which step is shown, and sliders that count as an answer once they were touched.
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
  rate: function (value, takenBack) {
    const context = window.dash_clientside.callback_context;
    const moved = context.triggered_id && context.triggered_id.type === "rating";
    if (!moved) return [null, "not given", "bt-rating bt-rating-untouched", { visibility: "hidden" }];
    const rounded = Math.round(value);
    return [rounded, String(rounded), "bt-rating", {}];
  },

  // Who comes for the ratings after a session is brought to them, open, once what stands above has found its height.
  comeToRatings: function () {
    const page = window.dash_clientside.biotune;
    const address = window.location.pathname + window.location.hash;
    if (window.location.hash !== "#ratings" || page.cameToRatings === address) return window.dash_clientside.no_update;
    page.cameToRatings = address;
    window.setTimeout(function () {
      const part = document.getElementById("ratings");
      if (part) part.scrollIntoView({ block: "start" });
    }, 400);
    return true;
  },

  // Much of a page names the client: it is made anew once that is another one.
  reload: function (done) {
    if (done) window.location.reload();
    return window.dash_clientside.no_update;
  },

  // Show one step of the four; who comes from another one is brought to its heading.
  showStep: function (step, panels) {
    const page = window.dash_clientside.biotune;
    if (page.step && page.step !== step) {
      window.setTimeout(function () {
        const heading = document.getElementById("new-heading-" + step);
        if (heading) heading.focus();
        window.scrollTo({ top: 0 });
      }, 50);
    }
    page.step = step;
    return panels.map((panel) => (panel.step === step ? {} : { display: "none" }));
  },
});
