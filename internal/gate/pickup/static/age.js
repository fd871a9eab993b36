// Decrypts age files (age-encryption.org/v1) for X25519 keys, and makes such keys.
// X25519, HKDF and HMAC are the browser's own; ChaCha20-Poly1305 (RFC 8439), SHA-256
// in pieces (FIPS 180-4) and Bech32 (BIP 173) are not, and stand here. Words are read
// in the machine's byte order, which is little-endian wherever browsers run.

// Trouble carries a code; what it means to a person stands in words/.
export class Trouble extends Error {
  constructor(code) { super(code); this.code = code; }
}

const text = (s) => new TextEncoder().encode(s);

export const hex = (b) => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");

// same compares without telling by its time where two texts differ.
export const same = (a, b) => {
  let differ = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) differ |= a[i] ^ b[i % b.length];
  return differ === 0;
};

// ---- ChaCha20 (RFC 8439, section 2.4)

const words = (b) => new Int32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));

// chacha20 XORs into data, whole words at a time; data is an Int32Array that begins at
// the block whose number is counter, and is filled up to whole blocks. Everything is kept
// a 32-bit integer, which is what makes it fast.
export const chacha20 = (key, counter, nonce, data) => {
  const k = words(key), n = words(nonce), n0 = n[0], n1 = n[1], n2 = n[2];
  const k0 = k[0], k1 = k[1], k2 = k[2], k3 = k[3], k4 = k[4], k5 = k[5], k6 = k[6], k7 = k[7];
  for (let at = 0; at < data.length; at += 16, counter = (counter + 1) | 0) {
    let a0 = 0x61707865, a1 = 0x3320646e, a2 = 0x79622d32, a3 = 0x6b206574;
    let b0 = k0, b1 = k1, b2 = k2, b3 = k3, c0 = k4, c1 = k5, c2 = k6, c3 = k7, d0 = counter, d1 = n0, d2 = n1, d3 = n2;
    for (let round = 0; round < 10; round++) {
      a0 = (a0 + b0) | 0; d0 ^= a0; d0 = (d0 << 16) | (d0 >>> 16); c0 = (c0 + d0) | 0; b0 ^= c0; b0 = (b0 << 12) | (b0 >>> 20);
      a0 = (a0 + b0) | 0; d0 ^= a0; d0 = (d0 << 8) | (d0 >>> 24); c0 = (c0 + d0) | 0; b0 ^= c0; b0 = (b0 << 7) | (b0 >>> 25);
      a1 = (a1 + b1) | 0; d1 ^= a1; d1 = (d1 << 16) | (d1 >>> 16); c1 = (c1 + d1) | 0; b1 ^= c1; b1 = (b1 << 12) | (b1 >>> 20);
      a1 = (a1 + b1) | 0; d1 ^= a1; d1 = (d1 << 8) | (d1 >>> 24); c1 = (c1 + d1) | 0; b1 ^= c1; b1 = (b1 << 7) | (b1 >>> 25);
      a2 = (a2 + b2) | 0; d2 ^= a2; d2 = (d2 << 16) | (d2 >>> 16); c2 = (c2 + d2) | 0; b2 ^= c2; b2 = (b2 << 12) | (b2 >>> 20);
      a2 = (a2 + b2) | 0; d2 ^= a2; d2 = (d2 << 8) | (d2 >>> 24); c2 = (c2 + d2) | 0; b2 ^= c2; b2 = (b2 << 7) | (b2 >>> 25);
      a3 = (a3 + b3) | 0; d3 ^= a3; d3 = (d3 << 16) | (d3 >>> 16); c3 = (c3 + d3) | 0; b3 ^= c3; b3 = (b3 << 12) | (b3 >>> 20);
      a3 = (a3 + b3) | 0; d3 ^= a3; d3 = (d3 << 8) | (d3 >>> 24); c3 = (c3 + d3) | 0; b3 ^= c3; b3 = (b3 << 7) | (b3 >>> 25);
      a0 = (a0 + b1) | 0; d3 ^= a0; d3 = (d3 << 16) | (d3 >>> 16); c2 = (c2 + d3) | 0; b1 ^= c2; b1 = (b1 << 12) | (b1 >>> 20);
      a0 = (a0 + b1) | 0; d3 ^= a0; d3 = (d3 << 8) | (d3 >>> 24); c2 = (c2 + d3) | 0; b1 ^= c2; b1 = (b1 << 7) | (b1 >>> 25);
      a1 = (a1 + b2) | 0; d0 ^= a1; d0 = (d0 << 16) | (d0 >>> 16); c3 = (c3 + d0) | 0; b2 ^= c3; b2 = (b2 << 12) | (b2 >>> 20);
      a1 = (a1 + b2) | 0; d0 ^= a1; d0 = (d0 << 8) | (d0 >>> 24); c3 = (c3 + d0) | 0; b2 ^= c3; b2 = (b2 << 7) | (b2 >>> 25);
      a2 = (a2 + b3) | 0; d1 ^= a2; d1 = (d1 << 16) | (d1 >>> 16); c0 = (c0 + d1) | 0; b3 ^= c0; b3 = (b3 << 12) | (b3 >>> 20);
      a2 = (a2 + b3) | 0; d1 ^= a2; d1 = (d1 << 8) | (d1 >>> 24); c0 = (c0 + d1) | 0; b3 ^= c0; b3 = (b3 << 7) | (b3 >>> 25);
      a3 = (a3 + b0) | 0; d2 ^= a3; d2 = (d2 << 16) | (d2 >>> 16); c1 = (c1 + d2) | 0; b0 ^= c1; b0 = (b0 << 12) | (b0 >>> 20);
      a3 = (a3 + b0) | 0; d2 ^= a3; d2 = (d2 << 8) | (d2 >>> 24); c1 = (c1 + d2) | 0; b0 ^= c1; b0 = (b0 << 7) | (b0 >>> 25);
    }
    data[at] ^= (a0 + 0x61707865) | 0; data[at + 1] ^= (a1 + 0x3320646e) | 0; data[at + 2] ^= (a2 + 0x79622d32) | 0; data[at + 3] ^= (a3 + 0x6b206574) | 0;
    data[at + 4] ^= (b0 + k0) | 0; data[at + 5] ^= (b1 + k1) | 0; data[at + 6] ^= (b2 + k2) | 0; data[at + 7] ^= (b3 + k3) | 0;
    data[at + 8] ^= (c0 + k4) | 0; data[at + 9] ^= (c1 + k5) | 0; data[at + 10] ^= (c2 + k6) | 0; data[at + 11] ^= (c3 + k7) | 0;
    data[at + 12] ^= (d0 + counter) | 0; data[at + 13] ^= (d1 + n0) | 0; data[at + 14] ^= (d2 + n1) | 0; data[at + 15] ^= (d3 + n2) | 0;
  }
};

