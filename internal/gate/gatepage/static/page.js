// Passkeys on the gate's page. Every form of class "sign" holds the blob that is signed
// (data-challenge) and says what goes with the answer; what counts is checked by the gate.
"use strict";
(() => {
  const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const base64 = (b) => btoa(Array.from(new Uint8Array(b), (x) => String.fromCharCode(x)).join(""));
  const alert = document.getElementById("alert");

  const say = (text) => { alert.textContent = text; alert.hidden = false; };

  const post = async (path, body) => {
    const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin" });
    const out = await r.json();
    if (!r.ok) {
      throw new Error([out.title, out.field, out.fix].filter(Boolean).join(". ") + " (" + out.code + ")");
    }
    return out;
  };

  const sign = async (challenge) => {
    const c = await navigator.credentials.get({ publicKey: { challenge: bytes(challenge), rpId: location.hostname, userVerification: "required", timeout: 120000 } });
    return { authenticatorData: base64(c.response.authenticatorData), clientDataJSON: base64(c.response.clientDataJSON), signature: base64(c.response.signature) };
  };

  // once runs one ceremony at a time and says what went wrong.
  const once = (control, act) => async (event) => {
    event.preventDefault();
    if (control.disabled) return;
    control.disabled = true;
    alert.hidden = true;
    try {
      await act();
    } catch (e) {
      say(e.name === "NotAllowedError" ? "No passkey answered. Nothing was signed." : e.message);
    }
    control.disabled = false;
  };

  const bodies = {
    look: (d, answer) => ({ nonce: d.nonce, answer }),
    approve: (d, answer) => ({ grants: JSON.parse(d.grants), class: d.class || "", answer }),
    text: (d, answer) => ({ text: d.text, answer }),
    tell: (d, answer) => ({ text: d.text, answer }),
  };

  // aloud shows a passphrase while this page is there, and no longer.
  const aloud = (passphrase) => {
    const groups = document.getElementById("groups");
    groups.replaceChildren(...passphrase.split("-").map((g) => {
      const li = document.createElement("li");
      li.textContent = g;
      return li;
    }));
    addEventListener("pagehide", () => groups.replaceChildren());
    document.getElementById("asking").remove();
    document.getElementById("told").hidden = false;
    document.getElementById("aloud").focus();
  };
  for (const form of document.querySelectorAll("form.sign")) {
    form.addEventListener("submit", once(form.querySelector("button"), async () => {
      const answer = await sign(form.dataset.challenge);
      const next = await post(form.getAttribute("action"), bodies[form.dataset.ceremony](form.dataset, answer));
      if (form.dataset.ceremony === "tell") {
        aloud(next.passphrase);
      } else {
        location.assign(next.at);
      }
    }));
  }

  for (const form of document.querySelectorAll("form.make")) {
    form.addEventListener("submit", once(form.querySelector("button"), async () => {
      const person = form.elements.person.value;
      const id = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(location.host + "\n" + person));
      const c = await navigator.credentials.create({ publicKey: {
        rp: { id: form.dataset.host, name: form.dataset.provider }, user: { id, name: person, displayName: person },
        challenge: crypto.getRandomValues(new Uint8Array(32)), pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" }, attestation: "none", timeout: 120000 } });
      const made = await post("/passkey", { publicKey: base64(c.response.getPublicKey()), flags: new Uint8Array(c.response.getAuthenticatorData())[32] });
      document.getElementById("line").textContent = made.line;
      document.getElementById("synced").hidden = !made.synced;
      document.getElementById("made").hidden = false;
    }));
  }

  for (const form of document.querySelectorAll("form.statement")) {
    let text = "", name = "", challenge = "";
    form.addEventListener("submit", (e) => e.preventDefault());
    form.elements.file.addEventListener("change", once(form.elements.file, async () => {
      const file = form.elements.file.files[0];
      if (!file) return;
      document.getElementById("signed").hidden = true;
      text = await file.text();
      name = file.name.replace(/\.txt$/, "");
      const read = await post("/statement", { text });
      challenge = read.challenge;
      document.getElementById("number").textContent = String(read.number);
      document.getElementById("digest").textContent = read.sha256;
      document.getElementById("text").replaceChildren(...text.match(/[^\n]*\n|[^\n]+/g).map((l) => {
        const line = document.createElement("span");
        line.className = "line";
        line.textContent = l;
        return line;
      }));
      document.getElementById("read").hidden = false;
    }));
    const button = document.getElementById("signit");
    button.addEventListener("click", once(button, async () => {
      const made = await post("/statement", { text, answer: await sign(challenge) });
      document.getElementById("person").textContent = made.person;
      document.getElementById("name").textContent = name + "." + made.person + ".sig";
      document.getElementById("armor").textContent = made.signature;
      const keep = document.getElementById("keep");
      keep.href = URL.createObjectURL(new Blob([made.signature], { type: "text/plain" }));
      keep.download = name + "." + made.person + ".sig";
      document.getElementById("signed").hidden = false;
    }));
  }
})();
