// Timeline entries: put in order of their ledger number, replaced in place, never under somebody's focus.

const GROUPING_SECONDS = 300;
const NEAR_END = 100;
const me = document.body.dataset.me;
const waiting = new Map();

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

/** Mark what depends on the viewer: own messages, which can be edited, and approvals one asked for and so may not decide. */
export function personalise(root) {
  for (const entry of root.matches?.(".entry") ? [root] : root.querySelectorAll(".entry")) {
    if (me && entry.dataset.author === me) entry.dataset.own = "";
  }
  for (const card of root.querySelectorAll("[data-requester]")) {
    if (me && card.dataset.requester === me) card.dataset.mine = "";
  }
  const entries = root.matches?.(".entry") ? [root] : root.querySelectorAll(".entry");
  for (const entry of entries) if (me && entry.dataset.author === me) entry.dataset.own = "";
}

function follows(entry, previous) {
  return Boolean(previous?.matches(".entry")) && previous.dataset.author === entry.dataset.author
    && previous.dataset.kind === "message" && entry.dataset.kind === "message"
    && Number(entry.dataset.at) - Number(previous.dataset.at) < GROUPING_SECONDS;
}

function listOf(entry) {
  const thread = entry.dataset.thread;
  return document.getElementById(thread ? `thread-${thread}` : "timeline");
}

function replace(current, entry) {
  entry.classList.toggle("checked", current.classList.contains("checked"));
  entry.classList.toggle("follows", current.classList.contains("follows"));
  for (const details of current.querySelectorAll("details[open]")) {
    const index = [...current.querySelectorAll("details")].indexOf(details);
    entry.querySelectorAll("details")[index]?.setAttribute("open", "");
  }
  current.replaceWith(entry);
}

function insert(list, entry) {
  const number = Number(entry.dataset.number);
  let before = list.lastElementChild;
  while (before && !(Number(before.dataset.number) < number)) before = before.previousElementSibling;
  entry.classList.toggle("follows", follows(entry, before));
  if (before) before.after(entry);
  else list.prepend(entry);
  entry.querySelector(".receipt")?.setAttribute("data-new", "");
}

/** Show at the root of a thread how many replies there are; a reply says which one it is. */
function countReply(entry) {
  const root = entry.dataset.thread && document.getElementById(`entry-${entry.dataset.thread}`);
  const link = root?.querySelector(":scope > .replies");
  const place = Number(entry.dataset.replies);
  if (!link || place <= Number(root.dataset.replies)) return;
  root.dataset.replies = place;
  link.hidden = false;
  link.textContent = `${place} repl${place === 1 ? "y" : "ies"}`;
}

function countReplies(reply) {
  const link = reply.dataset.thread && document.querySelector(`#entry-${CSS.escape(reply.dataset.thread)} > .replies`);
  const number = Number(reply.dataset.replies);
  if (!link || number <= parseInt(link.textContent, 10)) return;
  link.textContent = `${number} ${number === 1 ? "reply" : "replies"}`;
  link.hidden = false;
}

/** Put `entry` where it belongs. Returns "new", "changed", "later" (it has the focus) or "elsewhere" (its list is not on this page). */
export function place(entry) {
  personalise(entry);
  const current = document.getElementById(entry.id);
  const list = listOf(entry);
  countReplies(entry);
  if (entry.dataset.turn) document.querySelector(`[data-stream="${CSS.escape(entry.dataset.turn)}"]`)?.remove();
  countReply(entry);
  if (!current && !list) return "elsewhere";
  if (current && Number(current.dataset.seq) >= Number(entry.dataset.seq)) return "elsewhere";
  const active = document.activeElement;
  if (current && (active === current || (current.contains(active) && active.matches("h2")))) {
    replace(current, entry);
    window.htmx?.process(entry);
    focusEntry(entry);
    return "changed";
  }
  if (current?.contains(active) && active !== document.body) {
    waiting.set(entry.id, entry);
    current.addEventListener("focusout", () => setTimeout(() => settle(entry.id)), { once: true });
    return "later";
  }
  if (current) replace(current, entry);
  else insert(list, entry);
  window.htmx?.process(entry);
  return current ? "changed" : "new";
}

/** Focus what an entry is about, without moving the page. */
export function focusEntry(entry) {
  (entry?.querySelector("h2") ?? entry)?.focus({ preventScroll: true });
}

/** Put in a change that waited for the focus to leave; `force` when the viewer caused the change. */
export function settle(id, force = false) {
  const entry = waiting.get(id);
  const current = document.getElementById(id);
  if (!entry || !current) return;
  if (!force && current.contains(document.activeElement)) {
    current.addEventListener("focusout", () => setTimeout(() => settle(id)), { once: true });
    return;
  }
  const focused = current.contains(document.activeElement);
  waiting.delete(id);
  replace(current, entry);
  window.htmx?.process(entry);
  if (focused) focusEntry(entry);
}

/** Append a piece of a streaming answer: plain text, in an entry without a number that the stored one later replaces. */
export function stream(delta) {
  const turn = delta.dataset.delta;
  let target = document.querySelector(`[data-stream="${CSS.escape(turn)}"]`);
  if (!target) {
    const list = listOf(delta) ?? document.getElementById("timeline");
    const sample = document.getElementById("streaming");
    if (!list || !sample) return;
    target = sample.content.firstElementChild.cloneNode(true);
    target.dataset.stream = turn;
    target.querySelector("[data-agent]").textContent = delta.dataset.agent ?? "Agent";
    target.querySelector("[data-brain]").textContent = delta.dataset.brain || "model";
    list.append(target);
  }
  target.querySelector(".stream").lastChild.before(delta.textContent);
}

/** Run `change`, and keep what the reader looks at where it is, unless the reader is at the end. Returns whether that was so. */
export function keepingPlace(scroller, change) {
  const atEnd = Math.abs(scroller.scrollTop) <= NEAR_END;
  const box = scroller.getBoundingClientRect();
  const anchor = atEnd ? null : document.elementFromPoint(box.left + box.width / 2, box.top + 40)?.closest(".entry");
  const top = anchor?.getBoundingClientRect().top;
  change();
  if (atEnd) scroller.scrollTop = 0;
  else if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - top;
  return atEnd;
}

export function lastChange() {
  const numbers = [...document.querySelectorAll(".entry[data-seq]")].map((entry) => Number(entry.dataset.seq));
  return Math.max(0, ...numbers);
}
