// The YAML editor: line numbers beside a plain text area, mistakes marked by line, a click on a mistake goes there.

export function startEditor(area) {
  const numbers = document.createElement("ol");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  area.before(numbers);

  function draw() {
    const marks = new Map([...document.querySelectorAll("[data-line]")].map((mark) => [Number(mark.dataset.line), mark.dataset.level]));
    numbers.replaceChildren(...area.value.split("\n").map((_, index) => {
      const line = document.createElement("li");
      line.textContent = index + 1;
      line.className = marks.get(index + 1) ?? "";
      return line;
    }));
    numbers.scrollTop = area.scrollTop;
  }

  function goTo(number) {
    const lines = area.value.split("\n");
    const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[number - 1]?.length ?? 0));
    area.scrollTop = Math.max(0, (number - 6) * 20);
  }

  /** Choosing a pattern writes the line `pattern:`; the text stays the only truth. */
  function choosePattern(event) {
    if (!event.target.matches("[data-pattern]")) return;
    area.value = area.value.replace(/^pattern:.*$/m, `pattern: ${event.target.value}`);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("change", choosePattern);
  area.addEventListener("input", draw);
  area.addEventListener("scroll", () => { numbers.scrollTop = area.scrollTop; }, { passive: true });
  document.body.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("a[data-line]");
    if (!mark) return;
    event.preventDefault();
    goTo(Number(mark.dataset.line));
  });
  draw();
}
