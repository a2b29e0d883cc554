import { localTimes } from "../local_times.js";
import { Inputs, differs } from "./inputs.js";
import { Note } from "./note.js";
import { savedAt } from "./sending.js";

const SLOW = 700; // milliseconds after which a save says that it is under way
const RETRY = [2000, 4000, 8000, 15000, 30000];

/** One question: its fields, its note, and how saving it goes; one request at a time. */
export class Item {
  constructor(element, page) {
    this.element = element;
    this.page = page;
    this.id = element.dataset.item;
    this.status = element.querySelector("[data-status]");
    const note = element.querySelector("[data-note]");
    this.note = note && new Note(note);
    this.inputs = new Inputs(element, this.id);
    this.servedRevision = Number(this.field("rev").value); // what other pages save later is not in this one
    this.waiting = false; // something here is not on the server yet
    this.trouble = ""; // why not: "offline", "signed_out", "closed", "refused", "conflict"
    this.tries = 0;
    this.underWay = null;
    this.early = [...this.inputs.all, this.field("note")].filter((input) => input && differs(input));
  }

  field(name) {
    return this.page.form.elements[`${name}_${this.id}`];
  }

  fields() {
    const value = (name) => this.field(name)?.value ?? "";
    return { q: this.inputs.code, note: value("note"), rev: value("rev"), was: value("was") };
  }

  get answered() {
    return this.inputs.complete || (this.inputs.isPick && this.field("rev").value !== "0");
  }

  setAnswer({ q, note }) {
    this.inputs.code = q;
    if (this.field("note")) this.field("note").value = note;
    this.note?.show(q);
  }

  /** What is kept of an earlier page goes into the form; what was done on this one before the script came stays. */
  setBelowEarly(fields) {
    const early = this.early.map(({ checked, value }) => ({ checked, value }));
    this.setAnswer(fields);
    this.early.forEach((input, place) => Object.assign(input, early[place]));
  }

  focus() {
    this.inputs.focus();
  }

  changed(pause) {
    this.note?.show(this.fields().q);
    this.waiting = true;
    this.page.kept.put(this.id, this.fields(), this.page.form.dataset.slug);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  /** Whether the server had this when it made the page: it was saved, and the reply was lost. */
  hasArrived({ q, note, rev }) {
    return this.servedRevision > Number(rev) && q === this.inputs.served && note === (this.field("note")?.defaultValue ?? "");
  }

  restore(fields) {
    this.setBelowEarly(fields);
    this.setBase(fields.rev, fields.was);
    this.changed(0);
  }

  /** What the server acknowledged after it had made this page. */
  catchUp(fields) {
    if (Number(fields.rev) <= Number(this.field("rev").value)) return;
    this.setBelowEarly(fields);
    this.setBase(fields.rev, fields.was);
  }

  /** Which stored answer the one in the form follows. */
  setBase(revision, was) {
    this.field("rev").value = revision;
    this.field("was").value = was;
  }

  /** Settles when nothing is under way any more, saved or not. */
  save() {
    clearTimeout(this.timer);
    this.underWay ??= this.saveNewest().finally(() => {
      this.underWay = null;
      this.page.refresh();
    });
    return this.underWay;
  }

  async saveNewest() {
    let again = true;
    while (again) {
      const sent = this.fields();
      const slow = setTimeout(() => this.show("Saving"), SLOW);
      const reply = await this.page.send(this.id, sent);
      clearTimeout(slow);
      again = this.heard(reply, sent);
    }
  }

  /** Whether there is something newer to send. */
  heard(reply, sent) {
    if (!reply || reply.state === "unavailable") return this.retry(reply?.message);
    this.trouble = "";
    this.tries = 0;
    this.problem("");
    this.closeConflict();
    if (!reply.items) return this.stopped(reply);
    const result = reply.items[this.id] ?? { state: "saved", revision: sent.rev, was: sent.was };
    if (result.state === "conflict") return this.conflict(result);
    if (result.state === "refused") return this.refused(result.message);
    return this.acknowledged(result, sent, reply);
  }

  acknowledged(result, sent, reply) {
    this.setBase(result.revision, result.was);
    const now = this.fields();
    if (now.q !== sent.q || now.note !== sent.note) return true;
    this.settled();
    this.page.kept.acknowledge(this.id, now);
    this.show(savedAt(reply.at));
    this.page.saved(reply);
    return false;
  }

  settled() {
    clearTimeout(this.timer);
    this.waiting = false;
    this.page.kept.drop(this.id);
  }

  /** `reason` is the server's, where it could say one. */
  retry(reason = "") {
    this.trouble = "offline";
    this.reason = reason;
    this.show(`Not saved, we keep trying. Your answer is still here. ${reason}`.trim());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), RETRY[Math.min(this.tries, RETRY.length - 1)]);
    this.tries += 1;
    return false;
  }

  /** The sign-in has ended, or the form takes no more answers: the page says what to do. */
  stopped(reply) {
    this.trouble = reply.state;
    this.show(`Not saved. ${reply.message}`);
    this.page.stopped(reply);
    return false;
  }

  refused(message) {
    this.trouble = "refused";
    this.show("Not saved.");
    this.problem(message);
    return false;
  }

  problem(message) {
    this.element.classList.toggle("item--error", Boolean(message));
    let words = this.element.querySelector("[data-problem]");
    if (!message) return words?.remove();
    if (!words) {
      words = document.createElement("p");
      words.className = "usa-error-message";
      words.dataset.problem = "";
      words.setAttribute("role", "alert");
      this.status.before(words);
    }
    words.textContent = message;
  }

  conflict(result) {
    this.trouble = "conflict";
    this.theirs = result;
    const place = this.element.querySelector("[data-conflict]");
    place.innerHTML = result.html; // made by our own template, which escapes
    localTimes(place);
    this.element.classList.add("item--error");
    this.show("Not saved yet: choose which answer stands.");
    place.querySelector("[data-conflict-box]")?.focus();
    return false;
  }

  closeConflict() {
    this.theirs = null;
    this.element.querySelector("[data-conflict]").replaceChildren();
  }

  choose(button) {
    const theirs = this.theirs;
    if (!theirs) return this.page.form.requestSubmit(button); // the server showed the choice with the page
    this.trouble = "";
    this.setBase(theirs.revision, theirs.was);
    this.closeConflict();
    this.problem("");
    if (button.dataset.choose === "mine") this.save();
    else {
      this.setAnswer({ q: theirs.theirs.raw, note: theirs.theirs.text });
      this.settled();
      this.show("The other answer stands.");
      this.page.refresh();
    }
    this.focus();
  }

  show(words) {
    this.status.textContent = words;
  }
}