// ---- Poly1305 (RFC 8439, section 2.5)

// Numbers below 2^132 as six limbs of 22 bits, which are floats: a limb of h is below
// 2^23, one of r below 2^22, and 2^132 is 20 modulo 2^130-5, so a sum of six products
// stays below 2^53 and is exact.
const limbs = (n) => Array.from({ length: 6 }, (_, i) => Number((n >> BigInt(22 * i)) & 0x3fffffn));

const number = (b) => b.reduceRight((n, x) => (n << 8n) | BigInt(x), 0n);

const down = 2 ** -22, up = 2 ** 22;

// poly1305 gives the tag of whole blocks of 16 bytes, which is all that AEAD asks of it.
export const poly1305 = (key, blocks) => {
  const [r0, r1, r2, r3, r4, r5] = limbs(number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn);
  const s1 = 20 * r1, s2 = 20 * r2, s3 = 20 * r3, s4 = 20 * r4, s5 = 20 * r5;
  let h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0, h5 = 0;
  for (const data of blocks) {
    for (let i = 0; i < data.length; i += 4) {
      const t0 = data[i], t1 = data[i + 1], t2 = data[i + 2], t3 = data[i + 3];
      h0 += t0 & 0x3fffff; h1 += ((t0 >>> 22) | (t1 << 10)) & 0x3fffff; h2 += ((t1 >>> 12) | (t2 << 20)) & 0x3fffff;
      h3 += (t2 >>> 2) & 0x3fffff; h4 += ((t2 >>> 24) | (t3 << 8)) & 0x3fffff; h5 += (t3 >>> 14) | 0x40000;
      let d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
      let d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2;
      let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3;
      let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4;
      let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5;
      let d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
      let c = Math.floor(d0 * down); d1 += c; h0 = d0 - c * up;
      c = Math.floor(d1 * down); d2 += c; h1 = d1 - c * up;
      c = Math.floor(d2 * down); d3 += c; h2 = d2 - c * up;
      c = Math.floor(d3 * down); d4 += c; h3 = d3 - c * up;
      c = Math.floor(d4 * down); d5 += c; h4 = d4 - c * up;
      c = Math.floor(d5 * down); h5 = d5 - c * up; h0 += 20 * c;
      c = Math.floor(h0 * down); h0 -= c * up; h1 += c;
    }
  }
  const h = [h0, h1, h2, h3, h4, h5].reduceRight((n, x) => n * 4194304n + BigInt(x), 0n) % ((1n << 130n) - 5n);
  let tag = h + number(key.subarray(16, 32));
  return Uint8Array.from({ length: 16 }, () => { const b = Number(tag & 0xffn); tag >>= 8n; return b; });
};

