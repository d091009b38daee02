// The list of sessions: its pages, its days, and its address, which keeps what was asked for.
"use strict";

(function () {
  const PLACE = "biotune-sessions"; // of this tab: where the list was left

  const iso = (day) =>
    [day.getFullYear(), String(day.getMonth() + 1).padStart(2, "0"), String(day.getDate()).padStart(2, "0")].join("-");

  // On which day a week begins is the reader's.
  function firstDay() {
    const shell = document.querySelector("[data-form]");
    try {
      const locale = new Intl.Locale((shell && shell.dataset.form) || "en-GB");
      const week = locale.getWeekInfo ? locale.getWeekInfo() : locale.weekInfo;
      return week ? week.firstDay % 7 : 1;
    } catch (error) {
      return 1; // an older browser: Monday
    }
  }

  function ranges() {
    const now = new Date();
    const day = (past) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - past);
    const into = (now.getDay() - firstDay() + 7) % 7;
    return {
      today: [day(0), day(0)],
      "this-week": [day(into), day(into - 6)],
      "last-week": [day(into + 7), day(into + 1)],
      "this-month": [new Date(now.getFullYear(), now.getMonth(), 1), new Date(now.getFullYear(), now.getMonth() + 1, 0)],
    };
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    // Go on or back in the list of sessions; another choice begins at its first page.
    // Whatever is asked anew begins at page 1. Here and not on the server: the list waits for its page's number.
    turnPage: function () {
      const pressed = window.dash_clientside.callback_context.triggered_id;
      const before = arguments[arguments.length - 1];
      const now = before || 1;
      const to = pressed.endsWith("-on") ? now + 1 : pressed.endsWith("-back") ? Math.max(1, now - 1) : 1;
      return to === before ? window.dash_clientside.no_update : to; // a search on the first page fills it once
    },

    clearFilters: function () {
      return ["", null, null, "", "", "newest"];
    },

    // A range sets both days; two days that are a range choose it.
    pickDays: function (range, since, until) {
      const same = window.dash_clientside.no_update;
      const known = ranges();
      if (window.dash_clientside.callback_context.triggered_id === "sessions-range") {
        if (range === "all") return [same, "", ""];
        return known[range] ? [same, ...known[range].map(iso)] : [same, same, same];
      }
      if (!since && !until) return ["all", same, same];
      const found = Object.keys(known).find((each) => iso(known[each][0]) === since && iso(known[each][1]) === until);
      return [found || null, same, same];
    },

    keepFilters: function (text, client, approach, since, until, order, page) {
      const same = window.dash_clientside.no_update;
      if (location.pathname !== "/") return same;
      const asked = { q: text, client, approach, from: since, to: until };
      const named = new URLSearchParams();
      Object.entries(asked).forEach(([name, value]) => value && named.set(name, value));
      if (order && order !== "newest") named.set("order", order);
      if (page > 1) named.set("page", page);
      const search = named.toString() ? "?" + named : "";
      if (search !== location.search) history.replaceState(history.state, "", "/" + search);
      try {
        window.sessionStorage.setItem(PLACE, search);
      } catch (error) {
        // storage is switched off: the way back is to the whole list
      }
      return same;
    },
  });

  // Whoever goes back to the list finds it as it was left.
  document.addEventListener(
    "click",
    function (event) {
      const link = event.target.closest('a[href="/"]');
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      let search = "";
      try {
        search = window.sessionStorage.getItem(PLACE) || "";
      } catch (error) {
        return; // as above
      }
      if (!search || location.pathname === "/") return;
      event.preventDefault();
      event.stopPropagation();
      history.pushState({}, "", "/" + search);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate")); // as Dash's own links tell it
      window.scrollTo(0, 0);
    },
    true,
  );
})();
