// The page of a link: asks the gate, shows the key, decrypts, and gives files once
// everything holds.
import { SHA256, Source, Trouble, able, hex, identities, open, opened, plain } from "./age.js";
import { Bag } from "./bag.js";
import { Kept, clear, room } from "./keep.js";

const at = (id) => document.getElementById(id);
const says = Object.fromEntries(Array.from(at("says").content.querySelectorAll("[data-say]"), (e) => [e.dataset.say, e.textContent]));
const lang = document.documentElement.lang;
const link = location.hash.slice(1);

const form = at("pick"), file = at("key"), button = at("go"), cancel = at("cancel"), bar = at("bar"), status = at("status"), alert = at("alert");
const beside = ["release.txt.sig", "proof.tlog", "READ-ME-FIRST.txt"];

let ids = null, busy = null, given = [];

const amount = (n) => {
  const [unit, by] = n < 1e6 ? ["kilobyte", 1e3] : n < 1e9 ? ["megabyte", 1e6] : ["gigabyte", 1e9];
  return new Intl.NumberFormat(lang, { style: "unit", unit, maximumFractionDigits: n < 1e6 ? 0 : 1 }).format(n < 1e3 ? Math.min(1, n) : n / by);
};

const put = (s, values) => s.replace(/\{(\w+)\}/g, (_, k) => values[k]);

const wrong = (e) => {
  const code = e instanceof Trouble ? e.code : "pickup.unexpected";
  alert.replaceChildren(says[code] || says["pickup.refused"], " ");
  const c = document.createElement("code");
  c.textContent = code;
  alert.append(c);
  alert.hidden = false;
  alert.focus();
};

// post asks the gate. A refusal is a trouble with the gate's own code.
const post = async (path, body, signal) => {
  let r;
  try {
    r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "omit", signal });
  } catch (e) {
    throw signal.aborted ? new Trouble("pickup.given_up") : new Trouble("pickup.unreachable");
  }
  if (r.ok) return r;
  const fault = await r.json().catch(() => ({}));
  throw new Trouble(/^[a-z]+\.[a-z_]+$/.test(fault.code) ? fault.code : "pickup.unreachable");
};

// get fetches a file: each time the gate asks for the key anew, and gets a digest of what
// its box holds, never that itself.
const get = async (name, signal) => {
  const asked = await (await post("/ask", { link }, signal)).json();
  const box = await opened(Uint8Array.from(atob(asked.box), (c) => c.charCodeAt(0)), ids);
  const answer = hex(new SHA256().add(new TextEncoder().encode("counterseal-pickup-v1\n")).add(box).end());
  return post("/file/" + name, { link, moment: asked.moment, answer }, signal);
};

const fields = (text) => Object.fromEntries(text.split("\n").slice(1, -1).map((l) => { const i = l.indexOf(": "); return [l.slice(0, i), l.slice(i + 2)]; }));

// carry decrypts the package as it comes. Whatever fails, nothing of it is given.
const carry = async (stated, signal) => {
  const size = Number(stated.size);
  const folder = await room(2.1 * size);
  const kept = [await Kept.begin(folder, size), await Kept.begin(folder, size)];
  const [bag, coded] = kept;
  let source = null;
  try {
    const r = await get("package.tar.age", signal);
    let came = 0, shown = 0;
    source = new Source(r.body, async (b) => {
      came += b.length;
      await coded.add(b);
      if (came - shown > size / 200 || came === size) {
        shown = came;
        bar.value = came / size;
        status.textContent = put(says["progress"], { done: amount(came), all: amount(size) });
      }
    });
    const { header, key } = await open(source, ids);
    if (hex(new SHA256().add(header).end()) !== stated["age-header-sha256"]) throw new Trouble("pickup.changed");
    const check = new Bag(), sum = new SHA256();
    for await (const p of plain(source, key)) {
      check.add(p);
      sum.add(p);
      await bag.add(p);
    }
    check.end();
    if (came !== size) throw new Trouble("pickup.changed");
    if (check.tagManifest !== stated["tag-manifest-sha256"] || check.items !== Number(stated.items)) throw new Trouble("pickup.bag");
    return { bag: await bag.whole(), coded: await coded.whole(), sum: hex(sum.end()), check, drop: () => Promise.all(kept.map((k) => k.drop())) };
  } catch (e) {
    if (source) await source.stop();
    await Promise.all(kept.map((k) => k.drop()));
    if (e instanceof Trouble && e.code !== "pickup.cut") throw e;
    if (signal.aborted) throw new Trouble("pickup.given_up");
    if (!(e instanceof Trouble) && !(e instanceof TypeError) && e.name !== "NetworkError") throw e;
    // The connection was cut. Why, the gate says when it is asked again.
    await get("release.txt", signal).then((r) => r.body.cancel());
    throw new Trouble("pickup.cut");
  }
};

