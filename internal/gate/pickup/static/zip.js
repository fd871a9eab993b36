// The page of a link to a ZIP: fetches it and hands it out when it is the one that
// release.txt names. It opens with 7-Zip and the passphrase, which no page asks for.
import { SHA256, Trouble, hex } from "./age.js";
import { amount, at, beside, fields, given, lang, leave, link, offer, post, put, says, show, wrong } from "./handout.js";
import { Kept, clear, room } from "./keep.js";

const form = at("pick"), button = at("go"), only = at("only"), bar = at("bar"), status = at("status"), alert = at("alert");
const name = "package.zip";
const head = 88; // bytes of its header and its salt

let busy = null, drop = null;

const get = (file, signal) => post("/file/" + file, { link }, signal);

// carry keeps the ZIP as it comes. Whatever fails, nothing of it is given.
const carry = async (stated, signal) => {
  const size = Number(stated.size);
  const kept = await Kept.begin(await room(1.1 * size), size);
  try {
    const from = (await get(name, signal)).body.getReader(), begins = new SHA256();
    let came = 0, shown = 0;
    for (let part = await from.read(); !part.done; part = await from.read()) {
      const b = part.value;
      if (came < head) begins.add(b.subarray(0, head - came));
      came += b.length;
      await kept.add(b);
      if (came - shown > size / 200 || came === size) {
        shown = came;
        bar.value = came / size;
        status.textContent = put(says["progress"], { done: amount(came), all: amount(size) });
      }
    }
    if (came !== size || hex(begins.end()) !== stated["zip-header-sha256"]) throw new Trouble("pickup.changed");
    drop = () => kept.drop();
    return await kept.whole();
  } catch (e) {
    await kept.drop();
    if (e instanceof Trouble) throw e;
    if (signal.aborted) throw new Trouble("pickup.given_up");
    if (!(e instanceof TypeError) && e.name !== "NetworkError") throw e;
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
  const zip = await carry(stated, signal);
  try {
    const others = await proofs();
    at("bag").replaceChildren(offer(name, zip));
    at("bag").querySelector("a").className = "act";
    at("held").textContent = put(says["held"], { items: new Intl.NumberFormat(lang).format(Number(stated.items)), size: amount(zip.size) });
    show(others, stated, true);
  } catch (e) {
    await drop();
    throw e;
  }
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = new AbortController();
  alert.hidden = button.disabled = only.disabled = true;
  at("under-way").hidden = false;
  try {
    await pickUp(busy.signal, event.submitter !== only);
  } catch (e) {
    wrong(e);
  }
  at("under-way").hidden = true;
  button.disabled = only.disabled = false;
  busy = null;
});

at("cancel").addEventListener("click", () => busy && busy.abort());

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
else form.hidden = false;
document.documentElement.dataset.ready = "yes";
