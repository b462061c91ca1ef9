/** Compact JSON text with a line for each value. Nothing in it is parsed: numbers stay as they are spelled. */
export function indentJson(text: string): string {
  const out: string[] = [];
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!;
    if (sign === '"') {
      const from = at;
      for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
      out.push(text.slice(from, at + 1));
    } else if ((sign === '{' && text[at + 1] === '}') || (sign === '[' && text[at + 1] === ']')) {
      out.push(text.slice(at, at + 2));
      at += 1;
    } else if (sign === '{' || sign === '[') {
      depth += 1;
      out.push(sign, line());
    } else if (sign === '}' || sign === ']') {
      depth -= 1;
      out.push(line(), sign);
    } else if (sign === ',') {
      out.push(sign, line());
    } else out.push(sign === ':' ? ': ' : sign);
  }
  return out.join('');
}