const offer = (name, blob, sum) => {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.textContent = put(says["save"], { name });
  const size = document.createElement("span");
  size.className = "quiet";
  size.textContent = " " + amount(blob.size);
  const li = document.createElement("li");
  li.append(a, size);
  if (sum) {
    const c = document.createElement("code");
    c.className = "hint";
    c.textContent = "SHA-256 " + sum;
    li.append(c);
  }
  given.push(a.href);
  return li;
};

const pickUp = async (signal) => {
  bar.value = 0;
  status.textContent = says["asking"];
  const release = await (await get("release.txt", signal)).blob(), stated = fields(await release.text());
  const got = await carry(stated, signal);
  try {
    const others = [["release.txt", release]];
    for (const name of beside) others.push([name, await (await get(name, signal)).blob()]);
    for (const name of form.dataset.declaration.split(" ")) {
      const r = await get(name, signal).catch((e) => { if (e.code === "gate.no_file") return null; throw e; });
      if (!r) break;
      others.push([name, await r.blob()]);
    }
    at("bag").replaceChildren(offer("package.tar", got.bag, got.sum));
    at("bag").querySelector("a").className = "act";
    at("proofs").replaceChildren(offer("package.tar.age", got.coded), ...others.map(([n, b]) => offer(n, b)));
    at("held").textContent = put(says["held"], { items: new Intl.NumberFormat(lang).format(got.check.items), size: amount(got.check.bytes) });
    at("manifest").textContent = got.check.tagManifest;
  } catch (e) {
    await got.drop();
    throw e;
  }
  drop = got.drop;
  form.hidden = at("no-key").hidden = true;
  at("done").hidden = false;
  at("done-title").focus();
};

let drop = null;

file.addEventListener("change", async () => {
  ids = null;
  alert.hidden = true;
  at("chosen").hidden = button.disabled = true;
  const f = file.files[0];
  if (!f) return;
  try {
    if (f.size > 65536) throw new Trouble("pickup.no_key");
    ids = await identities(await f.text());
    at("recipients").replaceChildren(...ids.map((i) => { const li = document.createElement("li"), c = document.createElement("code"); c.textContent = i.recipient; li.append(c); return li; }));
    at("chosen").hidden = button.disabled = false;
  } catch (e) {
    wrong(e);
  }
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy || !ids) return;
  busy = new AbortController();
  alert.hidden = true;
  button.disabled = file.disabled = true;
  at("under-way").hidden = false;
  try {
    await pickUp(busy.signal);
  } catch (e) {
    wrong(e);
  }
  at("under-way").hidden = true;
  button.disabled = file.disabled = false;
  busy = null;
});

cancel.addEventListener("click", () => busy && busy.abort());

// Who leaves in the middle, or before saving, is asked first.
window.addEventListener("beforeunload", (e) => { if (busy) e.preventDefault(); });

at("remove").addEventListener("click", async () => {
  given.forEach((u) => URL.revokeObjectURL(u));
  given = [];
  if (drop) await drop();
  drop = null;
  at("saves").hidden = true;
  at("removed").hidden = false;
  at("removed").focus();
});

// Another language keeps the link, and another link is another page.
for (const a of document.querySelectorAll(".tongues a")) a.hash = location.hash;
window.addEventListener("hashchange", () => location.reload());

await clear();
if (!/^[A-Za-z0-9_-]{43}$/.test(link)) wrong(new Trouble("pickup.no_link"));
else if (!(await able())) wrong(new Trouble("pickup.no_x25519"));
else form.hidden = false;
document.documentElement.dataset.ready = "yes";
