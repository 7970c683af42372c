// The keyboard. Single keys can be switched off (WCAG 2.1.4); A E R Q act only inside an approval that has the focus.
import { openDialog } from "./panes.js";

const SETTING = "single-keys";
const CHOICES = { a: "approve", e: "edit", r: "reject", q: "ask" };

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function move(step) {
  const items = [...document.querySelectorAll("#timeline > .entry, [data-item]")].filter((item) => item.offsetParent);
  if (!items.length) return;
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const next = items[at < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function otherRoom(step) {
  const rooms = [...document.querySelectorAll(".nav a[href*='/r/']")].filter((link) => !link.closest(".foot") && link.closest("li"));
  const at = rooms.findIndex((link) => link.hasAttribute("aria-current"));
  rooms[(at + step + rooms.length) % rooms.length]?.click();
}

export function startKeys(app) {
  const setting = document.getElementById("single-keys");
  const on = () => localStorage.getItem(SETTING) !== "off";
  let afterG = false;
  if (setting) {
    setting.checked = on();
    setting.addEventListener("change", () => localStorage.setItem(SETTING, setting.checked ? "on" : "off"));
  }

  function single(event) {
    const key = event.key.toLowerCase();
    const active = document.activeElement;
    const card = active.closest(".ask, .decide") ?? active.closest(".entry")?.querySelector(".ask");
    const choice = CHOICES[key] && card?.querySelector(`[data-choice=${CHOICES[key]}], [data-dialog=${CHOICES[key]}]`);
    if (afterG) {
      afterG = false;
      if (key === "i") location.assign("/approvals/");
      else if (key === "r" && app) location.assign(app.dataset.here);
      else return false;
    } else if (choice) choice.click();
    else if (key === "g") afterG = true;
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "/") openDialog("palette");
    else if (event.key === "?") openDialog("keys");
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      if (openDialog("palette")) event.preventDefault();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      otherRoom(event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) {
      document.querySelector("[data-composer] textarea")?.focus();
    } else if (event.key === "Enter" && event.target.matches("[data-item]")) {
      event.target.querySelector("a")?.click();
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && on() && !typing(event.target) && !document.querySelector("dialog[open]")) {
      if (single(event)) event.preventDefault();
    }
  });
  document.querySelectorAll("[data-keys]").forEach((button) => button.addEventListener("click", () => openDialog("keys")));
  document.querySelectorAll("[data-palette]").forEach((field) => field.addEventListener("focus", () => openDialog("palette")));
  document.getElementById("palette")?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const links = [...document.querySelectorAll("#palette-results a")];
    const at = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
  });
}