// ---- AEAD (RFC 8439, section 2.8)

// padded copies bytes into words, filled up with zeros to whole units of 4 n bytes.
const padded = (b, n) => {
  const to = new Int32Array(Math.ceil(b.length / 4 / n) * n);
  new Uint8Array(to.buffer).set(b);
  return to;
};

// unseal gives the plain text of a box whose last 16 bytes are its tag; null where it
// was not sealed with this key.
export const unseal = (key, nonce, box, extra = new Uint8Array(0)) => {
  const length = box.length - 16;
  if (length < 0) return null;
  const once = new Int32Array(16);
  chacha20(key, 0, nonce, once);
  const body = padded(box.subarray(0, length), 16);
  const lengths = Int32Array.from([extra.length, 0, length, 0]);
  const tag = poly1305(new Uint8Array(once.buffer), [padded(extra, 4), body.subarray(0, 4 * Math.ceil(length / 16)), lengths]);
  if (!same(tag, box.subarray(length))) return null;
  chacha20(key, 1, nonce, body);
  return new Uint8Array(body.buffer, 0, length);
};

// ---- SHA-256 (FIPS 180-4), which browsers give in one piece only

const primes = (n) => { const out = []; for (let i = 2; out.length < n; i++) if (out.every((p) => i % p)) out.push(i); return out; };
// Cube roots are taken in whole numbers: a float has too few digits.
const part = (p, root) => { let lo = 0n, hi = 1n << 40n; const n = BigInt(p) << BigInt(32 * root); while (hi - lo > 1n) { const m = (lo + hi) >> 1n; if (m ** BigInt(root) <= n) lo = m; else hi = m; } return Number(lo & 0xffffffffn) | 0; };
const rounds = Int32Array.from(primes(64), (p) => part(p, 3)), start = primes(8).map((p) => part(p, 2));

export class SHA256 {
  constructor() { this.h = Int32Array.from(start); this.w = new Int32Array(64); this.rest = new Uint8Array(64); this.n = 0; this.size = 0; }

