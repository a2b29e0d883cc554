/** What one question is answered with (points, boxes, words), read and set as the one code that the server knows. */
export class Inputs {
  constructor(element, id) {
    const all = [...element.querySelectorAll(`[name="q_${id}"], [name^="q_${id}__"]`)];
    this.all = all;
    this.text = all.find((input) => input.matches('textarea, input[type="text"]'));
    this.options = all.filter((input) => input.matches('input[type="radio"], input[type="checkbox"]'));
    this.start = `q_${id}__`; // then the name of a part, where each part has points of its own
    this.otherwise = element.querySelector(`[name="else_${id}"]`)?.value ?? ""; // the code where nothing is chosen
  }

  get code() {
    if (this.text) return this.text.value;
    const chosen = this.options.filter((input) => input.checked).map((input) => this.codeOf(input));
    return chosen.join(";") || this.otherwise;
  }

  set code(code) {
    if (this.text) {
      this.text.value = code;
      return;
    }
    if (this.isPick) {
      this.options[0].checked = code !== "" && code !== this.otherwise;
      if (this.options[0].checked) this.options[0].value = code;
      return;
    }
    const chosen = code.split(";");
    this.options.forEach((input) => (input.checked = chosen.includes(this.codeOf(input))));
  }

  /** The code as the server sent it with the page. */
  get served() {
    if (this.text) return this.text.defaultValue;
    const chosen = this.options.filter((input) => input.defaultChecked).map((input) => this.codeOf(input));
    return chosen.join(";") || this.otherwise;
  }

  codeOf(input) {
    return input.name.startsWith(this.start) ? `${input.name.slice(this.start.length)}=${input.value}` : input.value;
  }

  /** A box that picks a row of a grid. */
  get isPick() {
    return this.otherwise !== "" && this.options.length === 1;
  }

  /** Whether there is something to save: of points, one in each group. */
  get complete() {
    if (this.text) return this.text.value.trim() !== "";
    const groups = new Set(this.options.filter((input) => input.type === "radio").map((input) => input.name));
    const chosen = this.options.filter((input) => input.checked);
    return groups.size ? new Set(chosen.map((input) => input.name)).size === groups.size : chosen.length > 0;
  }

  focus() {
    (this.text ?? this.options.find((input) => input.checked) ?? this.options[0])?.focus();
  }
}

/** Whether the person has changed this field since the server sent the page. */
export function differs(input) {
  if (input.matches('input[type="radio"], input[type="checkbox"]')) return input.checked !== input.defaultChecked;
  // a field of one line drops the ends of lines that were sent for it
  return input.value !== (input.matches("input") ? input.defaultValue.replace(/[\r\n]/g, "") : input.defaultValue);
}
