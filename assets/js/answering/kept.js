// Answers that the server has not acknowledged, kept in this browser under the person who typed them: nobody
// else who signs in here is shown them.
const PREFIX = "tandem.unsaved";
const DAYS_KEPT = 14;

export class Kept {
  constructor(person, response) {
    this.prefix = `${PREFIX}.${person}.${response}.`;
    this.dropOld();
  }

  put(item, fields, slug) {
    this.write(this.prefix + item, JSON.stringify({ fields, slug, at: Date.now() }));
  }

  drop(item) {
    try {
      localStorage.removeItem(this.prefix + item);
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

  dropOld() {
    const oldest = Date.now() - DAYS_KEPT * 24 * 3600 * 1000;
    for (const key of this.keys(`${PREFIX}.`)) {
      if ((this.read(key).at ?? 0) < oldest) localStorage.removeItem(key);
    }
  }
}
