/** Buttons marked data-print open the print dialogue; without scripts they stay hidden. */
export function printButtons(root) {
  root.querySelectorAll("button[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}
