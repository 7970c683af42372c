// Deciding: a card in the timeline fetches the dialogs of the approval's own page, so that amount, digest and rights are fresh.
import { announce, toast } from "./announce.js";
import { focusEntry, personalise, settle } from "./entries.js";
import { openDialog } from "./panes.js";

async function page(url, options) {
  const response = await fetch(url, options);
  return { response, html: new DOMParser().parseFromString(await response.text(), "text/html") };
}

async function choose(link) {
  const card = link.closest("[data-approval]");
  const choice = link.dataset.choice;
  link.setAttribute("aria-busy", "true");
  try {
    const { html } = await page(`/approvals/${card.dataset.approval}/`);
    const dialog = html.getElementById(choice);
    if (!dialog) {
      document.dispatchEvent(new CustomEvent("workroom:catch-up"));
      toast(html.querySelector(".decide .notice, #result")?.textContent.trim() ?? "This is not yours to decide any more.");
      return;
    }
    document.getElementById(choice)?.remove();
    dialog.dataset.entry = card.closest(".entry").id;
    dialog.addEventListener("close", () => {
      if (document.activeElement === document.body) focusEntry(document.getElementById(dialog.dataset.entry));
    });
    document.body.append(dialog);
    openDialog(choice);
  } catch {
    location.assign(link.href);
  } finally {
    link.removeAttribute("aria-busy");
  }
}

function showProblem(form, text) {
  let box = form.querySelector(".problem");
  if (!box) {
    box = document.createElement("p");
    box.className = "problem";
    box.setAttribute("role", "alert");
    form.querySelector(".actions").before(box);
  }
  box.textContent = text;
}

function finish(form, html) {
  const dialog = form.closest("dialog");
  const { entry } = dialog.dataset;
  dialog.close();
  if (entry) {
    focusEntry(document.getElementById(entry));
    document.dispatchEvent(new CustomEvent("workroom:catch-up"));
    setTimeout(() => settle(entry, true), 600);
  } else {
    document.getElementById("main").replaceWith(document.adoptNode(html.getElementById("main")));
    window.htmx?.process(document.getElementById("main"));
    document.getElementById("result")?.focus();
  }
  announce(html.getElementById("result")?.textContent.trim() ?? "Done");
}

async function decide(form) {
  const button = form.querySelector("button:not([type=button])");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    const { response, html } = await page(form.action, { method: "POST", body: new FormData(form) });
    const problem = html.querySelector("main .problem[role=alert]");
    if (response.ok || response.status === 409) finish(form, html);
    else showProblem(form, problem?.textContent.trim() ?? `The server answered ${response.status}. Nothing was decided.`);
    if (response.status === 409 && problem) toast(problem.textContent.trim());
  } catch {
    showProblem(form, "The server cannot be reached. Nothing was decided; try again.");
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** The edited amount stands on the button, so that the last act names what it does. */
function restate(form) {
  const button = form.querySelector("[data-restate]");
  const field = form.querySelector("[data-money]");
  if (!button || !field) return;
  const value = Number(field.value.replaceAll(",", "").replace("−", "-"));
  const style = { style: "currency", currency: field.dataset.money };
  button.textContent = Number.isFinite(value) ? `${button.dataset.restate} ${value.toLocaleString("en-US", style)}` : button.dataset.restate;
  field.setAttribute("aria-invalid", String(!Number.isFinite(value)));
}

export function startDeciding() {
  personalise(document);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-choice]");
    if (!link || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    choose(link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches("a[role=button]")) { event.preventDefault(); event.target.click(); }
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-decision]");
    if (form) restate(form);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-decision]")) return;
    event.preventDefault();
    decide(event.target);
  });
}
