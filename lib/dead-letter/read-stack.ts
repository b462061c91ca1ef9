/**
 * Stack traces as frameworks write them, read line by line in linear time: Java (causes after the frames, suppressed blocks indented),
 * JavaScript (one error, causes only as `[cause]`), Python (the root FIRST), .NET (causes in the head, frames three blanks deep). Messages can hold line breaks and false `Caused by:` lines.
 */
export interface ThrowableText {
  class: string;
  message: string | null;
  frames: string[];
}

export interface StackText {
  language: 'java' | 'javascript' | 'python' | 'dotnet' | 'unknown';
  /** Outermost first, root cause last. Empty where nothing was understood. */
  chain: ThrowableText[];
  /** Frames with no throwable before them: .NET's StackTrace property holds nothing else. */
  loose: string[];
}

const javaClass = /^[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*)+(?:\$[\p{L}\p{N}_$]+)*$/u;
const MAX_FRAMES = 400;
const MAX_CHAIN = 50;
/** No frame that a person reads is longer; what looks at one may then cost its square. */
const MAX_FRAME_CHARS = 512;

function splitHead(head: string): { class: string; message: string | null } | null {
  const at = head.indexOf(': ');
  const name = (at < 0 ? head : head.slice(0, at)).trim();
  if (name.length === 0 || name.length > 300 || /\s/u.test(name)) return null;
  return { class: name, message: at < 0 ? null : head.slice(at + 2) };
}

/**
 * Reads a stack trace. The result must not be changed: the next reader of the same trace gets it too. `messages` are messages known from elsewhere (a header): they are taken out first, so that a line break, a frame
 * or a `Caused by:` inside them is never taken for part of the trace. Never throws; what it does not understand is left out.
 */
export function readStack(stack: string, messages: readonly string[] = []): StackText {
  // Decoding and grouping read the same trace one after the other, and it is the longest text of a dead letter.
  if (latest.stack === stack && latest.messages.length === messages.length && messages.every((message, index) => message === latest.messages[index])) return latest.text;
  const text = readText(stack, messages);
  latest = { stack, messages: [...messages], text };
  return text;
}

let latest: { stack: string; messages: readonly string[]; text: StackText } = { stack: '', messages: [], text: { language: 'unknown', chain: [], loose: [] } };

