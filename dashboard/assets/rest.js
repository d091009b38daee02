// Music and the rest that follows: where a phase without music begins and something still sounds, this asks what is to
// become of it; or fades it out by itself, where that is set. The question is asked by the page that has the music, on
// whichever page of biotune it is.
"use strict";

(function () {
  const KEPT = "biotune-music-rest"; // which phase was seen, and whether its question is open: it outlives a reload
  const LOOK_MS = 1000;
  const clock = window.biotuneClock;
  let seen = null; // session, phase, asks: the file's question is open, goes_on: people were said to play on
  let now = null; // what the server said last
  let looking = false;
  let looks = 0;
  let drawn = "";
  let before = null; // what had the focus before the question

  try {
    seen = JSON.parse(window.sessionStorage.getItem(KEPT));
  } catch (error) {
    seen = null;
  }

  function keep() {
    try {
      window.sessionStorage.setItem(KEPT, JSON.stringify(seen));
    } catch (error) {
      // storage is switched off: it lasts as long as this page
    }
  }

  const player = () => window.biotunePlayer;
  const place = () => document.getElementById("live-rest");

  function session_here() {
    if (player().sounds() || !place()) return player().session();
    return place().dataset.session;
  }

  async function look(by_hand) {
    const session = session_here();
    looks += 1;
    const wanted = by_hand || player().sounds() || (place() && looks % 2);
    if (!session || !wanted || (looking && !by_hand)) return;
    looking = true;
    try {
      const answer = await fetch("/media/now?session=" + encodeURIComponent(session), { cache: "no-store" });
      if (answer.ok) hear(session, await answer.json(), by_hand);
      else now = answer.status === 410 ? { phase: 0 } : null; // a session that is gone is recorded no more
    } catch (error) {
      // the dashboard is away for a moment
    }
    looking = false;
    draw();
  }

  function hear(session, told, by_hand) {
    now = told;
    if (!told.phase) return; // nobody records at the moment
    if (!seen || seen.session !== session) {
      seen = { session: session, phase: told.phase, asks: false, goes_on: false };
    } else if (seen.phase !== told.phase) {
      const asks = told.rests && player().sounds() && !player().fading() && !by_hand;
      seen = { session: session, phase: told.phase, asks: asks, goes_on: false };
      if (asks && player().fades_at_rest()) player().fade();
    }
    if (by_hand) seen.asks = false; // who begins to play in a rest wants it so
    keep();
  }

  // ---------------------------------------------------------------- what is seen

  function open() {
    return Boolean(seen && seen.asks && seen.session === player().session());
  }

  // Of a recording that has stopped nothing is asked; where it goes on in the same phase, the question comes back.
  function asks() {
    return open() && player().sounds() && !(now && !now.phase);
  }

  function people() {
    const may = now && now.phase && now.rests && seen && !seen.goes_on && place();
    return may ? now.live : [];
  }

  function words() {
    const fading = player().fading();
    if (asks()) {
      return {
        title: fading ? "The rest begins: the music fades out" : "The rest begins: fade the music out?",
        more: "Phase: " + now_title() + ". Playing: " + player().title() + ".",
        answers: [...(fading ? [] : [["Fade out now", "", fade]]), ["Let it play", "", let_it]],
      };
    }
    const sounding = people();
    if (!sounding.length) return null;
    const names = sounding.map((each) => each.title);
    return {
      title: "The rest begins: has the live music stopped?",
      more: "Phase: " + now_title() + ". Logged as sounding: " + names.join(", ") + ".",
      answers: [
        ...sounding.map((each) => [
          sounding.length > 1 ? "Stops now: " + each.title : "Stops now",
          "Stops now: " + each.title,
          () => stops(each),
        ]),
        ["It goes on", "", goes_on],
      ],
    };
  }

  const now_title = () => (now && now.title) || "rest";

  function fade() {
    player().fade();
    draw();
  }

  function let_it() {
    seen.asks = false;
    keep();
    player().unfade();
    leave();
  }

  function goes_on() {
    seen.goes_on = true;
    keep();
    leave();
  }

  async function stops(each) {
    const said = await player().post("/media/stop", { session: seen.session, key: each.key });
    if (!said.ok) return void player().say(each.title + ": its end was not logged. " + (await said.text()).split("\n")[0]);
    now.live = now.live.filter((other) => other.key !== each.key);
    leave();
  }

  function leave() {
    draw();
    if (!document.querySelector(".bt-rest")) go_back();
  }

  function go_back() {
    const there = before && before.isConnected && before !== document.body; // what was there may be drawn anew
    const back = there ? before : document.querySelector("h1");
    if (back) back.focus({ preventScroll: true });
  }

  function draw() {
    if (!player()) return;
    const told = words();
    const on_live = place();
    const sign = told ? (on_live ? "live " : "away ") + told.title + told.more + told.answers.map((each) => each[0]) : "";
    const there = document.querySelector(".bt-rest");
    if (sign === drawn && Boolean(there) === Boolean(told)) return;
    drawn = sign;
    document.documentElement.classList.toggle("bt-rest-asks", Boolean(told));
    const had = there && there.contains(document.activeElement);
    if (there && (!told || there.parentElement !== (on_live || document.body))) there.remove();
    if (told) card(on_live || document.body, told, had);
    else if (had) go_back();
  }

  function card(where, told, had) {
    let box = document.querySelector(".bt-rest");
    if (!box) {
      before = document.activeElement;
      box = document.createElement("section");
      box.className = "bt-rest";
      box.setAttribute("aria-label", "Music and the rest");
      box.innerHTML = '<div role="status"></div><div class="bt-rest-answers"></div>';
      box.addEventListener("keydown", function (event) {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        box.querySelector(".bt-rest-answers").lastElementChild.click();
      });
      where.append(box);
    }
    const title = document.createElement("strong");
    title.textContent = told.title;
    const more = document.createElement("p");
    more.textContent = told.more;
    box.firstElementChild.replaceChildren(title, more);
    const buttons = told.answers.map(function ([words_of, label, act], index) {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "bt-player-button" + (index === 0 && told.answers.length > 1 ? " bt-player-play" : "");
      made.textContent = words_of;
      if (label) made.setAttribute("aria-label", label);
      made.onclick = act;
      return made;
    });
    box.lastElementChild.replaceChildren(...buttons);
    if (had) buttons[0].focus();
  }

  window.biotuneRest = {
    open: open,
    // A person begins to play: what phase it is in is looked up, and nothing is asked about it.
    by_hand: () => look(true),
    draw: draw,
  };

  clock.every(LOOK_MS, () => look(false));
  window.setInterval(draw, 500);
})();