  add(b) {
    this.size += b.length;
    let at = 0;
    if (this.n > 0) {
      at = Math.min(64 - this.n, b.length);
      this.rest.set(b.subarray(0, at), this.n);
      this.n += at;
      if (this.n < 64) return this;
      this.block(this.rest, 0);
      this.n = 0;
    }
    for (; at + 64 <= b.length; at += 64) this.block(b, at);
    this.rest.set(b.subarray(at));
    this.n = b.length - at;
    return this;
  }

  block(p, at) {
    const w = this.w, s = this.h, k = rounds;
    for (let i = 0; i < 16; i++, at += 4) w[i] = (p[at] << 24) | (p[at + 1] << 16) | (p[at + 2] << 8) | p[at + 3];
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const u = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3), v = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (((w[i - 16] + w[i - 7]) | 0) + ((u + v) | 0)) | 0;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i++) {
      const x = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)), y = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t = (((((h + x) | 0) + ((e & f) ^ (~e & g))) | 0) + ((k[i] + w[i]) | 0)) | 0;
      const u = (y + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }

  // end gives the digest; nothing can be added after it.
  end() {
    const size = this.size, fill = new Uint8Array(this.n < 56 ? 64 - this.n : 128 - this.n), view = new DataView(fill.buffer);
    fill[0] = 0x80;
    view.setUint32(fill.length - 8, Math.floor(size / 2 ** 29));
    view.setUint32(fill.length - 4, (size * 8) >>> 0);
    this.add(fill);
    const out = new DataView(new ArrayBuffer(32));
    this.h.forEach((x, i) => out.setInt32(4 * i, x));
    return new Uint8Array(out.buffer);
  }
}

// ---- Bech32 (BIP 173), without its bound of 90 characters

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const polymod = (values) => values.reduce((sum, v) => [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].reduce((s, g, i) => ((sum >>> 25 >> i) & 1 ? s ^ g : s), ((sum & 0x1ffffff) << 5) ^ v), 1);

const spread = (prefix) => [...Array.from(prefix, (c) => c.charCodeAt(0) >> 5), 0, ...Array.from(prefix, (c) => c.charCodeAt(0) & 31)];

const regroup = (from, width, to, pad) => {
  let bits = 0, n = 0;
  const out = [];
  for (const v of from) {
    n = ((n << width) | v) & 0xfff;
    for (bits += width; bits >= to; ) { bits -= to; out.push((n >> bits) & ((1 << to) - 1)); }
  }
  if (pad && bits > 0) out.push((n << (to - bits)) & ((1 << to) - 1));
  else if (!pad && (bits >= width || (n & ((1 << bits) - 1)) !== 0)) return null;
  return out;
};

export const bech32 = (prefix, bytes) => {
  const data = regroup(bytes, 8, 5, true), sum = polymod([...spread(prefix), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  return prefix + "1" + [...data, ...[25, 20, 15, 10, 5, 0].map((s) => (sum >>> s) & 31)].map((v) => alphabet[v]).join("");
};

// unbech32 gives {prefix, bytes} in lower case; null for what is none.
export const unbech32 = (s) => {
  if (!/^[!-~]+$/.test(s) || (s !== s.toLowerCase() && s !== s.toUpperCase())) return null;
  const low = s.toLowerCase(), cut = low.lastIndexOf("1");
  const prefix = low.slice(0, cut), data = Array.from(low.slice(cut + 1), (c) => alphabet.indexOf(c));
  if (cut < 1 || data.length < 6 || data.includes(-1) || polymod([...spread(prefix), ...data]) !== 1) return null;
  const bytes = regroup(data.slice(0, -6), 5, 8, false);
  return bytes && { prefix, bytes: Uint8Array.from(bytes) };
};

// ---- X25519, HKDF, HMAC: the browser's

// PKCS #8 around a raw X25519 key (RFC 8410).
const wrapped = (secret) => Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20, ...secret);

const x25519 = async (key, point) => {
  const other = await crypto.subtle.importKey("raw", point, "X25519", false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: other }, key, 256));
};

