// The player of the live page. It lives here, outside Dash: music goes on while pages change, and what happens to it
// is told to the log with this page's own clock, each event once, however often it is sent.
"use strict";

(function () {
  const SYNC_MS = 5000;
  const RETRY_MS = 2000;
  const SETTLED_S = 0.3;
  const ANSWER_MS = 2000; // nobody waits longer for music
  const QUEUE = "biotune-music-queue"; // events that nobody has acknowledged yet: they outlive a reload
  const RESUME = "biotune-music-resume"; // what was playing when the page went away
  const RESUME_WITHIN_MS = 60000;
  const timers = window.biotuneClock; // keep time in a window that nobody looks at
  const tab = Math.random().toString(36).slice(2, 10) + Date.now().toString(36);

  const audio = new Audio();
  audio.preload = "auto";
  let told = null; // what the server offers: session, pieces, delay_ms, fade_s, fade_at_rest
  let offered = 0; // how often: the list is drawn again only then
  let asked = 0; // how often it was asked whether a piece may be played
  let current = null; // the piece that is loaded
  let number = 0; // of this page's events
  let queue = read(QUEUE, []);
  let sending = false;
  let again = null;
  let fading = null;
  let loudness = 1; // as set by hand; a fade leaves it alone
  let sounding = false; // a play was logged, and no end of it yet
  let signed_ms = 0; // when this page last told the log of its sound
  let waiting = null; // until the sound really moves
  let message = "";
  let release = null; // lets the other windows have the player
  let elsewhere = false;
  let sounds_there = ""; // the title of what sounds in the other window

  function read(key, otherwise) {
    try {
      return JSON.parse(window.sessionStorage.getItem(key)) || otherwise;
    } catch (error) {
      return otherwise;
    }
  }

  function keep(key, value) {
    try {
      window.sessionStorage.setItem(key, JSON.stringify(value));
    } catch (error) {
      // storage is switched off or full: what is not acknowledged lives as long as this page
    }
  }

  // ---------------------------------------------------------------- the log

  function log(act, at) {
    if (!current || !told) return;
    number += 1;
    signed_ms = performance.now();
    queue.push({
      session: told.session,
      event: {
        act: act,
        piece: current.key,
        title: current.title,
        position_s: at ? at.position_s : audio.currentTime,
        rate: audio.playbackRate,
        volume: audio.volume,
        browser_ms: at ? at.browser_ms : performance.now(),
        tab: tab,
        number: number,
        delay_ms: told.delay_ms,
      },
    });
    keep(QUEUE, queue);
    flush(false);
  }

  function cookie(name) {
    const found = document.cookie.split("; ").find((each) => each.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function post(where, what, leaving) {
    return fetch(where, {
      method: "POST",
      keepalive: Boolean(leaving),
      headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("_csrf_token") },
      body: JSON.stringify(what),
    });
  }

  // Send what waits; on the way out of the page without waiting for an answer.
  async function flush(leaving) {
    if (!queue.length || (sending && !leaving)) return;
    const session = queue[0].session;
    const batch = queue.filter((each) => each.session === session).slice(0, 200);
    sending = true;
    let status = 0;
    try {
      const events = batch.map((each) => each.event);
      status = (await post("/media/event", { session: session, events: events }, leaving)).status;
    } catch (error) {
      status = 0; // the dashboard is away for a moment
    }
    sending = false;
    if (status === 200 || status === 400 || status === 410) {
      const done = new Set(batch.map((each) => each.event.tab + " " + each.event.number));
      queue = queue.filter((each) => !done.has(each.event.tab + " " + each.event.number));
      keep(QUEUE, queue);
      if (status === 410 && told && told.session === session && !audio.paused) {
        say("The session is over: what plays now is no longer logged.");
      }
      if (queue.length) flush(false);
    } else {
      timers.stop(again);
      again = timers.after(RETRY_MS, () => flush(false));
    }
    draw();
  }

  // A sign of life; the sound itself strikes too, where no worker may.
  function live() {
    const due = performance.now() - signed_ms >= SYNC_MS;
    if (due && sounding && !waiting && !audio.paused && !audio.seeking) log("sync");
  }
  timers.every(SYNC_MS / 10, live);
  audio.addEventListener("timeupdate", live);

  // Call back once the sound moves evenly, with the instant at which it left a position: its clock takes a moment to
  // settle, and the middle of many readings is nearer the truth than one.
  function whenMoving(from_s, then) {
    timers.stop(waiting && waiting.timer);
    const mine = { from_s: from_s, then: then, left_ms: [] };
    mine.timer = timers.every(10, function () {
      const moved_s = audio.currentTime - from_s;
      if (audio.paused || audio.seeking || moved_s <= 0) return;
      mine.left_ms.push(performance.now() - (1000 * moved_s) / audio.playbackRate);
      if (moved_s >= SETTLED_S) settle();
    });
    waiting = mine;
  }

  // Log what waits for the clock to settle, as well as it is known by now; nothing where nothing sounded yet.
  function settle() {
    if (!waiting) return;
    const done = waiting;
    timers.stop(done.timer);
    waiting = null;
    const read = done.left_ms.slice(-15).sort((one, other) => one - other);
    if (read.length) done.then({ position_s: done.from_s, browser_ms: read[Math.floor(read.length / 2)] });
  }

  // ---------------------------------------------------------------- what people do

  function load(piece, position_s) {
    end("next");
    current = piece;
    stopFading();
    audio.src = "/media/" + piece.key + "?session=" + encodeURIComponent(told.session);
    if (position_s) audio.currentTime = position_s;
    draw();
  }

  // Log that what sounds has ended, in one way or another; once.
  function end(act) {
    settle();
    if (!sounding) return;
    sounding = false;
    log(act);
  }

  // Ask whether a piece may be played now: what is to be avoided may have been written down since it was offered.
  // Where nobody answers, what was offered last holds.
  async function allowed(piece) {
    asked += 1;
    const mine = asked;
    try {
      const where = "/media/" + piece.key + "/allowed?session=" + encodeURIComponent(told.session);
      const answer = await fetch(where, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.status === 403) refuse(piece, (await answer.text()).trim());
    } catch (error) {
      // the dashboard is away for a moment
    }
    return !piece.refusal && mine === asked; // the last wish holds
  }

  function refuse(piece, why) {
    piece.refusal = why.split("\n").pop();
    offered += 1;
    say(piece.title + " is not played. " + piece.refusal);
  }

  async function play() {
    const piece = current || (told && told.pieces.find((each) => !each.refusal));
    if (!piece || !(await allowed(piece))) return;
    if (piece !== current) load(piece, 0);
    sound();
  }

  async function sound() {
    if (!(await hold(false))) return;
    stopFading();
    try {
      say("");
      await audio.play();
    } catch (error) {
      if (error.name === "NotAllowedError") {
        say("The browser does not let a page begin to sound by itself. Press Play.");
      } else if (error.name !== "AbortError") {
        draw(); // the error event tells why
      }
    }
  }

  async function choose(piece) {
    if (piece.refusal || !(await allowed(piece))) return false;
    load(piece, 0);
    sound();
    return true;
  }

  // Go on to the next piece that may be played; `otherwise` where there is none.
  async function goOn(otherwise) {
    for (let following = neighbour(); following; following = neighbour()) {
      if ((await choose(following)) || !following.refusal) return;
    }
    otherwise();
  }

  function next() {
    goOn(function () {
      end("next");
      audio.pause();
      say("That was the last piece.");
    });
  }

  function neighbour() {
    if (!told || !current) return null;
    const at = told.pieces.findIndex((each) => each.key === current.key);
    return told.pieces.slice(at + 1).find((each) => !each.refusal) || null;
  }

  function fade() {
    if (audio.paused || fading) return;
    log("fade");
    const began_ms = performance.now();
    const from = audio.volume;
    fading = timers.every(40, function () {
      const part = (performance.now() - began_ms) / 1000 / Math.max(0.05, told.fade_s);
      if (part < 1) {
        audio.volume = from * (1 - part);
        return;
      }
      timers.stop(fading);
      audio.pause(); // its event is logged while the volume is still down
      timers.after(300, stopFading);
    });
    draw();
  }

  // Let what fades go on as loud as it was.
  function unfade() {
    if (!fading || audio.paused) return;
    stopFading();
    log("volume");
    draw();
  }

  function stopFading() {
    timers.stop(fading);
    fading = null;
    audio.volume = loudness;
  }

  let turned = null;
  function turn(value) {
    loudness = value;
    if (!fading) audio.volume = value;
    timers.stop(turned);
    turned = timers.after(300, function () {
      if (current) log("volume");
    });
  }

  function byHand(act) {
    window.biotuneRest.by_hand();
    act();
  }

  // ---------------------------------------------------------------- one window has the player

  function hold(take) {
    if (release || !navigator.locks) return Promise.resolve(true);
    return new Promise(function (resolve) {
      const options = take ? { steal: true } : { ifAvailable: true };
      navigator.locks
        .request("biotune-player", options, function (lock) {
          elsewhere = !lock;
          if (!lock) {
            say("The player is in another window of this browser.");
            resolve(false);
            return undefined;
          }
          resolve(true);
          return new Promise((free) => (release = free));
        })
        .catch(function () {
          // another window took it
          release = null;
          elsewhere = true;
          audio.pause();
          say("The player went to another window of this browser.");
        });
    });
  }

  async function look() {
    if (!navigator.locks || release || !box()) return;
    const held = (await navigator.locks.query()).held.some((each) => each.name === "biotune-player");
    if (held !== elsewhere) {
      elsewhere = held;
      say(held ? "The player is in another window of this browser." : "");
    }
  }
  timers.every(2000, look);

  // Each window tells the others what sounds in it; one that has just come asks.
  const air = window.BroadcastChannel ? new BroadcastChannel("biotune-player") : null;
  let told_air = "";
  function announce(always) {
    const title = current && !audio.paused && !audio.ended ? current.title : "";
    if (!air || (!always && title === told_air)) return;
    if (title || told_air) air.postMessage({ tab: tab, title: title });
    told_air = title;
  }
  let there_tab = "";
  if (air) {
    air.onmessage = function (told_us) {
      const from = told_us.data;
      if (from.asks) return void announce(true);
      if (!from.title && from.tab !== there_tab) return; // of two others, only the one that sounds is heard
      [there_tab, sounds_there] = [from.tab, from.title];
      draw();
    };
    air.postMessage({ asks: true });
    ["playing", "pause", "ended"].forEach((kind) => audio.addEventListener(kind, () => announce(false)));
    window.addEventListener("pagehide", () => air.postMessage({ tab: tab, title: "" }));
  }

  // ---------------------------------------------------------------- what the sound does

  audio.addEventListener("playing", function () {
    const from_s = audio.currentTime;
    if (!sounding) {
      whenMoving(from_s, function (at) {
        sounding = true;
        log("play", at);
      });
    }
    draw();
  });
  audio.addEventListener("pause", function () {
    if (!audio.ended) end("pause");
    draw();
  });
  audio.addEventListener("ended", function () {
    const faded = Boolean(fading);
    end("ended");
    stopFading();
    if (window.biotuneRest.open()) {
      say("The rest has begun: the next piece waits for Next.");
      return;
    }
    if (faded) {
      say("It ended while it faded out: the next piece waits for Next."); // silence was asked for
      return;
    }
    goOn(() => say("That was the last piece."));
  });
  audio.addEventListener("seeked", function () {
    if (sounding) whenMoving(audio.currentTime, (at) => log("seek", at));
    draw();
  });
  audio.addEventListener("ratechange", function () {
    if (sounding) log("rate");
  });
  audio.addEventListener("error", async function () {
    if (!current || !audio.getAttribute("src")) return;
    const failed = current;
    settle();
    sounding = false;
    log("failed");
    let why = "The browser cannot play it.";
    try {
      const answer = await fetch(audio.src, { headers: { Range: "bytes=0-0" } });
      if (!answer.ok) why = (await answer.text()).split("\n").slice(0, 2).join(": ");
    } catch (error) {
      why = "The dashboard does not answer.";
    }
    say(failed.title + " cannot be played. " + why + " The session goes on; press Next for another piece.");
  });
  audio.addEventListener("timeupdate", draw);
  audio.addEventListener("durationchange", draw);

  window.addEventListener("pagehide", function () {
    if (!audio.paused && current) {
      if (!fading) keep(RESUME, { piece: current.key, position_s: audio.currentTime, at_ms: Date.now(), session: told.session });
      end("pause");
    }
    flush(true);
  });

  // ---------------------------------------------------------------- what is seen

  function box() {
    return document.getElementById("player");
  }

  function say(words) {
    message = words;
    draw();
  }

  function clock(seconds) {
    if (!isFinite(seconds)) return "–:––";
    const whole = Math.max(0, Math.floor(seconds));
    return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  }

  function make(name, properties, children) {
    const element = Object.assign(document.createElement(name), properties || {});
    (children || []).forEach((child) => element.append(child));
    return element;
  }

  function range(label, name, most, step) {
    const input = make("input", { type: "range", min: "0", max: most, step: step });
    input.setAttribute("aria-label", label);
    input.className = name;
    return input;
  }

  function build(where) {
    const button = (words, name, does) =>
      make("button", { type: "button", textContent: words, className: "bt-player-button " + name, onclick: does });
    const seek = range("Position in the piece", "bt-player-seek", "1", "any");
    const volume = range("Volume", "bt-player-volume", "1", "0.01");
    volume.value = String(loudness);
    seek.addEventListener("change", function () {
      if (current && isFinite(audio.duration)) audio.currentTime = Number(seek.value);
      delete seek.dataset.held;
    });
    seek.addEventListener("input", () => (seek.dataset.held = "yes"));
    volume.addEventListener("input", () => turn(Number(volume.value)));
    const here = button("Play here instead", "bt-player-here", async function () {
      if (await hold(true)) {
        elsewhere = false;
        say("");
      }
    });
    where.replaceChildren(
      make("div", { className: "bt-player-now" }, [
        make("div", { className: "bt-player-title" }),
        make("div", { className: "bt-player-time" }),
      ]),
      seek,
      make("div", { className: "bt-player-buttons" }, [
        button("Play", "bt-player-play", () => (audio.paused ? byHand(play) : audio.pause())),
        button("Next", "bt-player-next", () => byHand(next)),
        button("Fade out", "bt-player-fade", fade),
        make("label", { className: "bt-player-level" }, [make("span", { textContent: "Volume" }), volume]),
      ]),
      make("p", { className: "bt-player-said" }),
      here,
      make("ol", { className: "bt-player-list" }),
    );
    where.querySelector(".bt-player-said").setAttribute("role", "status");
    where.dataset.built = "yes";
  }

  function list(where) {
    const pieces = told ? told.pieces : [];
    const shown = offered + " " + (current ? current.key : "");
    if (where.dataset.shown === shown) return;
    where.dataset.shown = shown;
    where.querySelector(".bt-player-list").replaceChildren(
      ...pieces.map(function (piece) {
        const words = [piece.title, piece.performer].filter(Boolean).join(" · ");
        const more = [piece.bpm, clock(piece.duration_s)].filter((each) => each && each !== "–:––").join(" · ");
        const name = make("button", { type: "button", className: "bt-player-piece", textContent: words });
        name.disabled = Boolean(piece.refusal);
        name.onclick = () => byHand(() => choose(piece));
        if (current && piece.key === current.key) name.setAttribute("aria-current", "true");
        const note = make("span", { className: "bt-player-note", textContent: piece.refusal || more });
        return make("li", {}, [name, note]);
      }),
    );
  }

  function draw() {
    const where = box();
    if (!where) return;
    if (!where.dataset.built) build(where);
    list(where);
    const find = (name) => where.querySelector(".bt-player-" + name);
    const duration_s = isFinite(audio.duration) ? audio.duration : (current && current.duration_s) || 0;
    const any = Boolean(told && told.pieces.some((each) => !each.refusal));
    const none = any ? "Nothing plays yet" : "Choose a playlist";
    const there = elsewhere && sounds_there && audio.paused ? "In the other window: " + sounds_there : "";
    find("title").textContent = there || (current ? current.title : none);
    find("time").textContent = current ? clock(audio.currentTime) + " / " + clock(duration_s) : "";
    const seek = find("seek");
    seek.max = String(duration_s || 1);
    seek.disabled = !current || !duration_s;
    seek.setAttribute("aria-valuetext", clock(audio.currentTime) + " of " + clock(duration_s));
    if (!seek.dataset.held) seek.value = String(audio.currentTime || 0);
    find("play").textContent = audio.paused ? "Play" : "Pause";
    find("play").disabled = !any && !current;
    find("next").disabled = !current;
    announce(false);
    find("fade").disabled = audio.paused || Boolean(fading);
    find("fade").textContent = fading ? "Fading" : "Fade out";
    find("here").hidden = !elsewhere;
    const unsent = queue.length > 3 ? queue.length + " events wait to be logged; they are kept and sent again." : "";
    const words = [message, unsent].filter(Boolean).join(" ");
    if (find("said").textContent !== words) find("said").textContent = words;
  }

  // Dash redraws the page now and then: what belongs in the box is put there again.
  new MutationObserver(function () {
    const where = box();
    if (where && !where.dataset.built) draw();
  }).observe(document.documentElement, { childList: true, subtree: true });

  // The piece that is loaded is offered anew: one that is now to be avoided fades out.
  function renew() {
    const anew = current && told.pieces.find((each) => each.key === current.key);
    if (!anew) return;
    current = anew;
    if (!anew.refusal || audio.paused) return;
    fade();
    say(anew.title + " fades out. " + anew.refusal);
  }

  function resume() {
    const left = read(RESUME, null);
    keep(RESUME, null);
    const fresh = left && left.session === told.session && Date.now() - left.at_ms < RESUME_WITHIN_MS;
    const piece = fresh && told.pieces.find((each) => each.key === left.piece && !each.refusal);
    if (!piece || current) return;
    load(piece, left.position_s);
    play();
  }

  window.biotunePlayer = {
    session: () => (told ? told.session : ""),
    title: () => (current ? current.title : ""),
    sounds: () => Boolean(current) && !audio.paused && !audio.ended,
    fading: () => Boolean(fading),
    fades_at_rest: () => Boolean(told && told.fade_at_rest),
    fade: fade,
    unfade: unfade,
    post: post,
    say: say,
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.biotune = Object.assign(window.dash_clientside.biotune || {}, {
    // What the server offers: another session or playlist; the piece that plays goes on.
    offer: function (data) {
      if (data) {
        if (told && told.session !== data.session && !audio.paused) audio.pause();
        if (told && told.session !== data.session) current = null;
        told = data;
        offered += 1;
        renew();
        draw();
        look();
        resume();
        flush(false);
      }
      return window.dash_clientside.no_update;
    },
  });
})();
