// Makes a key. This page can send nothing: its policy allows no connection.
import { Trouble, able, make } from "./age.js";

const at = (id) => document.getElementById(id);
const says = Object.fromEntries(Array.from(at("says").content.querySelectorAll("[data-say]"), (e) => [e.dataset.say, e.textContent]));
const button = at("make"), alert = at("alert");

const wrong = (code) => {
  alert.replaceChildren(says[code], " ");
  const c = document.createElement("code");
  c.textContent = code;
  alert.append(c);
  alert.hidden = false;
};

const groups = (s) => s.match(/.{1,4}/g);

button.addEventListener("click", async () => {
  button.disabled = true;
  alert.hidden = true;
  try {
    const made = await make();
    const text = "# created: " + new Date().toISOString().slice(0, 19) + "Z\n# public key: " + made.recipient + "\n" + made.written + "\n";
    const save = at("save");
    save.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    save.download = "key-" + made.recipient.slice(-8) + ".txt";
    at("recipient").textContent = made.recipient;
    at("groups").replaceChildren(...groups(made.recipient).map((g) => { const li = document.createElement("li"); li.textContent = g; return li; }));
    at("before").hidden = true;
    at("made").hidden = false;
    at("made-title").focus();
  } catch (e) {
    wrong(e instanceof Trouble ? e.code : "pickup.unexpected");
    button.disabled = false;
  }
});

if (await able()) button.disabled = false;
else wrong("pickup.no_x25519");
document.documentElement.dataset.ready = "yes";
