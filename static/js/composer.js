// The composer: sends with Enter, keeps the draft until the server has the message, never loses text.
import { parse } from "./entries.js";

const LONG_PASTE = 10_000;

function newKey() {
  return self.crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}

export function startComposer(form, app) {
  const area = form.querySelector("textarea");
  const files = form.querySelector("input[type=file]");
  const attached = form.parentElement.querySelector(".attached");
  const note = form.parentElement.querySelector("[data-note]");
  const usual = note?.textContent;
  const action = form.action;
  const draft = `draft:${document.body.dataset.me}:${app.dataset.room}`;
  let extra = [];
  let key = newKey();
  let editing = false;

  area.value ||= localStorage.getItem(draft) ?? "";

  function state(name, words = usual) {
    form.dataset.state = name;
    form.setAttribute("aria-busy", String(name === "sending"));
    if (!note) return;
    note.textContent = words;
    note.classList.toggle("bad", name === "failed");
    if (name === "failed") {
      const retry = document.createElement("button");
      retry.type = "submit";
      retry.setAttribute("form", form.id);
      retry.className = "btn";
      retry.textContent = "Retry";
      note.append(retry);
    }
  }

  function listFiles() {
    if (!attached) return;
    attached.replaceChildren(...[...files.files, ...extra].map((file) => {
      const chip = document.createElement("span");
      chip.className = "label";
      chip.textContent = `${file.name}, ${Math.ceil(file.size / 1024).toLocaleString("en")} kB`;
      return chip;
    }));
  }

  function reset() {
    form.action = action;
    editing = false;
    area.value = "";
    files.value = "";
    extra = [];
    key = newKey();
    localStorage.removeItem(draft);
    listFiles();
    state("empty");
  }

  async function send() {
    if (form.dataset.state === "sending" || !(area.value.trim() || extra.length || files.files.length)) return;
    if (!navigator.onLine) return state("offline", "You are offline. It is sent as soon as the link is back.");
    const body = new FormData(form);
    for (const file of extra) body.append(files.name, file);
    state("sending", "Sending…");
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { "Idempotency-Key": key, Accept: "application/problem+json" } });
      if (!response.ok) throw new Error(await reason(response));
      reset();
    } catch (problem) {
      state("failed", `Not sent: ${problem instanceof TypeError ? "the server cannot be reached" : problem.message.replace(/\.$/, "")}. Your text is kept. `);
    }
  }

  async function reason(response) {
    const problem = await response.json().catch(() => ({}));
    return problem.detail ?? problem.title ?? `the server answered ${response.status}`;
  }

  async function editLast() {
    const mine = [...document.querySelectorAll(`#timeline > .entry[data-kind=message][data-author="${document.body.dataset.me}"]`)].at(-1);
    if (!mine) return;
    const url = `${app.dataset.here}messages/${mine.id.slice("entry-".length)}/edit/`;
    const response = await fetch(url);
    if (!response.ok) return;
    const old = parse(await response.text()).map((node) => node.querySelector?.("textarea[name=body]") ?? node).find((node) => node.matches("textarea"));
    if (!old) return;
    form.action = url;
    editing = true;
    area.value = old.value;
    state("draft", `Editing ${mine.querySelector(".seq").textContent}. Esc leaves it as it was.`);
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  area.addEventListener("input", () => {
    if (!editing) localStorage.setItem(draft, area.value);
    if (form.dataset.state !== "draft") state("draft", editing ? note?.textContent : usual);
  });
  area.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) { event.preventDefault(); send(); }
    else if (event.key === "ArrowUp" && !area.value) { event.preventDefault(); editLast(); }
    else if (event.key === "Escape" && editing) { event.stopPropagation(); reset(); }
  });
  area.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    const images = [...event.clipboardData.files];
    if (text.length <= LONG_PASTE && !images.length) return;
    event.preventDefault();
    extra.push(...(images.length ? images : [new File([text], "pasted.txt", { type: "text/plain" })]));
    listFiles();
  });
  files.addEventListener("change", listFiles);
  window.addEventListener("online", () => { if (form.dataset.state === "offline") send(); });
}
