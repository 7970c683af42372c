// Ed25519 by the browser, where it can: the head of an export, and checkpoints as signed notes (C2SP).
import { Broken, canonical, fromBase64, hex, sha256 } from "./ledger_hashes.js";

const ORIGIN = "workroom/";
const SPKI_ED25519 = "302a300506032b6570032100";

/** Read a public key in PEM; null where this browser has no Ed25519. */
export async function readKey(pem) {
  const found = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(pem);
  const der = found ? fromBase64(found[1].replace(/\s/g, "")) : new Uint8Array();
  if (!hex(der).startsWith(SPKI_ED25519) || der.length !== 44) throw new TypeError("The key is not an Ed25519 public key in PEM.");
  const raw = der.slice(12);
  const id = hex(await sha256(raw)).slice(0, 16);
  try {
    return { id, raw, key: await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]) };
  } catch {
    return { id, raw, key: null };
  }
}

/** Check the signature over ledger, last and head. */
export async function checkHead(manifest, { id, key }) {
  if (manifest.key_id !== id) throw new Broken(0, `wrong key: the manifest says ${manifest.key_id}, the key given is ${id}`);
  const signed = canonical({ ledger: manifest.ledger, last: manifest.last, head: manifest.head });
  if (key && !(await verified(key, manifest.signature, signed))) {
    throw new Broken(0, `manifest edited: the signature over ledger, last and head is not ${id}'s`);
  }
}

/** Read a checkpoint: ledger, size, root, and what is signed by whom. */
export function readCheckpoint(note) {
  const cut = note.lastIndexOf("\n\n");
  const lines = note.slice(0, cut).split("\n");
  const signatures = [...note.slice(cut + 2).matchAll(/^— ([^ +]+) ([A-Za-z0-9+/]+={0,2})$/gm)];
  const whole = cut > 0 && lines.length >= 3 && lines[0].startsWith(ORIGIN) && /^(?:0|[1-9]\d{0,14})$/.test(lines[1]);
  if (!whole || !signatures.length) throw new TypeError("The checkpoint is not a signed note of a ledger.");
  return {
    origin: lines[0],
    ledger: lines[0].slice(ORIGIN.length),
    size: Number(lines[1]),
    root: hex(fromBase64(lines[2])),
    text: note.slice(0, cut + 1),
    signatures: signatures.map(([, name, signature]) => ({ name, bytes: fromBase64(signature) })),
  };
}

/** Check that the checkpoint is of this ledger and signed with the key, if there is one. */
export async function checkCheckpoint(checkpoint, ledger, given) {
  if (checkpoint.ledger !== ledger) throw new Broken(0, `another ledger: the checkpoint is of ${checkpoint.ledger}`);
  if (!given?.key) return;
  const named = await sha256(`${checkpoint.origin}\n`, Uint8Array.of(1), given.raw);
  const wanted = hex(named.slice(0, 4));
  const own = checkpoint.signatures.find(({ name, bytes }) => name === checkpoint.origin && hex(bytes.slice(0, 4)) === wanted);
  const text = new TextEncoder().encode(checkpoint.text);
  if (!own || !(await crypto.subtle.verify("Ed25519", given.key, own.bytes.slice(4), text))) {
    throw new Broken(0, `the checkpoint of ${checkpoint.size} events was not signed with the key ${given.id}`);
  }
}

async function verified(key, signature, text) {
  try {
    return await crypto.subtle.verify("Ed25519", key, fromBase64(signature), new TextEncoder().encode(text));
  } catch {
    return false;
  }
}
