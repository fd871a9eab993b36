// What the pages of a link have in common: they ask the gate, say what is wrong, and hand
// files out.
import { Trouble } from "./age.js";

export const at = (id) => document.getElementById(id);
export const says = Object.fromEntries(Array.from(at("says").content.querySelectorAll("[data-say]"), (e) => [e.dataset.say, e.textContent]));
export const lang = document.documentElement.lang;
export const link = location.hash.slice(1);
export const given = []; // addresses of what was handed out

export const amount = (n) => {
  const [unit, by] = n < 1e6 ? ["kilobyte", 1e3] : n < 1e9 ? ["megabyte", 1e6] : ["gigabyte", 1e9];
  return new Intl.NumberFormat(lang, { style: "unit", unit, maximumFractionDigits: n < 1e6 ? 0 : 1 }).format(n < 1e3 ? Math.min(1, n) : n / by);
};

export const put = (s, values) => s.replace(/\{(\w+)\}/g, (_, k) => values[k]);

export const wrong = (e) => {
  const alert = at("alert"), code = e instanceof Trouble ? e.code : "pickup.unexpected";
  alert.replaceChildren(says[code] || says["pickup.refused"], " ");
  const c = document.createElement("code");
  c.textContent = code;
  alert.append(c);
  alert.hidden = false;
  alert.focus();
};

// post asks the gate. A refusal is a trouble with the gate's own code.
export const post = async (path, body, signal) => {
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

export const fields = (text) => Object.fromEntries(text.split("\n").slice(1, -1).map((l) => { const i = l.indexOf(": "); return [l.slice(0, i), l.slice(i + 2)]; }));

// beside fetches what proves a package, and what has come since: the declaration, the time
// stamp, and after an emergency the proof that more witnesses stand behind.
export const beside = async (get, signal, stated) => {
  const files = [], { declaration, stamp, late } = at("pick").dataset;
  for (const name of ["release.txt.sig", "proof.tlog", "READ-ME-FIRST.txt"]) files.push([name, await (await get(name, signal)).blob()]);
  for (const names of [declaration.split(" "), [stamp], inEmergency(stated) ? [late] : []]) {
    for (const name of names) {
      const r = await get(name, signal).catch((e) => { if (e.code === "gate.no_file") return null; throw e; });
      if (!r) break;
      files.push([name, await r.blob()]);
    }
  }
  return files;
};

// inEmergency says of what release.txt states whether fewer witnesses than the log's
// policy asks for may have been enough.
const inEmergency = (stated) => "witnesses-at-start" in stated;

// show hands out what proves a package, with the package or, where it was not fetched
// this time, without. Where a later proof may be owed it says so.
export const show = (proofs, stated, whole) => {
  at("proofs").replaceChildren(...proofs.map(([name, blob]) => offer(name, blob)));
  at("owed").hidden = !inEmergency(stated) || proofs.some(([name]) => name === at("pick").dataset.late);
  for (const e of document.querySelectorAll("[data-whole]")) e.hidden = e.dataset.whole !== (whole ? "yes" : "no");
  at("pick").hidden = true;
  at("done").hidden = false;
  at(whole ? "done-title" : "beside-title").focus();
};

export const offer = (name, blob, sum) => {
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

// leave asks first who leaves in the middle. Another language keeps the link, and another
// link is another page.
export const leave = (busy) => {
  window.addEventListener("beforeunload", (e) => { if (busy()) e.preventDefault(); });
  for (const a of document.querySelectorAll(".tongues a")) a.hash = location.hash;
  window.addEventListener("hashchange", () => location.reload());
};
