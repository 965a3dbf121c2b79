// A log view: rows of one height, of which only those in sight exist; older lines load when they are scrolled to.

import { h, icon, iconButton, notice } from "./dom.js";
import { bytes, count, moment } from "./format.js";
import { call, follow } from "./live.js";
import { gapText, isMark, plain, row } from "./logline.js";

const ROW = 20; // px, as in logs.css
const MOST = 60_000; // items held; those at the far end are let go, and load again when they are scrolled to
const MARGIN = 12;
const FIRST = 120; // rows that a page load brings; more come when they are scrolled to
const NEAR = 25; // rows from the top at which older ones are asked for
const SEARCHES = 60; // windows without a match, after which the reader says whether to go on

export class LogPane {
  constructor({ ondraw } = {}) {
    this.ondraw = ondraw;
    this.items = [];
    this.rows = [];
    this.held = [];
    this.find = null;
    this.chosen = null;
    this.isPaused = false;
    this.top = h("p", { class: "top-note" }); // stands where one more row would be, above the first
    this.layer = h("div", { class: "layer" });
    this.space = h("div", { class: "space", role: "list" }, this.top, this.layer);
    this.view = h("div", { class: "lines", tabindex: "0", role: "region", "aria-label": "Log lines" }, this.space);
    this.pill = h("button", { type: "button", class: "pill", hidden: true, onclick: () => this.toNewest() });
    this.details = h("aside", { class: "line-details", hidden: true, "aria-label": "The chosen line" });
    this.element = h("div", { class: "log-pane" }, this.view, this.pill, this.details);
    this.view.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.view.addEventListener("click", (event) => this.clicked(event));
    this.view.addEventListener("keydown", (event) => this.keyed(event));
    this.sizes = new ResizeObserver(() => {
      if (this.isAtEnd) this.toEnd();
      this.draw();
    });
    this.sizes.observe(this.view);
  }

  // Shows the newest lines of `query` and follows; `find` is what to mark in them.
  async open(query, find = null) {
    this.query = new URLSearchParams(query);
    const turn = (this.turn = {});
    Object.assign(this, { items: [], held: [], find, unseen: 0, starts: "", until: null, hasMore: false });
    Object.assign(this, { isAtEnd: true, isDetached: false, isLoading: true, searched: 0, chosen: null, missed: 0 });
    this.details.hidden = true;
    this.resize();
    this.draw();
    const told = await this.ask({ count: FIRST }, turn);
    if (!told) return;
    this.ondraw?.(told);
    this.older(told);
    this.toEnd();
    this.ends = told.ends;
    const onlines = (news, ends) => {
      if (turn !== this.turn) return;
      this.ends = ends;
      this.take(news);
    };
    follow({ query: this.query, after: told.ends, onlines });
    this.fill();
  }

  close() {
    this.turn = null;
    this.sizes.disconnect();
  }

  async ask(given, turn) {
    const query = new URLSearchParams([...this.query, ...Object.entries(given)]);
    this.isLoading = true;
    for (;;) {
      try {
        const told = await call(`/api/logs?${query}`);
        this.isLoading = false;
        return turn === this.turn ? told : null;
      } catch (error) {
        if (turn !== this.turn) return null;
        this.isLoading = false;
        this.top.textContent = error.message;
        if (!(error instanceof TypeError)) return null;
        await new Promise((resolve) => setTimeout(resolve, 1500)); // the server is gone: it will come back
      }
    }
  }

  // Puts a window in front of what is shown, and keeps the line in sight where it is.
  older({ items, starts, since, has_more }) {
    Object.assign(this, { starts, until: since, hasMore: has_more });
    this.searched = items.length ? 0 : this.searched + 1;
    const before = this.view.scrollTop;
    this.items = items.concat(this.items);
    this.resize();
    this.view.scrollTop = before + items.length * ROW;
    if (this.items.length > MOST) {
      this.isDetached = true;
      this.items.length = MOST;
      this.resize();
    }
    this.draw();
  }

  async fill() {
    const turn = this.turn;
    while (turn === this.turn && this.hasMore && !this.isLoading && this.searched < SEARCHES && this.wantsOlder()) {
      const given = this.until === null ? { before: this.starts } : { before: this.starts, until: this.until };
      const told = await this.ask(given, turn);
      if (told) this.older(told);
      if (this.isAtEnd) this.toEnd();
    }
    this.draw();
  }

  wantsOlder() {
    return this.view.scrollTop < NEAR * ROW;
  }

  // New lines from the stream.
  take({ items, skipped }) {
    const gaps = Object.entries(skipped).map(([name, size]) =>
      [items[0]?.[0] ?? Date.now() / 1000, name, "gap", "", gapText(bytes(size))]);
    const news = gaps.concat(items);
    if (this.isPaused) {
      this.held.push(...news);
      if (this.held.length > MOST) this.held.splice(0, this.held.length - MOST);
      return this.draw();
    }
    if (this.isDetached) {
      this.missed += news.length;
      return this.draw();
    }
    this.items.push(...news);
    if (this.isAtEnd) this.letGo();
    else this.unseen += news.length;
    this.resize();
    if (this.isAtEnd) this.toEnd();
    return this.draw();
  }

