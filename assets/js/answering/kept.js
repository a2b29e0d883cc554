// Answers that the server has not acknowledged, kept in this browser under the person who typed them: nobody
// else who signs in here is shown them.
const PREFIX = "tandem.unsaved";
const DAYS_KEPT = 14;

// And for a minute those that it has just acknowledged: a page that was made before the save arrived, and
// opened after, does not have them yet.
const JUST_SAVED = "tandem.saved";
const MINUTE = 60 * 1000;

export class Kept {
  constructor(person, response) {
    this.prefix = `${PREFIX}.${person}.${response}.`;
    this.saved = `${JUST_SAVED}.${person}.${response}.`;
    this.dropOld(`${PREFIX}.`, DAYS_KEPT * 24 * 60 * MINUTE);
    this.dropOld(`${JUST_SAVED}.`, MINUTE);
  }

  put(item, fields, slug) {
    this.write(this.prefix + item, JSON.stringify({ fields, slug, at: Date.now() }));
  }

  drop(item) {
    this.remove(this.prefix + item);
  }

  /** The server has it, under the revision that these fields name. */
  acknowledge(item, fields) {
    this.drop(item);
    const key = this.saved + item;
    this.write(key, JSON.stringify({ fields, at: Date.now() }));
    setTimeout(() => this.remove(key), MINUTE);
  }

  /** [{item, fields}] acknowledged within the last minute. */
  acknowledged() {
    return this.keys(this.saved).map((key) => ({ item: key.slice(this.saved.length), ...this.read(key) }));
  }

  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // storage is switched off: there was nothing kept either
    }
  }

  /** [{item, fields, slug}] of this person and form. */
  all() {
    return this.keys(this.prefix).map((key) => ({ item: key.slice(this.prefix.length), ...this.read(key) }));
  }

  keys(prefix) {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  }

  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return {};
    }
  }

  write(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // full or switched off: the page itself still holds the answer and goes on trying
    }
  }

  dropOld(prefix, age) {
    const oldest = Date.now() - age;
    for (const key of this.keys(prefix)) {
      if ((this.read(key).at ?? 0) < oldest) this.remove(key);
    }
  }
}
