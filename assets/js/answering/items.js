import { localTimes } from "../local_times.js";
import { Kept } from "./kept.js";

const TYPING_PAUSE = 900; // milliseconds without a key before a note is saved
const SLOW = 700; // after this long a save says that it is under way
const RETRY = [2000, 4000, 8000, 15000, 30000];

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

/** All questions of one page: saves what changes, one request at a time for each question. */
export class Answers {
  constructor(form) {
    this.form = form;
    this.kept = new Kept(form.dataset.person, form.dataset.response);
    this.items = new Map();
    form.querySelectorAll("[data-item]").forEach((element) => {
      this.items.set(element.dataset.item, new Item(element, this));
    });
    this.pageStatus = form.querySelector("[data-saved]");
    this.alert = form.querySelector("[data-answering-alert]");
  }

  start() {
    this.form.addEventListener("change", (event) => this.itemOf(event)?.changed(0));
    this.form.addEventListener("input", (event) => {
      if (event.target.matches("textarea")) this.itemOf(event)?.changed(TYPING_PAUSE);
    });
    this.form.addEventListener("click", (event) => this.choose(event));
    this.form.addEventListener("submit", () => (this.leaving = true));
    window.addEventListener("online", () => this.unsaved().forEach((item) => item.save()));
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved().length && !this.leaving) event.preventDefault();
    });
    this.restore();
  }

  itemOf(event) {
    return this.items.get(event.target.closest("[data-item]")?.dataset.item);
  }

  unsaved() {
    return [...this.items.values()].filter((item) => item.waiting);
  }

  /** What an earlier visit could not save goes back into the form and is sent again. */
  restore() {
    const elsewhere = [];
    for (const { item, fields, slug } of this.kept.all()) {
      if (!fields) this.kept.drop(item);
      else if (this.items.has(item)) this.items.get(item).restore(fields);
      else elsewhere.push({ item, slug });
    }
    if (elsewhere.length) {
      const { item, slug } = elsewhere[0];
      this.say(`Your answer to ${item} is not saved yet.`, { text: "Go there to save it", href: `./${slug}#item-${item}` });
    }
  }

  choose(event) {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    event.preventDefault();
    this.itemOf(event)?.choose(button.dataset.choose);
  }

  say(text, link) {
    const box = document.createElement("div");
    box.className = "usa-alert usa-alert--warning usa-alert--slim";
    const body = document.createElement("div");
    body.className = "usa-alert__body";
    const words = document.createElement("p");
    words.className = "usa-alert__text";
    words.append(text);
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      words.append(" ", anchor);
      anchor.addEventListener("click", () => (this.leaving = true));
    }
    body.append(words);
    box.append(body);
    this.alert.replaceChildren(box);
  }

  signedOut() {
    this.say("You are signed out. Your answers are still here and will be saved when you", {
      text: "sign in again",
      href: this.form.dataset.signIn,
    });
  }

  saved(at, progress) {
    this.pageStatus.textContent = this.unsaved().length ? "Saving" : `Saved ${clock.format(new Date(at))}`;
    if (!this.unsaved().length) this.alert.replaceChildren();
    const bar = document.querySelector("[data-progress]");
    const words = `${progress.answered} of ${progress.total} answered`;
    if (bar) {
      bar.value = progress.answered;
      bar.max = progress.total || 1;
      bar.setAttribute("aria-label", `Answered: ${progress.answered} of ${progress.total}`);
    }
    const sum = document.querySelector("[data-progress-words]");
    if (sum) sum.textContent = words;
  }
}

/** One question: its fields, its note, and how saving it goes. */
class Item {
  constructor(element, page) {
    this.element = element;
    this.page = page;
    this.id = element.dataset.item;
    this.status = element.querySelector("[data-status]");
    this.note = element.querySelector("[data-note]");
    this.waiting = false; // something here is not on the server yet
    this.sending = false;
    this.tries = 0;
  }

  field(name) {
    return this.page.form.elements[`${name}_${this.id}`];
  }

  fields() {
    const value = (name) => this.field(name)?.value ?? "";
    return { q: value("q"), note: value("note"), rev: value("rev"), was: value("was") };
  }

  setAnswer({ q, note }) {
    this.element.querySelectorAll(`input[name="q_${this.id}"]`).forEach((input) => (input.checked = input.value === q));
    if (this.field("note")) this.field("note").value = note;
    this.showNote();
  }

