// Vite's messages in the form that every service of the stack logs in.
import { stripVTControlCharacters } from "node:util";
import { createLogger, type Logger } from "vite";

/** One line an event: `LEVEL console: message`; further lines of a message are indented. */
export function logger(): Logger {
  const warned = new Set<string>();
  return {
    ...createLogger(),
    hasWarned: false,
    info: (message) => write("INFO", message),
    warn: (message) => write("WARNING", message),
    warnOnce(message) {
      if (!warned.has(message)) write("WARNING", message);
      warned.add(message);
    },
    error(message) {
      // The proxy says so itself, once and without a stack (see proxy.ts).
      if (!message.includes("http proxy error")) write("ERROR", message);
    },
    clearScreen() {},
  };
}

export function write(level: "INFO" | "WARNING" | "ERROR", message: string): void {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (lines.length > 0)
    process.stdout.write(`${level} console: ${lines.map((line) => line.trim()).join("\n  ")}\n`);
}
