// Small comforts. Every page works without this file.

// The official communes, proposed while one types.
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
      if (answer?.ok && number === asked) list.innerHTML = await answer.text();
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
    if (!answer?.ok) return;
    place.innerHTML = await answer.text();
    if (place.querySelector("[data-state]").dataset.state !== before) {
      clearInterval(timer);
      location.reload();
    }
  }, 2000);
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// After a refusal, reading begins at the summary of what to correct.
document.getElementById("erreurs")?.focus();
