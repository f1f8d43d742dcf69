// Small comforts. Every page works without this file.

// The official communes, proposed while one types; how many there are is said, and not each.
for (const field of document.querySelectorAll("[data-communes]")) {
  const input = field.querySelector("input.input");
  const list = field.querySelector("[data-choices]");
  let timer;
  let asked = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = ++asked;
      const answer = await fetch(`${field.dataset.communes}?q=${encodeURIComponent(input.value)}`).catch(() => null);
      if (!answer?.ok || number !== asked) return;
      list.innerHTML = await answer.text();
      field.querySelector("[role=status]").textContent = list.firstElementChild?.dataset.said ?? "";
    }, 200);
  });
}

// A text and its look, while one types.
for (const form of document.querySelectorAll("[data-preview]")) {
  const here = form.querySelector("[data-preview-here]");
  let timer;
  let asked = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = ++asked;
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
      if (answer?.ok && number === asked) here.innerHTML = await answer.text();
    }, 300);
  });
}

// Work under way: its bar moves by itself, and the page is read again once it is over.
for (const place of document.querySelectorAll("[data-progress]")) {
  const before = place.querySelector("[data-state]").dataset.state;
  const timer = setInterval(async () => {
    const answer = await fetch(place.dataset.progress).catch(() => null);
    if (!answer?.ok || answer.redirected) return; // signed out meanwhile: another page is not shown in its place
    place.innerHTML = await answer.text();
    if (place.querySelector("[data-state]").dataset.state !== before) {
      clearInterval(timer);
      location.reload();
    }
  }, 2000);
}

// A grid of squares: arrows move in it, as in a spreadsheet.
for (const grid of document.querySelectorAll("[data-grid]")) {
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input")]);
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  grid.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const row = rows.findIndex((squares) => squares.includes(event.target));
    if (!step || row < 0) return;
    event.preventDefault();
    rows[row + step[0]]?.[rows[row].indexOf(event.target) + step[1]]?.focus();
  });
}

// A long form: what is typed is kept as one goes, and a lost connection is said before anything is lost.
for (const form of document.querySelectorAll("[data-draft]")) {
  let timer;
  let current = new AbortController();
  const keep = () => {
    current = new AbortController();
    const sent = { method: "POST", body: new FormData(form), keepalive: true, signal: current.signal };
    fetch(form.dataset.draft, sent).catch(() => null);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 800);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    current.abort();
    const offline = form.querySelector("[data-offline]");
    offline.hidden = navigator.onLine;
    if (!navigator.onLine) event.preventDefault();
  });
}

// What was typed, put back in its fields.
function fill(fields, values) {
  for (const field of fields) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.some(([n, v]) => n === field.name && v === field.value);
    else if (field.type !== "file") field.value = values.find(([n]) => n === field.name)?.[1] ?? field.value;
  }
}

// What a device keeps of a form: what waits for the network under its key, what is being typed under `<key>-draft`. What the team
// writes of people goes with the tab. The server says that a form was written by a cookie that names it, and only then all is forgotten.
function takeWritten() {
  const key = document.cookie.split("; ").find((one) => one.startsWith("written="))?.slice("written=".length);
  document.cookie = "written=; path=/; max-age=0";
  return key;
}
function forget(key) {
  for (const store of [localStorage, sessionStorage]) for (const name of [key, `${key}-draft`]) store.removeItem(name);
}
const done = takeWritten();
if (done) forget(done);
const typedIn = (form) => [...form.elements].filter((f) => f.name && !["hidden", "submit", "file", "password"].includes(f.type));
const valuesOf = (form) => typedIn(form).filter((f) => f.checked || !["radio", "checkbox"].includes(f.type)).map((f) => [f.name, f.value]);

// A sheet filled where there is no network: kept on this device, sent when the network is back. The server takes it once or ten times.
for (const form of document.querySelectorAll("[data-kept]")) {
  const key = form.dataset.kept;
  const note = form.querySelector("[data-kept-note]");
  const fields = () => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  const say = (words) => { note.textContent = words; note.hidden = false; };
  const send = async () => {
    const kept = localStorage.getItem(key);
    if (!kept) return;
    const shown = JSON.stringify(JSON.parse(kept).filter(([name]) => typedIn(form).some((field) => field.name === name)));
    const body = new FormData();
    body.append("csrf_token", form.querySelector("[name=csrf_token]").value);
    for (const [name, value] of JSON.parse(kept)) body.append(name, value);
    body.set("draft", key);
    const answer = await fetch(location.href, { method: "POST", body }).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 429) return; // once more in a moment
    if (takeWritten() === key) {
      if (JSON.stringify(valuesOf(form)) !== shown) { // more was typed meanwhile: it is still to be sent
        localStorage.removeItem(key);
        return say(note.dataset.sent);
      }
      forget(key);
      sessionStorage.setItem(key, "sent");
      return location.assign(answer.url); // where the server leads once it is written
    }
    if (answer.redirected || [400, 401].includes(answer.status)) return say(note.dataset.signIn); // kept until the page is opened anew
    localStorage.removeItem(key);
    localStorage.setItem(`${key}-draft`, JSON.stringify({ at: Date.now(), values: JSON.parse(kept) }));
    fill([...form.elements].filter((field) => field.name !== "csrf_token"), JSON.parse(kept));
    if (answer.status === 422) form.submit(); // the server says what to correct
    else say(note.dataset.refused);
  };
  const show = () => { note.hidden = !localStorage.getItem(key); };
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return localStorage.removeItem(key);
    event.preventDefault();
    localStorage.setItem(key, JSON.stringify(fields()));
    show();
  });
  show();
  if (sessionStorage.getItem(key)) {
    sessionStorage.removeItem(key);
    say(note.dataset.sent);
  }
  send();
  window.addEventListener("online", send);
  setInterval(send, 15000);
}

