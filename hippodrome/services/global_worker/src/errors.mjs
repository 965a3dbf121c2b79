// Errors as Marqo answers them: message, code, type, link.

/** Answered with `status`; `at` is the path of the field that is wrong. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {{kind?: string, at?: string[]}} [more]
   */
  constructor(status, code, message, { kind = "invalid_request", at = [] } = {}) {
    super(message);
    Object.assign(this, { status, code, kind, at });
  }

  get body() {
    const told = { message: this.message, code: this.code, type: this.kind, link: null };
    const detail = [{ loc: this.at, msg: this.message, type: "value_error" }];
    return this.at.length ? { ...told, detail } : told;
  }
}

/** What a mistake of the worker's own, or of a value in its store, is answered with; the log has the rest. */
export function asApiError(error) {
  if (error instanceof ApiError) return error;
  console.error(`ERROR global_worker: ${error.stack ?? error}`.replaceAll("\n", "\n  "));
  return new ApiError(500, "internal", `${error.name}; the log says more.`, { kind: "internal" });
}
