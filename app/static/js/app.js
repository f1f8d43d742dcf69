// Small comforts. Every page works without this file.

// Whether a form may leave now. Where the device says that it has no network the server is asked: a site on the machine itself needs none.
const reached = new WeakSet();
function mayLeave(form, event, otherwise) {
  if (navigator.onLine || reached.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  fetch("/healthz", { cache: "no-store" }).then(() => {
    reached.add(form);
    form.requestSubmit(event.submitter);
  }, otherwise);
}

// Without a network nothing leaves: the page stays with what was typed, and says so beside the button. A form that keeps it says it itself.
const lost = Object.assign(document.createElement("p"), { className: "sheet help", textContent: document.body.dataset.noNetwork });
lost.setAttribute("role", "alert");
for (const form of document.querySelectorAll("form[method=post]:not([data-draft], [data-kept])")) {
  form.addEventListener("submit", (event) => {
    lost.remove();
    mayLeave(form, event, () => (event.submitter ?? form.lastElementChild).before(lost));
  });
}

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
    offline.hidden = true;
    mayLeave(form, event, () => { offline.hidden = false; });
  });
}

// What was typed, put back in its fields; where one of them is folded away, it is opened.
function fill(fields, values) {
  for (const field of fields) {
    if (field.type === "file") continue;
    const what = ["radio", "checkbox"].includes(field.type) ? "checked" : "value";
    const said = values.filter(([name]) => name === field.name).map(([, value]) => value);
    const is = what === "checked" ? said.includes(field.value) : said[0] ?? field.value;
    if (field[what] === is) continue;
    field[what] = is;
    field.closest("details")?.setAttribute("open", "");
  }
}

// What a device keeps of a form, under the name that the form gives: `<name>` is a sheet that waits for the network, `<name>-draft` what
// is being typed, for a day or until one signs out. It goes with the tab, but for a sheet, a list of presences and a quiz. The server says
// that a form was written by a cookie that names it, and only then all is forgotten.
// Signing out in one tab reaches the others. Where a browser keeps nothing, pages do without.
const STORES = stores();
function stores() {
  try {
    return [localStorage, sessionStorage].filter(Boolean);
  } catch {
    return [];
  }
}
function dropDrafts(isOld) {
  for (const store of STORES) {
    for (const name of Object.keys(store)) {
      if (name.endsWith("-draft") && isOld(JSON.parse(store.getItem(name)))) store.removeItem(name);
    }
  }
}
function forget(name) {
  for (const store of STORES) for (const one of [name, `${name}-draft`]) store.removeItem(one);
}
const written = document.cookie.split("; ").find((one) => one.startsWith("written="))?.slice("written=".length);
if (written) forget(written);
document.cookie = "written=; path=/; max-age=0";
dropDrafts((draft) => Date.now() - draft.at > 86_400_000);
for (const form of STORES.length ? document.querySelectorAll("[data-sign-out]") : []) {
  form.addEventListener("submit", () => {
    dropDrafts(() => true);
    localStorage.setItem("signed-out", Date.now());
  });
  window.addEventListener("storage", (event) => {
    if (event.key !== "signed-out") return;
    dropDrafts(() => true);
    setTimeout(() => location.reload(), 1000); // the server has heard of it by then
  });
}

// A page that closes, or a server that does not answer, loses nothing of what is being typed. A page that answers what was sent (an
// error, a ready answer) shows it itself; what was written meanwhile by somebody else, or elsewhere, is not covered by a draft.
for (const form of STORES.length ? document.querySelectorAll("[data-kept], [data-typed]") : []) {
  const name = form.dataset.kept ?? form.dataset.typed;
  const key = `${name}-draft`;
  const store = /^(seance|presences|questionnaire)-/.test(name) ? localStorage : sessionStorage;
  const once = form.querySelector("[name=once]"); // what is sent twice is taken once
  const typed = [...form.elements].filter((f) => f.name && !["hidden", "submit", "file", "password"].includes(f.type));
  const keep = () => {
    const values = typed.filter((f) => f.checked || !["radio", "checkbox"].includes(f.type)).map((f) => [f.name, f.value]);
    store.setItem(key, JSON.stringify({ at: Date.now(), version: form.dataset.version, once: once?.value, values }));
  };
  const draft = JSON.parse(store.getItem(key) ?? "null");
  const isOfNow = draft && (!draft.version || draft.version === form.dataset.version);
  if (document.body.dataset.answers) keep();
  else if (isOfNow) {
    fill(typed, draft.values);
    if (once && draft.once) once.value = draft.once;
  } else store.removeItem(key);
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: name }));
  form.addEventListener("input", keep);
  if (form.dataset.kept) waitForNetwork(form, name, keep, isOfNow);
}

