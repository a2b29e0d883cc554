/** The words that go with an answer: the note opens where they are wanted, and says what for. */
export class Note {
  constructor(element) {
    this.element = element;
    this.from = Number(element.dataset.evidenceFrom ?? Infinity);
  }

  show(chosen) {
    const reason = chosen === "NA";
    const evidence = /^\d+$/.test(chosen) && Number(chosen) >= this.from;
    const label = (name) => this.element.querySelector(`[data-note-${name}]`);
    label("reason").hidden = !reason;
    label("evidence").hidden = !evidence;
    label("plain").hidden = reason || evidence;
    if (reason || evidence) this.element.open = true;
  }
}
