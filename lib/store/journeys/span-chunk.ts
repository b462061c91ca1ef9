import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

// A chunk is one byte of version and one zstd frame of text: in the first line the resources as [how many spans, row id], then a line for each
// span (packAttributes). Compressed together, a span's attributes take a small part of what they take alone: they repeat from span to span.
const VERSION = 1;
/** Stored chunks are far below; one that unpacks to more is not ours. */
const MOST_BYTES = 256 * 1024 * 1024;
/** The fastest level: of the attributes of nine real instrumentations 3 takes off as much, 6 a fifth more for fifteen times the work. */
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** So many spans in a row are of the resource with this row id. */
export type ChunkRun = [count: number, resourceId: bigint];

export interface ChunkLine {
  resourceId: bigint;
  /** packAttributes; one line. */
  attributes: string;
}

/** What is stored of the spans of one commit beyond their columns. @param lines packAttributes of each in UTF-8, with a newline in front */
export async function packChunk(runs: readonly ChunkRun[], lines: readonly Buffer[]): Promise<Buffer> {
  const head = Buffer.from(JSON.stringify(runs.map(([count, resourceId]) => [count, String(resourceId)])));
  return Buffer.concat([Buffer.of(VERSION), await compress(Buffer.concat([head, ...lines]), OPTIONS)]);
}

/** One span's part of a chunk. @throws Error where the bytes are not what packChunk made */
export async function readChunk(bytes: Buffer, place: number): Promise<ChunkLine> {
  if (bytes[0] !== VERSION) throw new Error(`This span was stored by a newer Waybill (format ${bytes[0] ?? 'none'}): update this one.`);
  const text = (await decompress(bytes.subarray(1), { maxOutputLength: MOST_BYTES })).toString('utf8');
  const lines = text.split('\n', place + 2);
  let left = place;
  for (const [count, resourceId] of JSON.parse(lines[0]!) as [number, string][]) {
    if (left < count) return { resourceId: BigInt(resourceId), attributes: lines[place + 1]! };
    left -= count;
  }
  throw new Error(`The chunk holds no span at ${place}.`);
}
