import type { ReactNode } from 'react';
import { formatBytes } from '#components/format.ts';

interface HeadersTableProps {
  headers: readonly (readonly [string, string | null])[];
  /** The names' bytes, where one is not valid UTF-8. */
  namesBase64: readonly string[] | null;
  /** The bytes expired. */
  gone: boolean;
}

const SHOWN_CHARS = 2_000;
const SHOWN_ROWS = 500;

/** Headers in the order of the wire, repeats kept; null and empty are told apart; bytes that are no text are shown in hex. */
export function HeadersTable({ headers, namesBase64, gone }: HeadersTableProps): ReactNode {
  if (gone) return <p className="text-muted">The headers have expired with the stored bytes.</p>;
  if (headers.length === 0) return <p className="text-muted">The record has no headers.</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it
    <section tabIndex={0} aria-label="Headers" className="panel overflow-x-auto">
      <table className="w-full border-separate border-spacing-0 text-xs">
        <thead>
          <tr className="text-left text-muted">
            <th scope="col" className="w-10 border-b border-line px-2.5 py-1.5 text-right font-medium">
              #
            </th>
            <th scope="col" className="border-b border-line px-2.5 py-1.5 font-medium">
              Name
            </th>
            <th scope="col" className="border-b border-line px-2.5 py-1.5 font-medium">
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {headers.slice(0, SHOWN_ROWS).map(([name, value], index) => (
            // oxlint-disable-next-line react/no-array-index-key -- headers of one record never change places, and names repeat
            <tr key={index} className="align-top">
              <td className="border-b border-line px-2.5 py-1.5 text-right text-muted">{index + 1}</td>
              <td className="max-w-72 border-b border-line px-2.5 py-1.5 font-mono [overflow-wrap:anywhere]" title={namesBase64 ? `bytes in base64: ${namesBase64[index] ?? ''}` : undefined}>
                {name === '' ? <em className="text-muted">empty name</em> : name}
              </td>
              <td className="min-w-48 border-b border-line px-2.5 py-1.5 font-mono">
                <HeaderValue value={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {headers.length > SHOWN_ROWS ? <p className="px-2.5 py-2 text-muted">{headers.length - SHOWN_ROWS} more headers are kept; the API gives them all.</p> : null}
    </section>
  );
}

function HeaderValue({ value }: { value: string | null }): ReactNode {
  if (value === null) return <em className="text-muted">null</em>;
  if (value === '') return <em className="text-muted">empty</em>;
  const bytes = Buffer.from(value, 'base64');
  const text = readableText(bytes);
  if (text === null) {
    const number = bytes.length === 4 ? bytes.readInt32BE().toString() : bytes.length === 8 ? bytes.readBigInt64BE().toString() : null;
    return (
      <span className="break-all">
        {bytes.subarray(0, 256).toString('hex').replaceAll(/(..)(?=.)/g, '$1 ')}
        {bytes.length > 256 ? ' …' : ''}
        <span className="ml-2 font-sans whitespace-nowrap text-muted">
          {formatBytes(bytes.length)}
          {number === null ? '' : `, as a big-endian number ${number}`}
        </span>
      </span>
    );
  }
  if (text.length <= 300 && !text.includes('\n')) return <span className="[overflow-wrap:anywhere]">{text}</span>;
  return (
    <details>
      <summary className="[overflow-wrap:anywhere]">{text.split('\n', 1)[0]?.slice(0, 200)}…</summary>
      <pre className="mt-1 max-h-80 overflow-auto whitespace-pre-wrap [overflow-wrap:anywhere]">
        {text.slice(0, SHOWN_CHARS * 10)}
        {text.length > SHOWN_CHARS * 10 ? '…' : ''}
      </pre>
    </details>
  );
}

/** The bytes as text, or null where they are none: not UTF-8, or control characters in them. */
function readableText(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}
