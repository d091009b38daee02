// Whether biotune still answers. A live page whose dashboard is gone says so, wherever one has scrolled to; what is
// pressed meanwhile is refused with a word; and when it answers again, the page goes on by itself. The end of a session
// is told in the same place where its notice is out of sight.
"use strict";

(function () {
  const LOOK_MS = 2000;
  const SILENT_MS = 5000; // a busy machine may be late by so much
  const WAIT_MS = 5500;
  const NEWS_MS = 4000; // news comes once a second: without any for so long, what asks for it is woken
  const WAKES = 3; // and where that often brings none, the page is made anew
  const CHANGES = "/_dash-update-component";
  // What is written into the log by a press, and needs biotune for it.
  const WRITES =
    "#live-marks button, #live-add, #live-undo, #live-end, #live-stop, #live-stop-yes, #live-say-keep, " +
    "#live-pacer-switch, #player-live button";
  const WRITTEN = /live-mark|live-add|live-note|live-undo|live-end|live-stop-yes|live-say-keep|live-pacer-switch|player-live-music/;
  const own = window.fetch.bind(window);
  const clock = window.biotuneClock;

  let heard_ms = performance.now(); // when it answered last
  let news_ms = performance.now(); // when it told news last, or the page began to wait for them
  let pending = 0; // questions for news that nobody has answered yet
  let wakes = 0;
  let woken_ms = 0;
  let address = "";
  let torn = false; // some question was never answered
  let away = false;
  let looking = false;
  let lost = ""; // what became of what was pressed
  let pressed = "What was pressed"; // the last time
  let ran = false; // the session ran while this page was open
  let ended = "no"; // no, told: in the floating place, seen
  let drawn = "";

  const here = () => document.getElementById("live-phase");
  const runs = () => here() && document.querySelector("#live-ends:not([style*=none])");
  const calm = () => document.querySelector(".bt-calm");

  // ---------------------------------------------------------------- does it answer

  async function look() {
    if (looking || !(here() || calm())) return;
    looking = true;
    try {
      const answer = await own("/alive", { cache: "no-store", signal: AbortSignal.timeout(WAIT_MS) });
      if (answer.ok) answers();
    } catch (error) {
      if (performance.now() - heard_ms > SILENT_MS) goes();
    }
    looking = false;
  }

  function goes() {
    away = true;
    draw();
  }

  function answers() {
    heard_ms = performance.now();
    if (away || torn) {
      away = false;
      torn = false;
      begin();
      wake();
    }
    draw();
  }

  function begin() {
    news_ms = performance.now();
    wakes = 0;
  }

  // What asks once a second waits for its answer before it asks again: an answer that never came would be waited for.
  function wake() {
    const set = window.dash_clientside.set_props;
    const strike = { disabled: false, n_intervals: Date.now() };
    if (here()) set("live-tick", strike);
    if (calm()) set("calm-tick", strike);
    if (document.getElementById("player-list")) set("player-look", strike);
  }

  // A page that gets no news although biotune answers: first it is woken, then made anew.
  function follow() {
    if (address !== window.location.pathname) {
      address = window.location.pathname;
      begin();
    }
    const now_ms = performance.now();
    if (!runs() || away || pending || now_ms - heard_ms > SILENT_MS) return;
    if (now_ms - Math.max(news_ms, woken_ms) < NEWS_MS) return;
    woken_ms = now_ms;
    wakes += 1;
    if (wakes > WAKES) window.location.reload();
    else wake();
  }

  // Dash says nothing of a question that nobody answered: it is heard here.
  window.fetch = function (where, how) {
    const asked = own(where, how);
    if (!String((where && where.url) || where).includes(CHANGES)) return asked;
    const changed = changes(how);
    const for_news = changed.some((each) => each.startsWith("live-tick."));
    pending += for_news;
    asked.then(
      function () {
        heard_ms = performance.now();
        pending -= for_news;
        if (for_news) begin();
      },
      function (error) {
        pending -= for_news;
        if (error && error.name === "AbortError") return;
        torn = true;
        if (here() && changed.some((each) => WRITTEN.test(each))) {
          lost = pressed + " may not have been taken up. Look once biotune answers, and do it again where it is missing.";
          goes();
        }
        look();
      },
    );
    return asked;
  };

  function changes(how) {
    try {
      return JSON.parse(how.body).changedPropIds || [];
    } catch (error) {
      return [];
    }
  }

  // ---------------------------------------------------------------- what is pressed meanwhile

  function press(event, what) {
    pressed = what;
    if (!away) {
      lost = "";
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    lost = what + " was not taken up. Do it again once biotune answers.";
    draw();
  }

  function name(button) {
    const words = button.cloneNode(true);
    words.querySelectorAll(".bt-key, [aria-hidden=true]").forEach((each) => each.remove());
    return "“" + words.textContent.trim() + "”";
  }

  document.addEventListener(
    "click",
    function (event) {
      const button = event.target instanceof Element && event.target.closest(WRITES);
      if (button) press(event, name(button));
    },
    true,
  );
  document.addEventListener(
    "keydown",
    function (event) {
      if (event.key === "Enter" && event.target instanceof Element && event.target.id === "live-note") {
        press(event, "The note");
      }
    },
    true,
  );

  // ---------------------------------------------------------------- the end of the session

  const over = () => document.querySelector('#live-notice a[href$="#ratings"]');

  function look_at_the_end() {
    const end = over();
    if (!here()) {
      ran = false;
      ended = "no";
    } else if (!end) {
      ran = true;
      ended = "no";
    } else if (ran && ended !== "seen") {
      const notice = document.getElementById("live-notice").getBoundingClientRect();
      ended = notice.bottom > 60 && notice.top < window.innerHeight - 40 ? "seen" : "told";
    }
  }

  // ---------------------------------------------------------------- what is seen

  function told() {
    if (!here()) return null;
    if (away) {
      const words = (runs() ? "The recording goes on by itself; start" : "Start") + " biotune again.";
      return { title: "biotune does not answer.", words: words, more: lost, ways: [] };
    }
    if (ended === "told" && over()) {
      const ways = Array.from(document.querySelectorAll("#live-notice a")).map((each) => [each.textContent, each.href]);
      return { title: "The session is over", words: "It is saved.", more: "", ways: ways };
    }
    if (lost) return { title: "biotune answers again.", words: lost.replace(" once biotune answers", ""), more: "", ways: [] };
    return null;
  }

  function draw() {
    document.documentElement.classList.toggle("bt-away", away && Boolean(here()));
    const now = told();
    const host = document.querySelector("dialog[open]") || document.body; // above all else is what is open
    const there = document.querySelector(".bt-told");
    const sign = JSON.stringify(now);
    if (there && (!now || there.parentElement !== host)) there.remove();
    if (!now || (sign === drawn && there && there.isConnected)) return;
    drawn = sign;
    host.append(filled(document.querySelector(".bt-told") || box(), now));
  }

  function box() {
    const made = document.createElement("section");
    made.className = "bt-told";
    made.setAttribute("aria-label", "From biotune");
    made.innerHTML = '<div role="status"><strong></strong><p></p><p></p></div><div class="bt-told-ways"></div>';
    return made;
  }

  function filled(place, now) {
    const [title, words, more] = place.firstElementChild.children;
    [title.textContent, words.textContent, more.textContent] = [now.title, now.words, now.more];
    const links = now.ways.map(function ([text, address]) {
      const link = document.createElement("a");
      link.textContent = text;
      link.href = address;
      return link;
    });
    if (!away) links.push(closing());
    place.lastElementChild.hidden = !links.length;
    place.lastElementChild.replaceChildren(...links);
    return place;
  }

  function closing() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "bt-player-button";
    button.textContent = "Close";
    button.onclick = function () {
      lost = "";
      ended = "seen";
      draw();
      const heading = document.querySelector("main h1");
      if (heading) heading.focus({ preventScroll: true });
    };
    return button;
  }

  clock.every(LOOK_MS, look);
  clock.every(1000, follow);
  window.setInterval(function () {
    look_at_the_end();
    draw();
  }, 300);
})();
