// Keeps files in the browser until the officer has saved them: in the private folder
// that browsers give to an origin (OPFS), or else in memory, up to a bound. What is
// kept has no name that anybody could open before it is whole.
import { Trouble } from "./age.js";

export const inMemory = 256 << 20;

const before = "counterseal-";

// Each file is locked while its page is open, so that another page clears away only what
// nobody needs.
const hold = (name) => new Promise((held) => {
  if (!navigator.locks) { held(() => {}); return; }
  navigator.locks.request(name, () => new Promise((release) => held(release)));
});

// clear removes what pages left behind that are no longer open.
export const clear = async () => {
  try {
    const root = await navigator.storage.getDirectory();
    for await (const name of root.keys()) {
      if (!name.startsWith(before)) continue;
      await navigator.locks.request(name, { ifAvailable: true }, async (lock) => { if (lock) await root.removeEntry(name).catch(() => {}); });
    }
  } catch { /* no such folder: nothing is left in it */ }
};

// room opens the folder where it can take size bytes; null where there is none.
// Code: pickup.no_room.
export const room = async (size) => {
  let root;
  try {
    root = await navigator.storage.getDirectory();
    if (typeof FileSystemFileHandle.prototype.createWritable !== "function") return null;
  } catch {
    return null; // a private window, or an older browser
  }
  const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
  if (quota - usage < size) throw new Trouble("pickup.no_room");
  return root;
};

export class Kept {
  // In folder, or in memory where it is null. Code: pickup.too_large.
  static async begin(folder, size) {
    const k = new Kept();
    if (!folder) {
      if (size > inMemory) throw new Trouble("pickup.too_large");
      k.parts = [];
      return k;
    }
    k.folder = folder;
    k.name = before + crypto.randomUUID();
    k.release = await hold(k.name);
    k.handle = await folder.getFileHandle(k.name, { create: true });
    k.out = await k.handle.createWritable();
    k.queue = [];
    k.held = 0;
    return k;
  }

  // A write takes its time: they are gathered to a MiB.
  async add(b) {
    if (this.parts) { this.parts.push(b.slice()); return; }
    this.queue.push(b);
    this.held += b.length;
    if (this.held >= 1 << 20) await this.flush();
  }

  async flush() {
    const b = new Blob(this.queue);
    this.queue = [];
    this.held = 0;
    try {
      await this.out.write(b);
    } catch {
      throw new Trouble("pickup.no_room");
    }
  }

  // whole gives the file. Until then there is none.
  async whole() {
    if (this.parts) return new Blob(this.parts);
    await this.flush();
    try {
      await this.out.close();
    } catch {
      throw new Trouble("pickup.no_room");
    }
    this.out = null;
    return this.handle.getFile();
  }

  async drop() {
    this.parts = [];
    if (!this.folder) return;
    if (this.out) await this.out.abort().catch(() => {});
    await this.folder.removeEntry(this.name).catch(() => {});
    this.release();
  }
}