// A sheet filled where there is no network: kept on this device, sent when the network is back. The server takes it once or ten times.
// What is `typed` after it was kept is not covered by it, and is still to be sent.
function waitForNetwork(form, name, keep, typed) {
  const note = form.querySelector("[data-kept-note]");
  const waits = note.textContent;
  let busy = false;
  const say = (words) => { note.textContent = words; note.hidden = false; };
  const show = () => { say(waits); note.hidden = !localStorage.getItem(name); };
  const send = async () => {
    const kept = localStorage.getItem(name);
    if (!kept || busy) return;
    busy = true;
    const body = new FormData();
    body.append("csrf_token", form.querySelector("[name=csrf_token]").value);
    for (const [field, value] of JSON.parse(kept)) body.append(field, value);
    const answer = await fetch(location.href, { method: "POST", body, headers: { "X-Kept": "1" } }).catch(() => null);
    busy = false;
    if (!answer || answer.status >= 500 || answer.status === 429) return; // once more in a moment
    if (localStorage.getItem(name) !== kept) return show(); // another page had sent it, or another sheet took its place
    if (answer.redirected || [400, 401].includes(answer.status)) return say(note.dataset.signIn); // kept until the page is opened anew
    localStorage.removeItem(name);
    if (answer.status === 204 && !typed) {
      forget(name);
      return location.assign(answer.headers.get("Location")); // where the server leads once it is written
    }
    delete form.dataset.version; // what is on the page follows what was just sent
    keep();
    if (answer.status === 204) return follow(answer.headers.get("Location"));
    if (answer.status === 422 && !typed) return form.submit(); // the server says what to correct
    say(note.dataset.refused);
  };
  const read = async (path) => new DOMParser().parseFromString(await fetch(path).then((one) => one.text(), () => ""), "text/html");
  const follow = async (path) => {
    say(note.dataset.sent);
    note.before(...(await read(path)).querySelectorAll(".flash")); // a number to call is read at once
    const fresh = (await read(location.href)).querySelector(`[data-kept="${name}"]`);
    for (const field of fresh?.querySelectorAll("input[type=hidden]") ?? []) {
      const mine = form.elements[field.name]; // what the page showed
      if (mine && !["csrf_token", "once"].includes(field.name)) mine.value = field.value;
    }
    if (fresh) form.dataset.version = fresh.dataset.version;
    keep();
  };
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) {
      keep(); // the server may not answer, or refuse
      return localStorage.removeItem(name);
    }
    event.preventDefault();
    localStorage.setItem(name, JSON.stringify([...new FormData(form)].filter(([field]) => field !== "csrf_token")));
    for (const store of STORES) store.removeItem(`${name}-draft`); // the sheet takes its draft's place
    typed = false;
    show();
  });
  form.addEventListener("input", () => { typed = true; });
  const waiting = localStorage.getItem(name);
  if (waiting && !typed) fill([...form.elements].filter((field) => field.name !== "csrf_token"), JSON.parse(waiting));
  show();
  send();
  window.addEventListener("online", send);
  setInterval(send, 15000);
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

// After a refusal, reading begins at the summary of what to correct, which follows the page.
const wrong = [...document.querySelectorAll("#erreurs li")].map((line) => [line, document.getElementById(line.firstElementChild.hash.slice(1))]);
wrong.sort(([, one], [, other]) => (one && other ? (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING ? 1 : -1) : 0));
for (const [line] of wrong) line.parentElement.append(line);
(document.getElementById("erreurs") ?? document.querySelector(".flash"))?.focus();

// Escape closes a menu or a question that was opened, and gives the focus back to what opened it.
const OPENED = "details.menu[open], details.account[open], details.sure[open]";
document.addEventListener("keydown", (event) => {
  const opened = event.key === "Escape" && (document.activeElement?.closest(OPENED) ?? document.querySelector(OPENED));
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});
