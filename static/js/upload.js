// Files that start runs: the count and the forecast come first, nothing starts before the answer.

const LARGEST_COUNTED = 20_000_000;

/** Rows of a CSV below its header; a line break inside quotes is not a row. */
export function countRows(text) {
  let rows = 0, quoted = false, filled = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (character === "\n" && !quoted) { rows += filled ? 1 : 0; filled = false; }
    else if (character !== "\r") filled = true;
  }
  return Math.max(0, rows + (filled ? 1 : 0) - 1);
}

async function count(files) {
  let runs = 0;
  for (const file of files) {
    if (!/\.csv$/i.test(file.name)) runs += 1;
    else if (file.size > LARGEST_COUNTED) return null;
    else runs += countRows(await file.text());
  }
  return runs;
}

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function forecast(runs, { microcents, seconds }) {
  if (runs === null) return "The file is too large to count here; the server counts it and shows the forecast.";
  const cost = microcents === "" ? "cost not known yet" : `about $${((runs * microcents) / 1e8).toFixed(2)}`;
  const time = Number(seconds) ? ` and ${duration(runs * seconds)}` : "";
  return `${runs.toLocaleString("en")} run${runs === 1 ? "" : "s"}: ${cost}${time}, going by the last ones.`;
}

function acceptDrops(drop, input, then) {
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.dataset.over = ""; });
  drop.addEventListener("dragleave", () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    delete drop.dataset.over;
    input.files = event.dataTransfer.files;
    then();
  });
}

function startUpload(form) {
  const drop = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  const box = form.querySelector("[data-forecast]");
  const button = form.querySelector("button");

  async function look() {
    if (!input.files.length) return;
    const runs = await count(input.files);
    box.textContent = forecast(runs, form.dataset);
    button.hidden = runs === 0;
    button.textContent = runs ? `Start ${runs.toLocaleString("en")} run${runs === 1 ? "" : "s"}` : "Start";
    button.focus();
  }

  input.addEventListener("change", look);
  acceptDrops(drop, input, look);
  form.addEventListener("submit", () => button.setAttribute("aria-busy", "true"));
}

/** Documents are sent as soon as they are dropped or chosen. */
function sendOnChoice(form) {
  const drop = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  input.addEventListener("change", () => form.requestSubmit());
  acceptDrops(drop, input, () => form.requestSubmit());
}

/** Wire the forms within `root`, each once: the pane beside the timeline is loaded, and renewed, after the page. */
export function startUploads(root = document) {
  for (const form of root.querySelectorAll("form:is([data-send-files], [data-upload]):not([data-wired])")) {
    form.dataset.wired = "";
    if ("upload" in form.dataset) startUpload(form);
    else sendOnChoice(form);
  }
}
