// Checks an audit export in this browser, line by line and in constant memory, as verify.py does. Nothing is sent anywhere.
import { Broken, Frontier, checkedLeaf, fromHex, hex, sha256 } from "./ledger_hashes.js";
import { checkCheckpoint, checkHead } from "./ledger_signatures.js";

const FORMAT = "workroom-audit/1";
const MANIFEST = ["format", "ledger", "room", "filter", "count", "first", "last", "head", "signature", "key_id"];
const EVENT = ["seq", "at", "actor", "on_behalf_of", "kind", "object", "run", "turn", "decision", "payload_hash", "payload", "salt",
  "prev", "leaf", "hash"];
const AT_ONCE = 256;

async function* linesOf(file) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  for await (const chunk of file.stream()) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop();
    yield* parts;
  }
  rest += decoder.decode();
  if (rest) yield rest;
}

async function* batchesOf(lines) {
  let batch = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length === AT_ONCE) { yield batch; batch = []; }
  }
  if (batch.length) yield batch;
}

function read(line, seq) {
  try {
    const value = JSON.parse(line);
    if (value !== null && typeof value === "object" && !Array.isArray(value) && line.startsWith("{") && line.endsWith("}")) return value;
  } catch { /* named below */ }
  throw new Broken(seq, "not one JSON object alone on its line: edited, cut or added to");
}

function readManifest(line) {
  const manifest = read(line ?? "", 0);
  const whole = manifest.format === FORMAT && Object.keys(manifest).sort().join() === [...MANIFEST].sort().join();
  if (!whole) throw new Broken(0, `the first line is not a ${FORMAT} manifest`);
  if (manifest.first !== 1 || ![manifest.count, manifest.last].every(Number.isSafeInteger)) {
    throw new Broken(0, "manifest edited: count, first and last are not whole numbers from #1");
  }
  return manifest;
}

function readEvent(line, seq, manifest) {
  if (seq > manifest.last) throw new Broken(seq, `added: the manifest says that #${manifest.last} is the last`);
  const event = read(line, seq);
  const leftOut = Object.keys(event).sort().join() === "leaf,seq";
  const missing = leftOut ? [] : EVENT.filter((name) => !Object.hasOwn(event, name));
  if (missing.length) throw new Broken(seq, `edited: it has no ${missing.join(", ")}`);
  if (event.seq !== seq) throw new Broken(seq, `deleted, inserted, moved or edited: the line in its place says #${event.seq}`);
  if (leftOut && !Object.keys(manifest.filter ?? {}).length) throw new Broken(seq, "left out, although the manifest names no filter");
  return { event, leftOut };
}

async function leafOf(line, seq, manifest) {
  const { event, leftOut } = readEvent(line, seq, manifest);
  if (leftOut && !/^[0-9a-f]{64}$/.test(event.leaf)) throw new Broken(seq, "edited: leaf is not 64 lowercase hex digits");
  return { event, leftOut, leaf: leftOut ? fromHex(event.leaf) : await checkedLeaf(event) };
}

/** One check: how far it got, and what it found. */
class Check {
  constructor(manifest, checkpoint) {
    Object.assign(this, { manifest, checkpoint, seq: 0, events: 0, erased: 0, head: new Uint8Array(32), tree: new Frontier() });
  }

  async take(batch) {
    // Hashed together, judged one after the other, so that the first line that departs is named.
    const rows = await Promise.allSettled(batch.map((line, place) => leafOf(line, this.seq + 1 + place, this.manifest)));
    for (const { status, value, reason } of rows) {
      if (status === "rejected") throw asBroken(reason, this.seq + 1);
      await this.link(value);
    }
  }

  async link({ event, leaf, leftOut }) {
    const prev = this.head;
    this.seq += 1;
    this.head = await sha256(Uint8Array.of(1), prev, leaf);
    if (!leftOut) {
      if (event.prev !== hex(prev)) throw new Broken(this.seq, `prev does not follow from #${this.seq - 1}`);
      if (event.hash !== hex(this.head)) throw new Broken(this.seq, "edited: its hash does not follow from prev and leaf");
      this.events += 1;
      this.erased += event.payload === null ? 1 : 0;
    }
    if (!this.checkpoint) return;
    await this.tree.append(leaf);
    if (this.tree.size === this.checkpoint.size && hex(await this.tree.root()) !== this.checkpoint.root) {
      throw new Broken(this.seq, `forked: the first ${this.seq} events are not those that the checkpoint knows`);
    }
  }

  close() {
    const { manifest, seq, checkpoint } = this;
    if (seq < manifest.last) throw new Broken(seq + 1, `truncated: the file ends at #${seq}, the manifest says #${manifest.last}`);
    if (hex(this.head) !== manifest.head) throw new Broken(seq, "the chain ends in another head than the manifest's");
    if (this.events !== manifest.count) throw new Broken(0, `manifest edited: it counts ${manifest.count} events, the file shows ${this.events}`);
    if (checkpoint && checkpoint.size > seq) {
      throw new Broken(seq + 1, `truncated, or an older state shown again: the checkpoint knows ${checkpoint.size} events`);
    }
  }
}

function asBroken(error, seq) {
  return error instanceof Broken ? error : new Broken(seq, `edited: ${error.message}`);
}

/**
 * Check `file` (a Blob); `key` is what readKey returned, `checkpoint` what readCheckpoint did; `told` hears how many events
 * were checked. Returns {events, erased, leftOut, signed, unchecked}; throws Broken.
 */
export async function verifyExport(file, { key = null, checkpoint = null, told = () => {} } = {}) {
  const lines = linesOf(file);
  const manifest = readManifest((await lines.next()).value);
  if (checkpoint) await checkCheckpoint(checkpoint, manifest.ledger, key);
  const check = new Check(manifest, checkpoint);
  try {
    for await (const batch of batchesOf(lines)) {
      await check.take(batch);
      told(check.seq);
    }
  } catch (error) {
    throw asBroken(error, check.seq + 1);
  }
  check.close();
  if (key) await checkHead(manifest, key);
  const leftOut = check.seq - check.events;
  const signed = key?.key ? key.id : "";
  return { events: check.events, erased: check.erased, leftOut, signed, unchecked: unchecked(check, key, leftOut) };
}

function unchecked({ erased, checkpoint }, key, leftOut) {
  const said = ["what came after the last event", "whether the filter is honest", "agents’ own signatures: verify.py does"];
  if (!key) said.unshift("who signed it: no key was given");
  else if (!key.key) said.unshift("who signed it: this browser has no Ed25519");
  if (!checkpoint) said.push("forks and earlier states: no checkpoint was given");
  if (erased) said.push(`${erased} erased payloads`);
  if (leftOut) said.push(`what ${leftOut} left-out events say`);
  return said;
}
