// What must happen in the browser: the phone's menu, the page's title and focus.
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
  // Open and close the navigation where it is hidden behind a button.
  openMenu: function (opened, navbar) {
    return { ...navbar, collapsed: { mobile: !opened } };
  },

  // Close that menu when a page has been chosen, and say which one it is in.
  arrive: function (pathname) {
    const entries = window.dash_clientside.callback_context.outputs_list[1];
    const within = (address) => pathname === address || (address.length > 1 && pathname.startsWith(address));
    return [false, entries.map((entry) => entry.id.within.split(" ").some(within))];
  },

  // Name the document after the page's heading, and bring a screen reader to it.
  nameDocument: function () {
    window.setTimeout(function () {
      const heading = document.querySelector("main h1");
      if (!heading) return;
      document.title = heading.textContent + " · biotune";
      if (window.dash_clientside.biotune.arrived) heading.focus({ preventScroll: true });
      window.dash_clientside.biotune.arrived = true;
    }, 0);
    return window.dash_clientside.no_update;
  },

  // The address names the two sessions, so that it can be kept and sent.
  keepInAddress: function (first, second) {
    const named = new URLSearchParams();
    if (first) named.set("a", first);
    if (second) named.set("b", second);
    const text = named.toString();
    if (location.pathname === "/compare") history.replaceState(history.state, "", text ? "?" + text : "/compare");
    return window.dash_clientside.no_update;
  },

  // The address of the page Music names the client whose responses it shows.
  keepClientInAddress: function (code) {
    const text = code ? "?client=" + encodeURIComponent(code) : "";
    if (location.pathname === "/music") history.replaceState(history.state, "", "/music" + text);
    return window.dash_clientside.no_update;
  },

  // Say which of the two readings of a session is shown.
  showView: function (search) {
    const shown = new URLSearchParams(search || "").get("view") === "detailed" ? "detailed" : "client";
    document.querySelectorAll("[data-view]").forEach(function (link) {
      if (link.dataset.view === shown) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    return window.dash_clientside.no_update;
  },

  // Write a number as the page does.
  numeral: function (value) {
    const page = document.querySelector("[data-decimal]");
    return String(value).replace(".", page ? page.dataset.decimal : ".");
  },

  // How numbers and dates are written is asked of every page: a cookie tells it to the program on this machine.
  chooseForm: function (tag, name) {
    const kept = tag ? "; max-age=" + 400 * 24 * 3600 : "; max-age=0";
    document.cookie = name + "=" + encodeURIComponent(tag || "") + "; path=/; samesite=strict" + kept;
    location.reload();
    return window.dash_clientside.no_update;
  },

  print: function (clicks) {
    if (clicks) window.print();
    return window.dash_clientside.no_update;
  },
});

// Large print.
(function () {
  const page = document.documentElement;

  function tell() {
    const large = String(page.classList.contains("bt-large"));
    document.querySelectorAll("[data-large]").forEach((each) => each.setAttribute("aria-pressed", large));
    document.querySelectorAll(".bt-drop input").forEach((each) => each.setAttribute("aria-label", "Files to import"));
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-large]")) return;
    const on = page.classList.toggle("bt-large");
    try {
      window.localStorage.setItem("biotune-large-print", on ? "on" : "off");
    } catch (error) {
      // storage is switched off: it lasts until the page is left
    }
    tell();
    window.dispatchEvent(new Event("resize")); // figures fit their new room
  });

  new MutationObserver(tell).observe(page, { childList: true, subtree: true });
})();
