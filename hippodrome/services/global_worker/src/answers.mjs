// Answers that are given again for a moment: the same question, settings and rules have the same answer.

const KEPT_MAX = 500;

export class Answers {
  #kept = new Map(); // oldest first

  /** The answer for the key, or null when there is none that is younger than `ageMs`. */
  get(key, { ageMs, now }) {
    const known = this.#kept.get(key);
    return known && now - known.since < ageMs ? known.answer : null;
  }

  set(key, answer, now) {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, since: now });
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value);
  }
}
