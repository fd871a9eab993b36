// Passkeys on the pages to sign in. What counts is checked by the program: a form holds
// the challenge, and what the passkey answers is sent as it came.
"use strict";
(() => {
  const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const base64 = (b) => btoa(Array.from(new Uint8Array(b), (x) => String.fromCharCode(x)).join(""));
  const alert = document.getElementById("alert");

  const post = async (path, body) => {
    const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin" });
    const out = await r.json();
    if (!r.ok) throw new Error([out.says, out.field, out.fix].filter(Boolean).join(" ") + " (" + out.code + ")");
    return out;
  };

  // once runs one ceremony at a time and says what went wrong.
  const once = (form, act) => form && form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    alert.hidden = true;
    try {
      await act(form);
    } catch (e) {
      alert.textContent = e.name === "NotAllowedError" ? "No passkey answered." : e.message;
      alert.hidden = false;
    }
    button.disabled = false;
  });

  once(document.querySelector("form.signin"), async (form) => {
    const c = await navigator.credentials.get({ publicKey: { challenge: bytes(form.dataset.challenge), rpId: location.hostname, userVerification: "required", timeout: 120000 } });
    const answer = { authenticatorData: base64(c.response.authenticatorData), clientDataJSON: base64(c.response.clientDataJSON), signature: base64(c.response.signature) };
    const next = await post(form.getAttribute("action"), { nonce: form.dataset.nonce, answer });
    location.assign(next.at);
  });

  once(document.querySelector("form.make"), async (form) => {
    const person = form.elements.person.value;
    const id = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("counterseal-sign-in\n" + location.host + "\n" + person));
    const c = await navigator.credentials.create({ publicKey: {
      rp: { id: form.dataset.host, name: form.dataset.name }, user: { id, name: person, displayName: person },
      challenge: crypto.getRandomValues(new Uint8Array(32)), pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" }, attestation: "none", timeout: 120000 } });
    const made = await post(form.getAttribute("action"), { publicKey: base64(c.response.getPublicKey()), flags: new Uint8Array(c.response.getAuthenticatorData())[32] });
    document.getElementById("line").textContent = "[[sign_in.person]]\nid = " + JSON.stringify(person) + "\nkeys = [" + JSON.stringify(made.line) + "]";
    document.getElementById("synced").hidden = !made.synced;
    document.getElementById("made").hidden = false;
  });
})();
