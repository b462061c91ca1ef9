import { appendFileSync, renameSync, statSync } from 'node:fs';

const MAX_BYTES = 10 * 1024 * 1024;
const TAIL_LINES = 12;

/** A bounded log of one child: at most two files of 10 MB; the last lines are kept to explain a failure. */
export class LogFile {
  readonly #path: string | null;
  readonly #echo: NodeJS.WritableStream | null;
  #bytes: number;
  #tail: string[] = [];

  /** @param path null where the lines only go to `echo` */
  constructor(path: string | null, echo: NodeJS.WritableStream | null = null) {
    this.#path = path;
    this.#echo = echo;
    try {
      this.#bytes = path === null ? 0 : statSync(path).size;
    } catch {
      this.#bytes = 0;
    }
  }

  write(chunk: Buffer): void {
    this.#tail = [...this.#tail, ...chunk.toString('utf8').split('\n').filter((line) => line.trim() !== '')].slice(-TAIL_LINES);
    this.#echo?.write(chunk);
    if (this.#path === null) return;
    try {
      if (this.#bytes + chunk.byteLength > MAX_BYTES) {
        renameSync(this.#path, `${this.#path}.1`);
        this.#bytes = 0;
      }
      appendFileSync(this.#path, chunk, { mode: 0o600 });
      this.#bytes += chunk.byteLength;
    } catch {
      // A full disk must not end the supervisor; what it supervises will say so itself.
    }
  }

  /** Where the log is and how it ends. */
  explain(): string {
    const end = this.#tail.map((line) => `\n    ${line.slice(0, 400)}`).join('');
    return this.#path === null ? `It said last:${end}` : `Its log is ${this.#path}${end === '' ? '.' : ` and ends:${end}`}`;
  }
}
