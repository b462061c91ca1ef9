/** Topics that hold dead letters where nothing is configured: names seen in the wild (docs/header-dialects.md). `*` stands for any text. */
export const defaultDlqPatterns: readonly string[] = [
  '*-dlt', '*.dlt', '*-DLT', '*.DLT', '*-dlq', '*.dlq', '*_dlq', '*-DLQ', '*.DLQ', '*_DLQ', 'dlq-*', 'dead-letter*', '*_poisoned', '*.errors', '*-error', 'error.*', '*.parked',
];

/** Topics whose records will be tried again: successors of a replay may lie here, but they are no dead letters. */
export const defaultRetryPatterns: readonly string[] = ['*-retry', '*-retry-*', '*.retry', '*.retry.*', '*_retry', '*_retry_*'];

/** Turns patterns (`*` any text, a leading `!` takes back) into a test of topic names. Kafka's own topics never match. */
export function topicMatcher(patterns: readonly string[]): (topic: string) => boolean {
  const compile = (pattern: string) => {
    const parts = pattern.split(/\*+/u);
    return (topic: string) => {
      // Greedy search part by part: linear, where a regular expression of the user's stars could backtrack.
      if (parts.length === 1) return topic === pattern;
      const first = parts[0] ?? '';
      const last = parts.at(-1) ?? '';
      if (topic.length < first.length + last.length || !topic.startsWith(first) || !topic.endsWith(last)) return false;
      let at = first.length;
      for (const part of parts.slice(1, -1)) {
        const found = topic.indexOf(part, at);
        if (found < 0 || found + part.length > topic.length - last.length) return false;
        at = found + part.length;
      }
      return true;
    };
  };
  const yes = patterns.filter((pattern) => pattern !== '' && !pattern.startsWith('!')).map(compile);
  const no = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => compile(pattern.slice(1)));
  return (topic) => !topic.startsWith('__') && yes.some((match) => match(topic)) && !no.some((match) => match(topic));
}
