// Looks at the page as it stands and returns what a person could not read, reach
// or find. Evaluated by the tests; never served.
(() => {
  const out = [];
  const root = document.documentElement;
  if (!root.lang) out.push("no lang attribute");
  if (!document.title.trim()) out.push("no title");
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest(".skip, .hidden, thead"));
    out.push("scrolls sideways: " + root.scrollWidth + " > " + root.clientWidth + " " + wide.slice(-1).map(e => e.tagName + "." + e.className));
  }
  for (const [sel, n] of [["main", 1], ["body > header", 1], ["body > footer", 1], ["h1", 1]]) {
    const got = document.querySelectorAll(sel).length;
    if (got !== n) out.push(got + " " + sel);
  }
  const navs = [...document.querySelectorAll("nav")].map(n => n.getAttribute("aria-label"));
  if (navs.some(l => !l) || new Set(navs).size !== navs.length) out.push("nav without a name of its own");
  let last = 0;
  for (const h of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const level = +h.tagName[1];
    if (level > last + 1) out.push("heading jumps to " + h.tagName + ": " + h.textContent);
    last = level;
  }
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) out.push("id twice: " + id);
  for (const a of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(a.getAttribute("href").slice(1))) out.push("leads nowhere: " + a.getAttribute("href"));
  for (const e of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(e.getAttribute("aria-labelledby"))) out.push("named by nothing: " + e.className);
  for (const s of document.querySelectorAll("svg:not([aria-hidden])")) if (!s.querySelector("title")) out.push("drawing without a title");

  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1 }; };
  const light = c => [c.r, c.g, c.b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c; if (c.a !== 0) out.push("half transparent background"); } return { r: 255, g: 255, b: 255 }; };
  let seen = 0, least = 99;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest("svg") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), a = light(parse(style.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen++; least = Math.min(least, ratio);
    if (ratio < 4.5) out.push("contrast " + ratio.toFixed(2) + ": " + walk.currentNode.data.trim().slice(0, 40));
    if (parseFloat(style.fontSize) < 14) out.push("smaller than 14 px: " + walk.currentNode.data.trim().slice(0, 40));
  }
  if (!seen) out.push("no text");
  return { wrong: out, texts: seen, least };
})()
