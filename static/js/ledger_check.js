// The page that checks an export: reads the chosen files, says how far it is, what it found and what it did not check.
import { Broken } from "./ledger_hashes.js";
import { verifyExport } from "./ledger_export.js";
import { readCheckpoint, readKey } from "./ledger_signatures.js";

const form = document.querySelector("[data-check-export]");
const said = document.querySelector("[data-check-said]");
const list = document.querySelector("[data-check-unchecked]");

function say(text, state) {
  said.textContent = text;
  said.className = state;
}

function tell(result) {
  const count = `${result.events.toLocaleString("en")} events`;
  if (result.signed) say(`Verified: ${count}, signed by ${result.signed}`, "notice ok");
  else say(`Chain intact: ${count}, signer NOT checked`, "notice");
  list.replaceChildren(...result.unchecked.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  list.parentElement.hidden = false;
}

async function check() {
  const { file, key, checkpoint } = form.elements;
  list.parentElement.hidden = true;
  if (!globalThis.crypto?.subtle) return say("This browser gives no cryptography to pages without HTTPS. Use verify.py.", "problem");
  try {
    say("Checking…", "notice");
    const given = key.files[0] ? await readKey(await key.files[0].text()) : null;
    const known = checkpoint.files[0] ? readCheckpoint(await checkpoint.files[0].text()) : null;
    const told = (seq) => say(`Checking… ${seq.toLocaleString("en")}`, "notice");
    tell(await verifyExport(file.files[0], { key: given, checkpoint: known, told }));
  } catch (error) {
    say(error instanceof Broken ? error.message : `Could not check: ${error.message}`, "problem");
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