// What is being typed in such a sheet, or in a questionnaire, stays on this device until it is written, for a day: a page that closes,
// or a server that does not answer, loses nothing. A page that answers what was sent (an error, a ready answer) shows it itself.
for (const form of document.querySelectorAll("[data-kept], [data-typed]")) {
  const name = form.dataset.kept ?? form.dataset.typed;
  const key = `${name}-draft`;
  const store = key.startsWith("message-") ? sessionStorage : localStorage;
  const keep = () => store.setItem(key, JSON.stringify({ at: Date.now(), values: valuesOf(form) }));
  const draft = JSON.parse(store.getItem(key) ?? "null");
  if (document.body.dataset.answers) keep();
  else if (draft && Date.now() - draft.at < 86_400_000) fill(typedIn(form), draft.values);
  else store.removeItem(key);
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: name }));
  form.addEventListener("input", keep);
}

// One answer for everybody who has none yet, also where there is no network; without JavaScript the link does the same.
for (const link of document.querySelectorAll("[data-all]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const form = link.closest("form");
    for (const box of form.querySelectorAll(`input[type=radio][value=${link.dataset.all}]`)) {
      if (!form.querySelector(`[name="${box.name}"]:checked`)) box.checked = true;
    }
    form.dispatchEvent(new Event("input"));
  });
}

// One box ticks every box of a list, and unticks them.
for (const all of document.querySelectorAll("[data-tick]")) {
  all.hidden = false;
  const boxes = [...all.closest("form").querySelectorAll(`input[name="${all.dataset.tick}"]`)];
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; });
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
    const timer = setTimeout(() => waits(event.submitter), 700);
    setTimeout(() => free(form), 30_000); // what was sent may come back as a file, and the page stays
    window.addEventListener("pagehide", () => clearTimeout(timer), { once: true });
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) free(form);
});

// What takes long says that it was heard.
function waits(button) {
  button?.setAttribute("aria-busy", "true");
  const said = Object.assign(document.createElement("p"), { className: "waiting", textContent: document.body.dataset.wait });
  said.setAttribute("role", "status");
  button?.after(said);
}
function free(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  form.querySelector(".waiting")?.remove();
}

// A file that is too heavy is said before it is sent.
for (const input of document.querySelectorAll("[data-largest]")) {
  const said = Object.assign(document.createElement("p"), { className: "error", textContent: input.dataset.tooLarge });
  said.setAttribute("role", "alert");
  input.addEventListener("change", () => {
    said.remove();
    if (input.files[0]?.size > Number(input.dataset.largest)) {
      input.value = "";
      input.after(said);
    }
  });
}

// What is to be carried elsewhere is copied by a button, which says that it did.
for (const text of navigator.clipboard ? document.querySelectorAll("main [data-copy]") : []) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "go plain", textContent: document.body.dataset.copy });
  button.setAttribute("aria-label", `${document.body.dataset.copy}, ${text.dataset.copy}`);
  const said = Object.assign(document.createElement("span"), { className: "quiet small" });
  said.setAttribute("role", "status");
  const line = Object.assign(document.createElement("p"), { className: "acts mt-2" });
  line.append(button, said);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value ?? text.innerText.trim());
    said.textContent = document.body.dataset.copied;
  });
  (text.closest("p") ?? text).after(line);
}

// After a refusal, reading begins at the summary of what to correct.
(document.getElementById("erreurs") ?? document.querySelector(".flash"))?.focus();

// Escape closes a menu or a question that was opened, and gives the focus back to what opened it.
const OPENED = "details.menu[open], details.account[open], details.sure[open]";
document.addEventListener("keydown", (event) => {
  const opened = event.key === "Escape" && (document.activeElement?.closest(OPENED) ?? document.querySelector(OPENED));
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});
