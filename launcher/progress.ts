/** What a person sees of a start: one line a step with its time. */
export interface Progress {
  /** Runs one step and prints its line when it is done. `work` may return the text of the line; `name` is printed otherwise. */
  step<Result>(name: string, work: () => Promise<Result>, describe?: (result: Result) => string): Promise<Result>;
  /** A line that is no step: something ended, something is restarted. */
  say(text: string): void;
}

/** Progress on a stream; on a terminal the running step is shown until its line replaces it. */
export function openProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const running = new Set<string>();
  const erase = () => {
    if (out.isTTY && running.size > 0) out.write('\r\u001B[2K');
  };
  const draw = () => {
    if (out.isTTY && running.size > 0) out.write(`· ${[...running].join(', ')} …`.slice(0, Math.max(20, out.columns - 1)));
  };
  const print = (line: string) => {
    erase();
    out.write(`${line}\n`);
    draw();
  };
  return {
    async step(name, work, describe) {
      const begun = performance.now();
      erase();
      running.add(name);
      draw();
      try {
        const result = await work();
        erase();
        running.delete(name);
        out.write(`✓ ${(describe?.(result) ?? name).padEnd(62)} ${seconds(begun)}\n`);
        draw();
        return result;
      } catch (error) {
        erase();
        running.delete(name);
        out.write(`✗ ${name.padEnd(62)} ${seconds(begun)}\n`);
        draw();
        throw error;
      }
    },
    say: print,
  };
}

function seconds(begun: number): string {
  return `${((performance.now() - begun) / 1_000).toFixed(1)} s`;
}
