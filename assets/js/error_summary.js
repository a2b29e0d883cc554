/** Takes a person who sent a form with errors to the list of them, which screen readers then read out. */
export function focusErrorSummary(root) {
  root.querySelector("[data-error-summary]")?.focus();
}
