// The page of a link: asks the gate, shows the key, decrypts, and gives files once
// everything holds.
import { SHA256, Source, Trouble, able, hex, identities, open, opened, plain } from "./age.js";
import { Bag } from "./bag.js";
import { amount, at, beside, fields, given, lang, leave, link, offer, post, put, says, show, wrong } from "./handout.js";
import { Kept, clear, room } from "./keep.js";

const form = at("pick"), file = at("key"), button = at("go"), only = at("only"), cancel = at("cancel"), bar = at("bar"), status = at("status"), alert = at("alert");

let ids = null, busy = null;

// get fetches a file: each time the gate asks for the key anew, and gets a digest of what
// its box holds, never that itself.
const get = async (name, signal) => {
  const asked = await (await post("/ask", { link }, signal)).json();
  const box = await opened(Uint8Array.from(atob(asked.box), (c) => c.charCodeAt(0)), ids);
  const answer = hex(new SHA256().add(new TextEncoder().encode("counterseal-pickup-v1\n")).add(box).end());
  return post("/file/" + name, { link, moment: asked.moment, answer }, signal);
};

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

const pickUp = async (signal, whole) => {
  bar.value = 0;
  status.textContent = says["asking"];
  const release = await (await get("release.txt", signal)).blob(), stated = fields(await release.text());
  const proofs = async () => [["release.txt", release], ...await beside(get, signal, stated)];
  if (!whole) return show(await proofs(), stated, false);
  const got = await carry(stated, signal);
  try {
    const others = await proofs();
    at("bag").replaceChildren(offer("package.tar", got.bag, got.sum));
    at("bag").querySelector("a").className = "act";
    at("held").textContent = put(says["held"], { items: new Intl.NumberFormat(lang).format(got.check.items), size: amount(got.check.bytes) });
    at("manifest").textContent = got.check.tagManifest;
    show([["package.tar.age", got.coded], ...others], stated, true);
  } catch (e) {
    await got.drop();
    throw e;
  }
  drop = got.drop;
};

let drop = null;

file.addEventListener("change", async () => {
  ids = null;
  alert.hidden = true;
  at("chosen").hidden = button.disabled = only.disabled = true;
  const f = file.files[0];
  if (!f) return;
  try {
    if (f.size > 65536) throw new Trouble("pickup.no_key");
    ids = await identities(await f.text());
    at("recipients").replaceChildren(...ids.map((i) => { const li = document.createElement("li"), c = document.createElement("code"); c.textContent = i.recipient; li.append(c); return li; }));
    at("chosen").hidden = button.disabled = only.disabled = false;
  } catch (e) {
    wrong(e);
  }
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy || !ids) return;
  busy = new AbortController();
  alert.hidden = true;
  button.disabled = only.disabled = file.disabled = true;
  at("under-way").hidden = false;
  try {
    await pickUp(busy.signal, event.submitter !== only);
    at("no-key").hidden = true;
  } catch (e) {
    wrong(e);
  }
  at("under-way").hidden = true;
  button.disabled = only.disabled = file.disabled = false;
  busy = null;
});

cancel.addEventListener("click", () => busy && busy.abort());

leave(() => busy);

at("remove").addEventListener("click", async () => {
  given.splice(0).forEach((u) => URL.revokeObjectURL(u));
  if (drop) await drop();
  drop = null;
  at("saves").hidden = true;
  at("removed").hidden = false;
  at("removed").focus();
});

await clear();
if (!/^[A-Za-z0-9_-]{43}$/.test(link)) wrong(new Trouble("pickup.no_link"));
else if (!(await able())) wrong(new Trouble("pickup.no_x25519"));
else form.hidden = false;
document.documentElement.dataset.ready = "yes";
