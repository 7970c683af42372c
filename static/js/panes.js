// Panes and dialogs: the drawer, the width of the right pane, links that open a dialog, things that can be dismissed.

const WIDTH = "side-width";
const [NARROWEST, WIDEST] = [280, 720];

function setWidth(pixels, resizer) {
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.round(pixels)));
  document.documentElement.style.setProperty("--side", `${width}px`);
  resizer.setAttribute("aria-valuenow", width);
  localStorage.setItem(WIDTH, width);
}

function startResizer(resizer) {
  const side = resizer.parentElement;
  const stored = Number(localStorage.getItem(WIDTH));
  if (stored) setWidth(stored, resizer);
  resizer.addEventListener("pointerdown", (event) => {
    resizer.setPointerCapture(event.pointerId);
    resizer.dataset.dragging = "";
  });
  resizer.addEventListener("pointermove", (event) => {
    if ("dragging" in resizer.dataset) setWidth(side.getBoundingClientRect().right - event.clientX, resizer);
  });
  resizer.addEventListener("pointerup", () => delete resizer.dataset.dragging);
  resizer.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: 16, ArrowRight: -16 }[event.key];
    if (step) { event.preventDefault(); setWidth(side.offsetWidth + step, resizer); }
  });
}

function startDrawer(toggle) {
  const app = toggle.closest(".app");
  const side = document.getElementById("side");
  const set = (open) => {
    app.dataset.drawer = open ? "open" : "";
    toggle.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("a, button")?.focus();
  };
  toggle.addEventListener("click", () => set(app.dataset.drawer !== "open"));
  side?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || app.dataset.drawer !== "open") return;
    event.stopPropagation();
    set(false);
    toggle.focus();
  });
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog) return false;
  if (location.hash === `#${id}`) history.replaceState(null, "", location.pathname + location.search);
  if (!dialog.open) dialog.showModal();
  return true;
}

function onClick(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener && openDialog(opener.dataset.dialog)) return event.preventDefault();
  const closer = event.target.closest("[data-close]");
  if (closer) { event.preventDefault(); return closer.closest("dialog").close(); }
  if (event.target.matches("dialog[open]")) return event.target.close();
  const card = event.target.closest("[data-hide-card]");
  if (card) { localStorage.setItem(`hidden:${card.dataset.hideCard}`, "1"); card.closest("section").remove(); }
  event.target.closest("[data-dismiss]")?.parentElement.remove();
  const copied = event.target.closest("a[data-copy]");
  if (copied && navigator.clipboard) { event.preventDefault(); navigator.clipboard.writeText(copied.href); }
}

/** What was laid open stays open when the part around it is renewed. */
function keepOpen() {
  let open = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open][id]")].map((details) => details.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
}

export function startPanes() {
  keepOpen();
  document.querySelectorAll(".resizer").forEach(startResizer);
  document.querySelectorAll(".drawer-toggle").forEach(startDrawer);
  document.addEventListener("click", onClick);
  for (const card of document.querySelectorAll("[data-hide-card]")) {
    if (localStorage.getItem(`hidden:${card.dataset.hideCard}`)) card.closest("section").remove();
  }
  const wanted = location.hash.slice(1);
  if (wanted && document.getElementById(wanted)?.matches("dialog")) openDialog(wanted);
}