  // The oldest go when there are too many; from the first that stays, older ones load again.
  letGo() {
    const many = this.items.length - MOST;
    if (many <= 0) return;
    this.items.splice(0, many + MOST / 10);
    // All of a service that has no line left is older than what stays.
    const places = new Map(this.ends.split(",").filter(Boolean).map((each) => each.split("=")));
    for (const item of this.items.toReversed()) if (!isMark(item)) places.set(item[1], `${item[4]}.${item[5]}`);
    this.starts = [...places].map((place) => place.join("=")).join(",");
    this.until = this.items[0]?.[0] ?? null;
    this.hasMore = true;
  }

  pause(isPaused) {
    this.isPaused = isPaused;
    if (!isPaused) {
      const held = this.held;
      this.held = [];
      this.take({ items: held, skipped: {} });
    }
    this.draw();
  }

  toNewest() {
    if (this.isDetached) return this.open(this.query, this.find);
    this.toEnd();
    return this.draw();
  }

  toEnd() {
    this.isAtEnd = true;
    this.unseen = 0;
    this.view.scrollTop = this.view.scrollHeight;
  }

  scrolled() {
    const left = this.view.scrollHeight - this.view.clientHeight - this.view.scrollTop;
    this.isAtEnd = left < ROW * 1.5 && !this.isDetached;
    if (this.isAtEnd) this.unseen = 0;
    if (!this.isWaiting) {
      this.isWaiting = true;
      requestAnimationFrame(() => {
        this.isWaiting = false;
        this.draw();
        this.searched = 0;
        if (this.wantsOlder()) this.fill();
      });
    }
  }

  resize() {
    this.space.style.height = `${(this.items.length + 1) * ROW}px`;
  }

  draw() {
    const first = Math.max(0, Math.floor(this.view.scrollTop / ROW) - MARGIN);
    const many = Math.min(this.items.length - first, Math.ceil(this.view.clientHeight / ROW) + 2 * MARGIN);
    while (this.rows.length < many) {
      this.rows.push(row());
      this.layer.append(this.rows.at(-1).element);
    }
    this.layer.style.transform = `translateY(${(first + 1) * ROW}px)`;
    this.rows.forEach((each, index) => {
      each.element.hidden = index >= many;
      if (index < many) each.draw(this.items[first + index], this.find, this.items[first + index] === this.chosen);
    });
    this.drawNotes();
  }

  drawNotes() {
    const oldest = this.items[0];
    const text = this.isLoading ? "Loading earlier lines…"
      : this.hasMore ? (this.searched >= SEARCHES ? "No match in what was searched; scroll up to go on." : "")
      : oldest ? `The beginning of what is kept, ${moment(oldest[0])}` : "No lines yet. What is written shows here at once.";
    if (this.top.textContent !== text) this.top.textContent = text;
    const waiting = this.isPaused ? this.held.length : this.isDetached ? this.missed : this.unseen;
    this.pill.hidden = this.isPaused ? !waiting : this.isAtEnd || !this.items.length;
    const words = this.isPaused ? `Paused, ${count(waiting, "new line")}`
      : this.unseen ? count(this.unseen, "new line") : "Newest";
    if (this.pill.dataset.words !== words) {
      this.pill.dataset.words = words;
      this.pill.replaceChildren(words, icon("down"));
    }
    this.onpaused?.();
  }

  clicked(event) {
    if (String(getSelection())) return;
    const place = this.rows.findIndex((each) => each.element.contains(event.target));
    const first = Math.max(0, Math.floor(this.view.scrollTop / ROW) - MARGIN);
    if (place >= 0) this.choose(first + place);
  }

  keyed(event) {
    const moves = { ArrowUp: -1, ArrowDown: 1 };
    const at = this.items.indexOf(this.chosen);
    if (event.key === "Escape") this.choose(-1);
    else if (event.key === "End") this.toNewest();
    else if (event.key in moves && at >= 0) this.choose(Math.min(this.items.length - 1, Math.max(0, at + moves[event.key])));
    else if (event.key === "Enter" && at < 0) this.choose(this.items.length - 1);
    else return;
    event.preventDefault();
  }

  choose(place) {
    this.chosen = this.items[place] === this.chosen ? null : this.items[place] ?? null;
    this.details.hidden = !this.chosen || isMark(this.chosen);
    if (!this.details.hidden) this.details.replaceChildren(...detailsOf(this.chosen, () => this.choose(-1)));
    if (this.chosen) {
      const top = (place + 1) * ROW;
      const { scrollTop, clientHeight } = this.view;
      if (top < scrollTop) this.view.scrollTop = top;
      else if (top + ROW > scrollTop + clientHeight) this.view.scrollTop = top + ROW - clientHeight;
    }
    this.draw();
  }
}

function detailsOf(item, close) {
  const text = plain(item[2]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    notice("Copied.", "good");
  };
  return [
    h("header", {},
      h("span", {}, h("b", {}, item[1]), ` ${moment(item[0])}${item[3] ? ` · ${item[3]}` : ""}`),
      h("span", {}, iconButton("copy", "Copy the line", copy), iconButton("close", "Close", close))),
    h("pre", { tabindex: "0" }, unfolded(text)),
  ];
}

// JSON in a line is easier to read on several.
function unfolded(text) {
  try {
    const told = JSON.parse(text);
    return typeof told === "object" ? JSON.stringify(told, null, 2) : text;
  } catch {
    return text;
  }
}
