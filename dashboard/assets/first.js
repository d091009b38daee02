// Loaded before anything is drawn, so that a dark page never flashes white.
"use strict";

(function () {
  let chosen = "auto";
  try {
    chosen = window.localStorage.getItem("mantine-color-scheme-value") || "auto";
  } catch (error) {
    // storage is switched off: follow the system
  }
  const dark = chosen === "dark" || (chosen === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  try {
    if (window.localStorage.getItem("biotune-large-print") === "on") document.documentElement.classList.add("bt-large");
  } catch (error) {
    // storage is switched off: usual print
  }
})();
