// The room's socket: frames are hints, each chained to the one before; a gap or a new link is healed by one catch-up over HTTP.
import { alarm, announce, toast } from "./announce.js";
import { keepingPlace, lastChange, parse, personalise, place, stream } from "./entries.js";

const PING_MS = 25_000;
const ANSWER_MS = 10_000;
const POLL_MS = 5_000;
const TRIES_BEFORE_POLLING = 3;
const LONGEST_WAIT_MS = 30_000;
const WORDS = { on: "live", lost: "Reconnecting…", poll: "live, every 5 s", off: "not live" };

export function connect(app) {
  const { room, here } = app.dataset;
  const scroller = document.querySelector(".timeline");
  const link = app.querySelector(".live");
  const asked = new Set();
  let seen = Number([...document.querySelectorAll("[data-seen]")].at(-1)?.dataset.seen) || lastChange();
  let socket, failures = 0, catching = null, unread = 0, answerDue, polling, timer;
  let queue = [];

  personalise(document);
  for (const card of document.querySelectorAll(".ask[data-state=open]")) asked.add(card.dataset.approval);

  function show(state) {
    if (!link) return;
    link.dataset.link = state === "poll" ? "lost" : state;
    link.textContent = WORDS[state];
  }

  function flush() {
    timer = undefined;
    const elements = queue;
    queue = [];
    const fresh = [];
    const change = () => {
      for (const element of elements) {
        if (element.dataset.delta) stream(element);
        else if (element.dataset.refresh) refresh(element.dataset.refresh);
        else if (place(element) === "new" && !element.dataset.thread) fresh.push(element);
      }
    };
    const atEnd = scroller ? keepingPlace(scroller, change) : (change(), true);
    tell(elements, fresh);
    if (!atEnd) count(fresh.length);
  }

  function tell(elements, fresh) {
    const others = fresh.filter((entry) => entry.dataset.author !== document.body.dataset.me);
    if (others.length > 1) announce(`${others.length} new messages`);
    else if (others.length) announce(`${others[0].querySelector(".meta b")?.textContent}: ${text(others[0])}`);
    for (const entry of elements) {
      const card = entry.querySelector?.(".ask[data-state=open]:not([data-mine])");
      if (card && !asked.has(card.dataset.approval) && document.body.dataset.can.includes("decide_approval")) {
        asked.add(card.dataset.approval);
        alarm(`Approval needed from you: ${card.querySelector("h2").textContent}`);
      }
    }
    for (const kind of new Set(elements.map((element) => element.dataset.kind).filter(Boolean))) refresh(kind);
  }

  function refresh(pane) {
    document.body.dispatchEvent(new CustomEvent(`room:${pane}`));
  }

  function text(entry) {
    return (entry.querySelector(".prose, .what, h2, p:not(.meta)")?.textContent ?? "").trim().slice(0, 140);
  }

  function count(more) {
    const button = document.querySelector(".newer");
    unread += more;
    if (!button || !unread) return;
    button.hidden = false;
    button.textContent = `${unread} new message${unread === 1 ? "" : "s"}`;
  }

  function put(elements) {
    queue.push(...elements);
    timer ??= setTimeout(flush, 50);
  }

  function receive(html) {
    for (const element of parse(html)) {
      const { seq, prev, refresh } = element.dataset;
      if ("catchUp" in element.dataset) { catchUp(); continue; }
      if (refresh) { document.body.dispatchEvent(new CustomEvent(`room:${refresh}`)); continue; }
      if (!seq) { put([element]); continue; }
      if (Number(seq) <= seen) continue;
      if (Number(prev) !== seen) { catchUp(); return; }
      seen = Number(seq);
      put([element]);
    }
  }

  function catchUp() {
    catching ??= fetchSince().catch(() => {}).finally(() => { catching = null; });
    return catching;
  }

  async function fetchSince() {
    for (;;) {
      const response = await fetch(`${here}messages/?after=${seen}`, { headers: { "X-Catch-Up": "1" }, redirect: "manual" });
      if (response.type === "opaqueredirect" || response.status === 401) return end("You are signed out.", "Sign in");
      if (!response.ok) return;
      const elements = parse(await response.text());
      put(elements);
      for (const element of elements) seen = Math.max(seen, Number(element.dataset.seq));
      if (!response.headers.has("X-More")) return;
    }
  }

  function end(why, label) {
    clearInterval(polling);
    show("off");
    failures = Infinity;
    alarm(why);
    toast(why, label, () => location.reload());
  }

  function open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/ws/workrooms/${room}`);
    socket.addEventListener("open", () => {
      failures = 0;
      clearInterval(polling);
      polling = undefined;
      show("on");
    });
    socket.addEventListener("message", (event) => {
      clearTimeout(answerDue);
      if (event.data !== "pong") receive(event.data);
    });
    socket.addEventListener("close", (event) => {
      clearTimeout(answerDue);
      if (event.code === 4401) return end("You are signed out.", "Sign in");
      if (event.code === 4403) return end("You are no longer in this room.", "Leave");
      again();
    });
  }

  function again() {
    if (failures === Infinity) return;
    failures += 1;
    show(polling ? "poll" : "lost");
    if (failures >= TRIES_BEFORE_POLLING && !polling) {
      polling = setInterval(catchUp, POLL_MS);
      show("poll");
    }
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(failures, 6));
    setTimeout(() => { if (socket.readyState === WebSocket.CLOSED && failures !== Infinity) open(); }, wait * (0.5 + Math.random()));
  }

  function check() {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send("ping");
    clearTimeout(answerDue);
    answerDue = setTimeout(() => socket.close(), ANSWER_MS);
  }

  setInterval(check, PING_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) check(); });
  window.addEventListener("online", () => { check(); catchUp(); });
  window.addEventListener("offline", () => show("lost"));
  document.querySelector(".newer")?.addEventListener("click", (event) => {
    unread = 0;
    event.target.hidden = true;
    scroller.scrollTop = 0;
    scroller.focus({ preventScroll: true });
  });
  scroller?.addEventListener("scroll", () => {
    if (unread && Math.abs(scroller.scrollTop) < 4) { unread = 0; document.querySelector(".newer").hidden = true; }
  }, { passive: true });
  document.addEventListener("workroom:catch-up", catchUp);
  open();
}
