/**
 * A second click on a form marked data-submit-once sends nothing. The server is the one that makes sure
 * (a key per submission); this only spares the person the wait.
 */
export function submitOnce(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-submit-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  // Back from the next page, the form may be sent again.
  window.addEventListener("pageshow", () => {
    root.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
}