const base = Uint8Array.of(9, ...new Uint8Array(31));

const hkdf = async (secret, salt, info, bytes = 32) => {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: text(info) }, key, 8 * bytes));
};

// able says whether this browser has X25519.
export const able = async () => {
  try {
    await crypto.subtle.importKey("raw", base, "X25519", false, []);
    return true;
  } catch {
    return false;
  }
};

const identity = async (secret) => {
  const key = await crypto.subtle.importKey("pkcs8", wrapped(secret), "X25519", false, ["deriveBits"]);
  const point = await x25519(key, base);
  return { key, point, recipient: bech32("age", point) };
};

// make gives a new key and how it is written.
export const make = async () => {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const made = { ...(await identity(secret)), written: bech32("age-secret-key-", secret).toUpperCase() };
  secret.fill(0);
  return made;
};

// identities reads an identity file as age does: one key a line, "#" before remarks.
export const identities = async (file) => {
  const out = [];
  for (const line of file.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const b = unbech32(line.trim());
    if (!b || b.prefix !== "age-secret-key-" || b.bytes.length !== 32 || line.trim() !== line.trim().toUpperCase()) throw new Trouble("pickup.no_key");
    out.push(await identity(b.bytes));
    b.bytes.fill(0);
    if (out.length > 20) throw new Trouble("pickup.no_key");
  }
  if (out.length === 0) throw new Trouble("pickup.no_key");
  return out;
};

// ---- The file (age-encryption.org/v1)

// Source reads pieces of a stream as they are wanted. tell sees each byte once.
export class Source {
  constructor(stream, tell = async () => {}) { this.reader = stream.getReader(); this.tell = tell; this.held = new Uint8Array(0); this.over = false; }

  async more() {
    if (this.over) return false;
    const { done, value } = await this.reader.read();
    if (done) { this.over = true; return false; }
    await this.tell(value);
    const all = new Uint8Array(this.held.length + value.length);
    all.set(this.held);
    all.set(value, this.held.length);
    this.held = all;
    return true;
  }

  take(n) { const out = this.held.subarray(0, n); this.held = this.held.subarray(out.length); return out; }

  // read gives n bytes, or what there is before the end.
  async read(n) {
    if (this.held.length < n) { // gathered in one buffer: a piece of the stream is small
      const all = new Uint8Array(n);
      let at = 0;
      for (;;) {
        const piece = this.take(n - at);
        all.set(piece, at);
        at += piece.length;
        if (at === n || !(await this.more())) return all.subarray(0, at);
      }
    }
    return this.take(n);
  }

  async ended() {
    while (this.held.length === 0) if (!(await this.more())) return true;
    return false;
  }

  async line(max) {
    for (let from = 0; ; ) {
      const at = this.held.indexOf(10, from);
      if (at >= 0 && at < max) return this.take(at + 1);
      from = this.held.length;
      if (from >= max || !(await this.more())) throw new Trouble("pickup.header");
    }
  }

  stop() { return this.reader.cancel().catch(() => {}); }
}

const unbase64 = (s) => {
  if (!/^[A-Za-z0-9+/]*$/.test(s) || s.length % 4 === 1) return null;
  const b = Uint8Array.from(atob(s + "=".repeat(-s.length & 3)), (c) => c.charCodeAt(0));
  return btoa(String.fromCharCode(...b)).replace(/=+$/, "") === s ? b : null; // in its one form
};

const maxHeader = 64 << 10;

