// The YAML editor: line numbers beside a plain text area, mistakes marked by line, a click on a mistake goes there.

/** Start the editor within `part` of the page, now and whenever the server sends another one. */
export function startEditors(part) {
  part.querySelectorAll("[data-editor]").forEach(startEditor);
}

function startEditor(area) {
  if (area.previousElementSibling) return;
  const numbers = document.createElement("ol");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  area.before(numbers);
  area.addEventListener("input", () => draw(area));
  area.addEventListener("scroll", () => { numbers.scrollTop = area.scrollTop; }, { passive: true });
  draw(area);
}

function draw(area) {
  const numbers = area.previousElementSibling;
  const marks = new Map([...document.querySelectorAll("#lint ~ ul [data-line]")].map((mark) => [Number(mark.dataset.line), mark.dataset.level]));
  numbers.replaceChildren(...area.value.split("\n").map((_, index) => {
    const line = document.createElement("li");
    line.textContent = index + 1;
    line.className = marks.get(index + 1) ?? "";
    return line;
  }));
  numbers.scrollTop = area.scrollTop;
}

function goTo(area, number) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[number - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (number - 6) * 20);
}

document.body.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-editor]").forEach(draw));
document.addEventListener("click", (event) => {
  const mark = event.target.closest("a[data-line]");
  const area = document.querySelector("[data-editor]");
  if (!mark || !area) return;
  event.preventDefault();
  goTo(area, Number(mark.dataset.line));
});