function readText(stack: string, messages: readonly string[]): StackText {
  let body = stack;
  const held: string[] = [];
  for (const message of messages) {
    if (!message.includes('\n') || held.length > 20) continue;
    const mark = `\uE000${held.length}\uE000`;
    const trimmed = message.replace(/\s+$/u, '');
    if (!body.includes(trimmed)) continue;
    body = body.split(trimmed).join(mark);
    held.push(trimmed);
  }
  const restore = (value: string | null) =>
    value === null ? null : value.replace(/\uE000(\d+)\uE000/gu, (all, index: string) => held[Number(index)] ?? all);

  if (body.startsWith('Traceback (most recent call last)')) return readPython(body, restore);
  if (/^ {3}at \S/mu.test(body)) return readDotnet(body, restore);
  const javascript = /^ {4}at /mu.test(body) && !/^\tat /mu.test(body);

  const frameStart = javascript ? '    at ' : '\tat ';

  const chain: ThrowableText[] = [];
  let current: ThrowableText | null = null;
  let sawFrame = false;
  let first = true;
  let start = 0;
  while (start <= body.length) {
    let end = body.indexOf('\n', start);
    if (end < 0) end = body.length;
    const line = body.slice(start, body[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (first) {
      first = false;
      const head = splitHead(line.replace(/^Exception in thread "[^"]*" /u, ''));
      if (head) {
        current = { ...head, frames: [] };
        chain.push(current);
      }
      continue;
    }
    if (line.startsWith(frameStart)) {
      sawFrame = true;
      if (current && current.frames.length < MAX_FRAMES) current.frames.push(line.slice(frameStart.length, frameStart.length + MAX_FRAME_CHARS));
      continue;
    }
    if (/^\t\.\.\. \d+ /u.test(line)) {
      sawFrame = true;
      continue;
    }
    // Only a `Caused by:` that follows a frame is one; in a message it follows text. Suppressed blocks and their causes are indented.
    const cause = javascript ? /^ +\[cause\]: (.*)$/u.exec(line) : line.startsWith('Caused by: ') ? [line, line.slice(11)] : null;
    if (cause && sawFrame && chain.length < MAX_CHAIN) {
      const head = splitHead((cause[1] ?? '').replace(/ \{$/u, ''));
      if (head && (javascript || javaClass.test(head.class))) {
        current = { ...head, frames: [] };
        chain.push(current);
        sawFrame = javascript;
        continue;
      }
    }
    if (current && !sawFrame && current.frames.length === 0 && current.message !== null && !line.startsWith('\t')) current.message += `\n${line}`;
    else if (!line.startsWith('\t')) sawFrame = false;
  }
  for (const item of chain) item.message = restore(item.message);
  return { language: javascript ? 'javascript' : chain[0] && javaClass.test(chain[0].class) ? 'java' : 'unknown', chain, loose: [] };
}

/** .NET's ToString(): the causes stand in the head, each after ` ---> `; then the innermost one's frames first, each block ended by a marker. */
function readDotnet(body: string, restore: (value: string | null) => string | null): StackText {
  const chain: ThrowableText[] = [];
  const loose: string[] = [];
  let sawFrame = false;
  let at = -1;
  let start = 0;
  while (start <= body.length) {
    let end = body.indexOf('\n', start);
    if (end < 0) end = body.length;
    const line = body.slice(start, body[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (line.startsWith('   at ')) {
      sawFrame = true;
      const frames = at < 0 ? loose : chain[at]!.frames;
      if (frames.length < MAX_FRAMES) frames.push(line.slice(6, 6 + MAX_FRAME_CHARS));
    } else if (line.startsWith('   --- End of inner exception')) {
      if (at > 0) at--;
    } else if (!sawFrame && chain.length < MAX_CHAIN) {
      // A head may hold several: `A: m ---> B: n` (.NET Framework) or one a line (.NET).
      const cause = line.startsWith(' ---> ');
      for (const [index, part] of (cause ? line.slice(6) : line).split(' ---> ').entries()) {
        const head = cause || index > 0 || chain.length === 0 ? splitHead(part) : null;
        if (head && javaClass.test(head.class)) at = chain.push({ ...head, frames: [] }) - 1;
        else if (index === 0 && at >= 0 && chain[at]!.message !== null) chain[at]!.message += `\n${line}`;
        if (chain.length >= MAX_CHAIN) break;
      }
    }
  }
  for (const item of chain) item.message = restore(item.message);
  return { language: 'dotnet', chain, loose };
}

function readPython(body: string, restore: (value: string | null) => string | null): StackText {
  const blocks = body.split(/\n\n(?:The above exception was the direct cause of the following exception|During handling of the above exception, another exception occurred):\n\n/u);
  const chain: ThrowableText[] = [];
  for (const block of blocks.slice(0, MAX_CHAIN)) {
    const frames: string[] = [];
    let head: { class: string; message: string | null } | null = null;
    for (const line of block.split('\n')) {
      if (line.startsWith('  File ')) {
        if (frames.length < MAX_FRAMES) frames.push(line.slice(0, MAX_FRAME_CHARS).trim());
        head = null;
      } else if (!line.startsWith(' ') && head === null && !line.startsWith('Traceback')) {
        head = splitHead(line);
      }
    }
    if (head) chain.push({ class: head.class, message: restore(head.message), frames: frames.toReversed() });
  }
  // Python writes the root first; ours is outermost first.
  return { language: 'python', chain: chain.toReversed(), loose: [] };
}

const frameworkPrefixes = [
  'java.', 'javax.', 'jakarta.', 'jdk.', 'sun.', 'com.sun.', 'kotlin.', 'kotlinx.', 'scala.', 'groovy.', 'org.springframework.', 'org.apache.',
  'com.fasterxml.', 'tools.jackson.', 'io.smallrye.', 'io.quarkus.', 'io.vertx.', 'io.netty.', 'io.micronaut.', 'io.helidon.', 'io.opentelemetry.', 'reactor.',
  'org.hibernate.', 'com.zaxxer.', 'org.jboss.', 'org.aopalliance.', 'mutiny.',
];
const dotnetPrefixes = ['System.', 'Microsoft.', 'NServiceBus.', 'MassTransit.', 'Wolverine.', 'JasperFx.', 'Confluent.', 'lambda_method'];
/** `Shop.Orders.Charge(Order order) in /src/Charge.cs:line 31`; JavaScript's frames hold a position instead of parameters. */
const dotnetFrame = /^([\w.`+<>[\],]+)\([^()]*\)(?: in .*)?$/u;

/** Is this frame the application's own code, as far as its name tells (runtime, client libraries and well-known frameworks are not). */
export function isApplicationFrame(frame: string): boolean {
  // Java: `module/class.method(File.java:1)`; the module part only for the JDK and named modules.
  const name = frame.replace(/^(?:[\w.@-]*\/)+(?=[\w$.]+\()/u, '');
  if (/\((?:[\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source|<generated>)\)/u.test(frame)) {
    if (frame.startsWith('java.base/') || /\$\$(?:FastClass|EnhancerBy|SpringCGLIB|Lambda)/u.test(name)) return false;
    return !frameworkPrefixes.some((prefix) => name.startsWith(prefix));
  }
  if (dotnetFrame.test(frame) && !/:\d+:\d+\)$/u.test(frame)) return !dotnetPrefixes.some((prefix) => frame.startsWith(prefix));
  if (frame.includes('node_modules') || frame.includes('node:') || frame.includes('<anonymous>') || frame.includes('site-packages') || /\/lib\/python\d/u.test(frame)) return false;
  return true;
}

/** A frame without what changes between builds and runs: line numbers, lambda numbers, folders. Used for fingerprints and titles. */
export function frameName(frame: string): string {
  const java = /^(?:[\w.@-]*\/)*([\w$.<>]+)\((?:[^()]*)\)/u.exec(frame);
  if (java?.[1]) return java[1].replace(/\$\$?Lambda[$/].*?(?=\.|$)/gu, '$$Lambda').replace(/lambda\$([\w$]+)\$\d+/gu, 'lambda$$$1').replace(/\$\d+(?=\.|$)/gu, '$$n');
  const dotnet = /:\d+:\d+\)$/u.test(frame) ? null : dotnetFrame.exec(frame);
  // The compiler's names of lambdas and state machines count up from build to build: `<Handle>d__4.MoveNext`, `<>c__DisplayClass2_0`.
  if (dotnet?.[1]) return dotnet[1].replace(/__(?:DisplayClass)?[\d_]+/gu, '');
  const javascript = /^(?:async )?(?:(.*?) )?\(?((?:file:\/\/)?[^()]*?):\d+:\d+\)?$/u.exec(frame);
  if (javascript) {
    const file = (javascript[2] ?? '').split('/').pop() ?? '';
    return `${javascript[1] ?? 'anonymous'} (${file})`;
  }
  const python = /^File "([^"]*)", line \d+(?:, in (.*))?$/u.exec(frame);
  if (python) return `${python[2] ?? '<module>'} (${(python[1] ?? '').split('/').pop() ?? ''})`;
  return frame.slice(0, 200);
}
