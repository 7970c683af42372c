// The hashes of a ledger, as docs/architecture.md gives them: SHA-256 over canonical JSON, a chain, and an RFC 6962 tree.

const encoder = new TextEncoder();
const APART = new Set(["payload", "salt", "prev", "leaf", "hash"]);

/** What departs from the ledger, and the number of the event where it does; 0 is the manifest. */
export class Broken extends Error {
  constructor(seq, reason) {
    super(`broken at #${seq}: ${reason}`);
    this.seq = seq;
  }
}

/** RFC 8785 for what a ledger may hold: null, booleans, safe integers, strings, lists, objects. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError("a number that no ledger holds");
  return JSON.stringify(value);
}

export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));

function joined(parts) {
  const bytes = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const whole = new Uint8Array(bytes.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of bytes) { whole.set(part, place); place += part.length; }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(text) {
  if (typeof text !== "string" || !/^(?:[0-9a-f]{2})+$/.test(text)) throw new TypeError("not lowercase hex");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Check that payload and fields are those the leaf was made of; return the leaf. */
export async function checkedLeaf(event) {
  const { seq, salt, payload } = event;
  const erased = salt === null && payload === null;
  if (!erased && hex(await sha256(fromHex(salt), canonical(payload))) !== event.payload_hash) {
    throw new Broken(seq, "edited: the payload is not the one that was recorded");
  }
  const fields = Object.fromEntries(Object.entries(event).filter(([name]) => !APART.has(name)));
  const leaf = await sha256(Uint8Array.of(0), canonical(fields));
  if (hex(leaf) !== event.leaf) throw new Broken(seq, "edited: a field outside the payload is not the one that was recorded");
  return leaf;
}

export const node = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The right edge of a tree that grows leaf by leaf. */
export class Frontier {
  size = 0;
  hashes = [];

  async append(leaf) {
    let hash = leaf;
    for (let size = this.size; size % 2 === 1; size = (size - 1) / 2) hash = await node(this.hashes.pop(), hash);
    this.hashes.push(hash);
    this.size += 1;
  }

  async root() {
    if (!this.hashes.length) return sha256("");
    let root = this.hashes.at(-1);
    for (const left of this.hashes.slice(0, -1).reverse()) root = await node(left, root);
    return root;
  }
}
