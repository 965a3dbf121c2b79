// Asking the cell: the request's id and trace go along, and what fails is said.
import { ApiError } from "./errors.mjs";

const PATIENCE_MS = 10_000;
const BATCH = 1000; // hits in one answer of the cell

/** One index of the cell, asked for the sake of one request. */
export class Cell {
  /**
   * @param {string} url
   * @param {string} index
   * @param {Record<string, string>} headers that go along
   */
  constructor(url, index, headers) {
    Object.assign(this, { url, index, headers });
  }

  /**
   * The answer to a search.
   *
   * @throws {ApiError} with the cell's own status and words; 503 where nobody answers, 504 where it is late
   */
  async search(body) {
    const response = await this.#ask({ showHighlights: false, ...body });
    if (!response.ok) throw await refusal(response);
    const answer = await response.json();
    return { ...answer, hits: answer.hits.map(({ ecomBucket, _tensor_score, _lexical_score, ...shown }) => shown) };
  }

  /** As `search`, with so many of the first hits, however many answers they take. */
  async first(count, body) {
    const answer = await this.search({ ...body, limit: Math.min(count, BATCH), offset: 0 });
    const hits = [...answer.hits];
    while (hits.length < count && hits.length % BATCH === 0 && hits.length > 0) {
      const limit = Math.min(count - hits.length, BATCH);
      const { hits: more } = await this.search({ ...body, limit, offset: hits.length });
      hits.push(...more);
      if (more.length < limit) break;
    }
    return { ...answer, hits };
  }

  async #ask(body) {
    try {
      return await fetch(`${this.url}/indexes/${this.index}/search`, {
        method: "POST",
        headers: { "content-type": "application/json", ...this.headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }
}

function unreachable(url, error) {
  if (error.name === "TimeoutError") {
    return new ApiError(504, "upstream_timeout", `The cell at ${url} took too long.`, { kind: "timeout" });
  }
  const message = `The cell at ${url} does not answer: ${error.message}`;
  return new ApiError(503, "upstream_unavailable", message, { kind: "unavailable" });
}

async function refusal(response) {
  const text = await response.text();
  try {
    const { message, code, type } = JSON.parse(text);
    if (message && code) return new ApiError(response.status, code, message, { kind: type });
  } catch {
    // said below, in its own words
  }
  const message = `The cell answered ${response.status}: ${text.slice(0, 300)}`;
  return new ApiError(response.status, "upstream_error", message, { kind: "upstream" });
}
