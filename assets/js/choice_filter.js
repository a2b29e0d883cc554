/** Lets a person find one of many checkboxes by typing; without scripts the groups are opened by hand. */
export function choiceFilter(root) {
  root.querySelectorAll("[data-choice-filter]").forEach((field) => new Choices(field).start());
}

class Choices {
  constructor(field) {
    this.search = field.querySelector("[data-choice-search]");
    this.input = this.search.querySelector("input");
    this.count = field.querySelector("[data-choice-count]");
    this.groups = [...field.querySelectorAll("[data-choice-group]")];
    this.openBefore = null;
  }

  start() {
    this.search.hidden = false;
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it would send the form
    });
  }

  show() {
    const wanted = this.input.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    this.openBefore ??= this.groups.map((group) => group.open);
    let found = 0;
    this.groups.forEach((group, place) => {
      const fitting = [...group.querySelectorAll("[data-choice]")].filter((choice) => this.fits(choice, wanted));
      found += fitting.length;
      group.hidden = fitting.length === 0;
      group.open = wanted.length ? fitting.length > 0 : this.openBefore[place];
    });
    if (!wanted.length) this.openBefore = null;
    this.count.textContent = wanted.length ? `${found} ${found === 1 ? "center fits" : "centers fit"}` : "";
  }

  /** What is chosen stays in sight, whatever is looked for. */
  fits(choice, wanted) {
    const text = choice.textContent.toLocaleLowerCase();
    const fits = wanted.every((word) => text.includes(word));
    choice.hidden = !fits && !choice.querySelector("input").checked;
    return fits;
  }
}