  changed(pause) {
    this.showNote();
    this.waiting = true;
    this.page.kept.put(this.id, this.fields(), this.page.form.dataset.slug);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  restore(fields) {
    this.setAnswer(fields);
    this.field("rev").value = fields.rev;
    this.field("was").value = fields.was;
    this.changed(0);
  }

  /** The note opens where it is wanted, and says for what. */
  showNote() {
    if (!this.note) return;
    const chosen = this.fields().q;
    const from = Number(this.note.dataset.evidenceFrom ?? Infinity);
    const reason = chosen === "NA";
    const evidence = /^\d+$/.test(chosen) && Number(chosen) >= from;
    this.note.querySelector("[data-note-reason]").hidden = !reason;
    this.note.querySelector("[data-note-evidence]").hidden = !evidence;
    this.note.querySelector("[data-note-plain]").hidden = reason || evidence;
    if (reason || evidence) this.note.open = true;
  }

  async save() {
    clearTimeout(this.timer);
    if (this.sending) return; // the reply to the one under way sends the newest
    const sent = this.fields();
    const body = new URLSearchParams({
      csrf_token: this.page.form.elements.csrf_token.value,
      page: this.page.form.elements.page.value,
    });
    for (const [name, value] of Object.entries(sent)) body.set(`${name}_${this.id}`, value);
    this.sending = true;
    const slow = setTimeout(() => this.show("Saving"), SLOW);
    let reply = null;
    try {
      reply = await this.post(body);
    } catch {
      reply = null; // no connection, or no answer that can be read
    } finally {
      clearTimeout(slow);
      this.sending = false;
    }
    if (reply) this.heard(reply, sent);
    else this.retry();
  }

  async post(body) {
    const response = await fetch(this.page.form.action, {
      method: "POST",
      body,
      headers: { "X-Background-Save": "1", Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
    });
    if (response.status >= 500 || !response.headers.get("Content-Type")?.includes("json")) return null;
    return response.json();
  }

  heard(reply, sent) {
    if (reply.state === "signed_out") {
      this.show("Not saved yet: you are signed out. Your answer is still here.");
      this.page.signedOut();
      return;
    }
    if (reply.state === "closed") {
      this.show(`Not saved. ${reply.message}`);
      this.page.say(reply.message);
      return;
    }
    this.tries = 0;
    const item = reply.items[this.id] ?? { state: "saved", revision: sent.rev, was: sent.was };
    if (item.state === "saved") this.acknowledged(item, sent, reply);
    else if (item.state === "conflict") this.conflict(item);
    else this.refused(item.message);
  }

  acknowledged(item, sent, reply) {
    this.field("rev").value = item.revision;
    this.field("was").value = item.was;
    this.problem("");
    const now = this.fields();
    if (now.q !== sent.q || now.note !== sent.note) {
      this.save();
      return;
    }
    this.waiting = false;
    this.page.kept.drop(this.id);
    this.show(`Saved ${clock.format(new Date(reply.at))}`);
    this.page.saved(reply.at, reply.progress);
  }

  refused(message) {
    this.show("Not saved.");
    this.problem(message);
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

  conflict(item) {
    this.theirs = item;
    const place = this.element.querySelector("[data-conflict]");
    place.innerHTML = item.html; // made by our own template, which escapes
    localTimes(place);
    this.element.classList.add("item--error");
    this.show("Not saved yet: choose which answer stands.");
    place.querySelector("button")?.focus();
  }

  choose(whose) {
    const theirs = this.theirs;
    if (!theirs) return this.page.form.requestSubmit(this.element.querySelector(`[data-choose="${whose}"]`));
    this.field("rev").value = theirs.revision;
    this.field("was").value = theirs.was;
    this.element.querySelector("[data-conflict]").replaceChildren();
    this.element.classList.remove("item--error");
    this.theirs = null;
    if (whose === "mine") return this.save();
    this.setAnswer({ q: theirs.theirs.raw, note: theirs.theirs.text });
    this.waiting = false;
    this.page.kept.drop(this.id);
    this.show("The other answer stands.");
    this.element.querySelector("input:checked, textarea")?.focus();
  }

  retry() {
    this.show("Not saved, we keep trying. Your answer is still here.");
    const pause = RETRY[Math.min(this.tries, RETRY.length - 1)];
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  show(words) {
    this.status.textContent = words;
  }
}
