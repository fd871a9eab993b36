// Holds a package to its own manifests as it goes by, in memory that does not grow: a
// gate writes the tar in the order of its manifests (package evidence), so each manifest
// is what the digests of the files before it say, line by line.
import { SHA256, Trouble, hex } from "./age.js";

const ascii = (b) => { const end = b.indexOf(0); return String.fromCharCode(...(end < 0 ? b : b.subarray(0, end))); };

const octal = (b) => {
  const s = ascii(b).trim();
  if (!/^[0-7]+$/.test(s)) throw new Trouble("pickup.bag");
  return parseInt(s, 8);
};

const line = (sum, name) => new TextEncoder().encode(hex(sum) + "  " + name + "\n");

const base = "package/", manifest = "manifest-sha256.txt", tagManifest = "tagmanifest-sha256.txt";

export class Bag {
  constructor() {
    this.items = 0; this.files = 0; this.bytes = 0; this.tagManifest = "";
    this.payload = new SHA256(); this.tags = new SHA256(); // of the manifests as they have to be
    this.block = new Uint8Array(512); this.n = 0; // of the header that is being read
    this.left = 0; this.fill = 0; // of the file that is going by
    this.ends = 0; this.file = null; this.stage = "payload";
  }

  add(b) {
    for (let at = 0; at < b.length; ) {
      if (this.left > 0) {
        const part = b.subarray(at, at + this.left);
        this.file.sum.add(part);
        this.left -= part.length;
        at += part.length;
        if (this.left === 0) this.close();
      } else if (this.fill > 0) {
        const n = Math.min(this.fill, b.length - at);
        if (b.subarray(at, at + n).some((x) => x !== 0)) throw new Trouble("pickup.bag");
        this.fill -= n;
        at += n;
      } else {
        const n = Math.min(512 - this.n, b.length - at);
        this.block.set(b.subarray(at, at + n), this.n);
        this.n += n;
        at += n;
        if (this.n === 512) { this.n = 0; this.header(this.block); }
      }
    }
  }

  header(h) {
    if (h.every((x) => x === 0)) { this.ends++; return; }
    const sum = h.reduce((n, x, i) => n + (i >= 148 && i < 156 ? 32 : x), 0);
    if (String.fromCharCode(h[156]) === "x") throw new Trouble("pickup.too_large"); // how a file of 8 GiB is said
    const folder = String.fromCharCode(h[156]) === "5";
    if (this.ends > 0 || octal(h.subarray(148, 156)) !== sum || (h[156] !== 0x30 && !folder) || ascii(h.subarray(257, 262)) !== "ustar") throw new Trouble("pickup.bag");
    const prefix = ascii(h.subarray(345, 500)), path = (prefix ? prefix + "/" : "") + ascii(h.subarray(0, 100));
    if (!path.startsWith(base) || this.stage === "over") throw new Trouble("pickup.bag");
    const name = path.slice(base.length);
    if (folder && name === "data/" && this.files === 0) return;
    if (folder || !/^(data\/[!-~]+|[A-Za-z0-9.-]+)$/.test(name) || name.split("/").some((p) => p === "" || p === "." || p === "..")) throw new Trouble("pickup.bag");
    this.left = octal(h.subarray(124, 136));
    this.fill = (512 - (this.left % 512)) % 512;
    this.file = { name, size: this.left, sum: new SHA256() };
    if (this.left === 0) this.close();
  }

  close() {
    const { name, size, sum } = this.file, digest = sum.end();
    this.files++;
    if (name.startsWith("data/")) {
      if (this.stage !== "payload") throw new Trouble("pickup.bag");
      this.items++;
      this.bytes += size;
      this.payload.add(line(digest, name));
    } else if (name === tagManifest) {
      if (this.stage !== "tags" || hex(this.tags.end()) !== hex(digest)) throw new Trouble("pickup.bag");
      this.tagManifest = hex(digest);
      this.stage = "over";
    } else {
      if (this.stage === "payload" ? name !== manifest || hex(this.payload.end()) !== hex(digest) : name === manifest) throw new Trouble("pickup.bag");
      this.stage = "tags";
      this.tags.add(line(digest, name));
    }
  }

  // end says that nothing is missing.
  end() {
    if (this.stage !== "over" || this.ends < 2 || this.n !== 0 || this.left > 0 || this.fill > 0) throw new Trouble("pickup.bag");
    return this;
  }
}
