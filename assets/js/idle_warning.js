// Before a sign-in ends this says so, while there is time to stay or to finish. The server is asked how long is
// left, which is no visit: so it holds over several tabs, after a sleep of the computer, and with every clock.
const FIRST_ASKED = 20; // seconds after the page was opened; most pages are left before
const WHILE_OPEN = 15; // seconds between questions while the warning stands
const AFTER_TROUBLE = 60;
const TICK = 1000; // milliseconds
const MINUTE = 60;

const minutes = (seconds) => {
  const count = Math.max(1, Math.ceil(seconds / MINUTE));
  return count === 1 ? "1 minute" : `${count} minutes`;
};

const WORDS = {
  idle: (left) => [
    "Are you still there?",
    `You will be signed out in ${minutes(left)}, because no page was opened and nothing was saved for a long time. What you typed is kept in any case.`,
  ],
  absolute: (left) => [
    "You must sign in again soon",
    `No sign-in lasts for ever: yours ends in ${minutes(left)} and cannot be made longer. Finish what you are at, or sign in again afterwards: what you typed is kept.`,
  ],
  ended: () => [
    "You are signed out",
    "What you typed is still on this page. Sign in in a new tab and come back here, or press the button of the form: you are asked to sign in, and what you typed is carried over.",
  ],
};

export class IdleWarning {
  constructor(dialog) {
    this.dialog = dialog;
    this.title = dialog.querySelector("[data-session-title]");
    this.words = dialog.querySelector("[data-session-words]");
    this.stayButton = dialog.querySelector("[data-session-stay]");
    this.signIn = dialog.querySelector("[data-session-sign-in]");
    this.kind = "";
    this.dismissed = ""; // the kind of warning that was closed: it is not shown twice
    this.asking = false;
    this.askIn(FIRST_ASKED);
  }

  start() {
    setInterval(() => this.tick(), TICK);
    document.addEventListener("visibilitychange", () => this.tick());
    this.stayButton.addEventListener("click", () => this.stay());
    this.dialog.addEventListener("cancel", () => this.dismiss());
    this.dialog.querySelector("[data-session-close]").addEventListener("click", () => {
      this.dismiss();
      this.dialog.close();
    });
    this.tabs = new BroadcastChannel("tandem-session");
    this.tabs.addEventListener("message", () => this.askIn(0));
  }

  dismiss() {
    this.dismissed = this.kind;
    this.kind = "";
  }

  askIn(seconds) {
    this.askAt = Date.now() + seconds * 1000;
  }

  /** By the clock and not by a timer's length: a computer that slept asks when it wakes. */
  tick() {
    if (Date.now() >= this.askAt && !this.asking && !document.hidden) this.ask();
  }

  async ask() {
    this.asking = true;
    try {
      const reply = await fetch(this.dialog.dataset.timeLeft, { headers: { Accept: "application/json" } });
      this.heard(await reply.json());
    } catch {
      this.askIn(AFTER_TROUBLE); // no connection: nothing is known, and nothing is said
    } finally {
      this.asking = false;
    }
  }

  heard(left) {
    this.token = left.csrf_token;
    if (left.state === "signed_out") return this.show("ended", 0);
    const seconds = Math.min(left.idle, left.absolute);
    if (seconds > left.warn) return this.quiet(seconds - left.warn);
    return this.show(left.idle < left.absolute ? "idle" : "absolute", seconds);
  }

  quiet(seconds) {
    this.kind = "";
    this.dismissed = "";
    if (this.dialog.open) this.dialog.close();
    this.askIn(seconds + 1);
  }

  show(kind, seconds) {
    this.askIn(kind === "ended" ? AFTER_TROUBLE : WHILE_OPEN);
    if (kind === this.dismissed) return;
    const [title, words] = WORDS[kind](seconds);
    if (this.words.textContent !== words) this.words.textContent = words;
    if (kind === this.kind) return;
    if (this.dialog.open) this.dialog.close(); // opened anew, it is read out anew
    this.kind = kind;
    this.title.textContent = title;
    this.stayButton.hidden = kind !== "idle";
    this.signIn.hidden = kind !== "ended";
    this.dialog.showModal(); // with the words already in it, so that they are read out
  }

  async stay() {
    const body = new URLSearchParams({ csrf_token: this.token ?? "" });
    const headers = { "X-Background-Save": "1" };
    try {
      const reply = await fetch(this.dialog.dataset.stay, { method: "POST", body, headers });
      const left = await reply.json();
      this.heard(left);
      this.tabs.postMessage("stayed");
    } catch {
      this.words.textContent = "There is no connection just now. Try again; what you typed is kept.";
    }
  }
}

/** On pages of people who are signed in. */
export function idleWarning(root) {
  const dialog = root.querySelector("dialog[data-session-warning]");
  if (dialog) new IdleWarning(dialog).start();
}
