import { Item } from "./item.js";
import { Kept } from "./kept.js";
import { savedAt, send } from "./sending.js";

const TYPING_PAUSE = 900; // milliseconds without a key before a note is saved

/** All questions of one page. */
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
    this.leaving = false;
    this.elsewhere = false; // an answer of another page is not saved yet
  }

  start() {
    this.form.addEventListener("change", (event) => this.itemOf(event)?.changed(0));
    this.form.addEventListener("input", (event) => {
      if (event.target.matches('textarea, input[type="text"]')) this.itemOf(event)?.changed(TYPING_PAUSE);
    });
    this.form.addEventListener("click", (event) => this.choose(event));
    this.form.addEventListener("submit", (event) => this.goOn(event));
    window.addEventListener("online", () => this.unsaved().forEach((item) => item.save()));
    window.addEventListener("pagehide", () => this.unsaved().forEach((item) => item.save()));
    window.addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.unsaved().some((item) => item.trouble)) event.preventDefault();
    });
    this.restore();
    this.saveEarly();
  }

  itemOf(event) {
    return this.items.get(event.target.closest("[data-item]")?.dataset.item);
  }

  unsaved() {
    return [...this.items.values()].filter((item) => item.waiting);
  }

  send(item, fields) {
    return send(this.form, item, fields);
  }

  /** What an earlier visit could not save goes back into the form, or is sent from here, and is saved again. */
  restore() {
    for (const { item, fields } of this.kept.acknowledged()) if (fields) this.items.get(item)?.catchUp(fields);
    for (const { item, fields, slug } of this.kept.all()) {
      if (!fields || this.items.get(item)?.hasArrived(fields)) this.kept.drop(item);
      else if (this.items.has(item)) this.items.get(item).restore(fields);
      else this.sendForElsewhere(item, fields, slug);
    }
  }

  /** On a slow connection somebody answers before this script is there: their clicks are saved now. */
  saveEarly() {
    for (const item of this.items.values()) if (item.early.length && !item.waiting) item.changed(0);
  }

  async sendForElsewhere(item, fields, slug) {
    const reply = await this.send(item, fields);
    if (reply?.items?.[item]?.state === "saved") {
      this.kept.drop(item);
      return;
    }
    this.elsewhere = true;
    this.say(`Your answer to ${item} is not saved yet.`, { text: "Go there to save it", href: `./${slug}#item-${item}` });
  }

  choose(event) {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    event.preventDefault();
    this.itemOf(event)?.choose(button);
  }

  /** To the next page only when everything on this one is saved. */
  async goOn(event) {
    const waiting = this.unsaved();
    if (this.leaving || !waiting.length) {
      this.leaving = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    await Promise.all(waiting.map((item) => item.save()));
    const [first] = this.unsaved();
    if (!first) {
      this.leaving = true;
      this.form.requestSubmit(button);
    } else if (first.trouble === "offline") {
      const why = first.reason || "There is no connection.";
      this.say(`${why} Your answers are still here, and we keep trying. Go on when they are saved.`);
    } else if (first.trouble !== "conflict") first.focus();
  }

  stopped(reply) {
    if (reply.state === "reload") {
      this.say(reply.message, { text: "Load the page again to save it", href: this.form.dataset.signIn });
      return;
    }
    if (reply.state !== "signed_out") {
      this.say(reply.message);
      return;
    }
    this.say("You are signed out. Your answers are still here and will be saved when you", {
      text: "sign in again",
      href: this.form.dataset.signIn,
    });
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
      anchor.addEventListener("click", () => (this.leaving = true));
      words.append(" ", anchor);
    }
    body.append(words);
    box.append(body);
    this.alert.replaceChildren(box);
  }

  saved(reply) {
    this.at = reply.at;
    if (!this.unsaved().length && !this.elsewhere) this.alert.replaceChildren();
    const { answered, total } = reply.progress;
    const words = document.querySelector("[data-progress-words]");
    if (words) words.textContent = `${answered} of ${total} answered`;
    if (reply.asked?.length) this.showAsked(reply.asked);
    const step = document.querySelector("[data-step]");
    if (step) step.value = this.answeredHere();
  }

  /** An answer may lead past questions of this page, or back to them. */
  showAsked(asked) {
    this.items.forEach((item, id) => (item.element.hidden = !asked.includes(id)));
    if (asked.some((id) => !this.items.has(id)) && !this.unsaved().length) {
      this.leaving = true;
      window.location.reload();
    }
  }

  answeredHere() {
    const required = [...this.items.values()].filter((item) => "required" in item.element.dataset);
    return required.length ? required.filter((item) => item.answered).length : 1;
  }

  /** One line for the whole page, in view while the items scroll by. */
  refresh() {
    const unsaved = this.unsaved();
    const troubled = unsaved.some((item) => item.trouble);
    if (troubled) this.pageStatus.textContent = "Not everything is saved yet.";
    else if (!unsaved.length && this.at) this.pageStatus.textContent = savedAt(this.at);
  }
}