// head reads the header: its stanzas, its bytes, and what its MAC is about.
const head = async (source) => {
  const bytes = [], wrong = () => new Trouble("pickup.header");
  let size = 0;
  const line = async () => {
    const b = await source.line(4096);
    bytes.push(b.slice());
    size += b.length;
    if (size > maxHeader) throw wrong();
    return String.fromCharCode(...b.subarray(0, -1));
  };
  if ((await line()) !== "age-encryption.org/v1") throw wrong();
  const stanzas = [];
  for (;;) {
    const first = await line();
    const end = /^--- ([A-Za-z0-9+/]{43})$/.exec(first);
    const whole = () => { const all = new Uint8Array(size); bytes.reduce((at, b) => { all.set(b, at); return at + b.length; }, 0); return all; };
    if (end) {
      const mac = unbase64(end[1]), all = whole();
      if (!mac || stanzas.length === 0) throw wrong();
      return { stanzas, mac, all, under: all.subarray(0, size - 45) };
    }
    if (!/^->( [!-~]+)+$/.test(first)) throw wrong();
    let body = "", row;
    do {
      row = await line();
      if (row.length > 64) throw wrong();
      body += row;
    } while (row.length === 64);
    const b = unbase64(body);
    if (!b) throw wrong();
    stanzas.push({ args: first.slice(3).split(" "), body: b });
  }
};

const unwrap = async (stanza, id) => {
  const share = stanza.args.length === 2 ? unbase64(stanza.args[1]) : null;
  if (!share || share.length !== 32 || stanza.body.length !== 32) throw new Trouble("pickup.header");
  let shared;
  try {
    shared = await x25519(id.key, share);
  } catch { // a point of low order
    throw new Trouble("pickup.header");
  }
  if (shared.every((b) => b === 0)) throw new Trouble("pickup.header");
  const key = await hkdf(shared, Uint8Array.of(...share, ...id.point), "age-encryption.org/v1/X25519");
  return unseal(key, new Uint8Array(12), stanza.body);
};

// open reads the header and gives it with the key of what follows. Codes: pickup.header,
// pickup.other_key.
export const open = async (source, ids) => {
  const h = await head(source);
  if (h.stanzas.length > 1 && h.stanzas.some((s) => s.args[0] === "scrypt")) throw new Trouble("pickup.header");
  let fileKey = null;
  for (const s of h.stanzas.filter((s) => s.args[0] === "X25519")) {
    for (const id of ids) fileKey = fileKey || (await unwrap(s, id));
  }
  if (!fileKey) throw new Trouble("pickup.other_key");
  const macKey = await crypto.subtle.importKey("raw", await hkdf(fileKey, new Uint8Array(0), "header"), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  if (!same(new Uint8Array(await crypto.subtle.sign("HMAC", macKey, h.under)), h.mac)) throw new Trouble("pickup.header");
  const nonce = await source.read(16);
  if (nonce.length !== 16) throw new Trouble("pickup.cut");
  return { header: h.all, key: await hkdf(fileKey, nonce, "payload") };
};

const chunk = 65536;

// plain gives the plain text in pieces. Who uses them before the last has come uses what
// may be cut off: the end alone says that it is whole. Codes: pickup.changed, pickup.cut.
export async function* plain(source, key) {
  const nonce = new Uint8Array(12), view = new DataView(nonce.buffer);
  for (let n = 0; ; n++) {
    const box = await source.read(chunk + 16);
    const last = box.length < chunk + 16 || (await source.ended());
    view.setUint32(7, n);
    nonce[11] = last ? 1 : 0;
    if (box.length < 16) throw new Trouble("pickup.cut");
    const piece = unseal(key, nonce, box);
    if (!piece) {
      nonce[11] ^= 1; // what would be whole were it not the end was cut off at a chunk
      throw new Trouble(last && unseal(key, nonce, box) ? "pickup.cut" : "pickup.changed");
    }
    if (last && piece.length === 0 && n > 0) throw new Trouble("pickup.changed");
    yield piece;
    if (last) return;
  }
}

// opened decrypts what fits into memory.
export const opened = async (bytes, ids) => {
  const source = new Source(new Blob([bytes]).stream()), { key } = await open(source, ids), out = [];
  for await (const p of plain(source, key)) out.push(p);
  return new Uint8Array(await new Blob(out).arrayBuffer());
};
