const SWITCH = "tandem.answer-keys";

/** Keys 0 to 4, D and N answer the question in focus and go on to the next; they can be turned off. */
export class AnswerKeys {
  constructor(form) {
    this.form = form;
    this.hint = form.querySelector("[data-keys-hint]");
    this.toggle = form.querySelector("[data-keys-toggle]");
  }

  start() {
    if (!this.hint || !this.form.querySelector(".scale")) return;
    this.hint.hidden = false;
    this.show();
    this.toggle.addEventListener("click", () => {
      this.store(!this.on);
      this.show();
    });
    this.form.addEventListener("keydown", (event) => this.press(event));
  }

  get on() {
    try {
      return localStorage.getItem(SWITCH) !== "off";
    } catch {
      return true;
    }
  }

  store(on) {
    try {
      localStorage.setItem(SWITCH, on ? "on" : "off");
    } catch {
      // storage is switched off: the choice lasts as long as the page
    }
  }

  show() {
    this.toggle.setAttribute("aria-pressed", String(this.on));
    this.toggle.textContent = this.on ? "Turn the keys off" : "Turn the keys on";
  }

  press(event) {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches('input[type="radio"]')) return;
    if (event.target.closest(".dual")) return; // two groups of points in one item: a key could mean either
    const code = { d: "DK", n: "NA" }[event.key.toLowerCase()] ?? event.key;
    const item = event.target.closest("[data-item]");
    const input = [...item.querySelectorAll('input[type="radio"]')].find((radio) => radio.value === code);
    if (!input) return;
    event.preventDefault();
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    if (code !== "NA") this.next(item);
    else item.querySelector("textarea")?.focus();
  }

  next(item) {
    const items = [...this.form.querySelectorAll("[data-item]")];
    const following = items[items.indexOf(item) + 1];
    const target = following
      ? (following.querySelector('input[type="radio"]:checked') ??
        following.querySelector('input[type="radio"], input[type="checkbox"], input[type="text"], textarea'))
      : this.form.querySelector('button[name="then"]');
    target?.focus();
    target?.closest("[data-item]")?.scrollIntoView({ block: "nearest" });
  }
}
