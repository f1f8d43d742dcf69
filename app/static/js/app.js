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
