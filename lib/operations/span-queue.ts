import { internResources, type ResourceRow } from '#lib/store/journeys/intern-resources.ts';
import { type BatchToInsert, insertSpans } from '#lib/store/journeys/insert-spans.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { OtlpRefusal } from '#lib/otlp/refusal.ts';
import type { Clock } from '#lib/clock.ts';
import { errorText } from '#lib/errors.ts';
import type { PreparedSpans } from './prepare-spans.ts';
import { ProducerSightings } from './producer-sightings.ts';

export interface SpanCounts {
  /** Spans of requests that were answered with success: stored + duplicate + rejected. */
  accepted: number;
  stored: number;
  duplicate: number;
  rejected: number;
  /** Spans of requests that were refused because the queue was full or the store down; their senders try again. */
  refused: number;
}

export interface SpanQueueOptions {
  store: Store;
  clock: Clock;
  /** Spans that may wait, and the memory they may take; beyond either the next request is answered 429. */
  mostWaiting: number;
  mostWaitingBytes?: number;
  /** Spans of one statement. */
  mostPerCommit: number;
  /** Statements at a time. */
  writers: number;
  onStored: (stored: number) => void;
  onFailure: (error: unknown) => void;
}

export interface StoreResult {
  rejected: number;
  errorMessage: string;
}

interface Entry {
  prepared: PreparedSpans;
  resolve: (result: StoreResult) => void;
  reject: (error: unknown) => void;
}

const restMs = 1_000;
const mostWaitingBytes = 64 * 1024 * 1024;
const mostResources = 20_000;

/**
 * Spans on their way to the store. Requests that arrive while a statement runs share the next one (group commit), and each
 * is answered only after the commit that holds its spans. Bounded: a full queue refuses, and a store that failed is left
 * alone for a second before it is tried again.
 */
export class SpanQueue {
  readonly counts: SpanCounts = { accepted: 0, stored: 0, duplicate: 0, rejected: 0, refused: 0 };
  private readonly options: SpanQueueOptions;
  private readonly entries: Entry[] = [];
  private readonly resourceIds = new Map<string, bigint>();
  private readonly producers = new ProducerSightings();
  private waitingSpans = 0;
  private waitingBytes = 0;
  private writing = 0;
  private downUntilMs = 0;
  private failure: string | null = null;
  private isFull = false;
  private idle: (() => void)[] = [];

  constructor(options: SpanQueueOptions) {
    this.options = options;
  }

  get waiting(): number {
    return this.waitingSpans;
  }

  /** Why spans could not be stored the last time; null once they could. */
  get storeFailure(): string | null {
    return this.failure;
  }

  /** Whether a request would be refused right now: asked before its body is read. @throws OtlpRefusal 429, 503 */
  admit(): void {
    if (this.waitingSpans >= this.options.mostWaiting || this.waitingBytes >= (this.options.mostWaitingBytes ?? mostWaitingBytes)) throw new OtlpRefusal(429, 'The receiver has more spans waiting than it can store. Send slower.', 1);
    if (performance.now() < this.downUntilMs) throw this.refusal();
  }

  /** Resolves once the spans are committed. @throws OtlpRefusal 429, 503 */
  async store(prepared: PreparedSpans): Promise<StoreResult> {
    const count = prepared.spanCount - prepared.rejected;
    if (count === 0) {
      this.counts.accepted += prepared.spanCount;
      this.counts.rejected += prepared.rejected;
      return { rejected: prepared.rejected, errorMessage: prepared.errorMessage };
    }
    try {
      this.admit();
    } catch (error) {
      this.counts.refused += prepared.spanCount;
      throw error;
    }
    this.waitingSpans += count;
    this.waitingBytes += prepared.bytes;
    return new Promise((resolve, reject) => {
      this.entries.push({ prepared, resolve, reject });
      this.start();
    });
  }

  /** Resolves when nothing waits and nothing is being written. */
  async drained(): Promise<void> {
    if (this.entries.length === 0 && this.writing === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private start(): void {
    while (this.writing < this.options.writers && this.entries.length > 0) {
      const batch: Entry[] = [];
      let spans = 0;
      let bytes = 0;
      while (this.entries.length > 0) {
        const next = this.entries[0]!.prepared;
        const count = next.spanCount - next.rejected;
        if (batch.length > 0 && spans + count > this.options.mostPerCommit) break;
        batch.push(this.entries.shift()!);
        spans += count;
        bytes += next.bytes;
      }
      this.writing++;
      void this.write(batch).finally(() => {
        this.writing--;
        this.waitingSpans -= spans;
        this.waitingBytes -= bytes;
        this.start();
        if (this.entries.length === 0 && this.writing === 0) for (const done of this.idle.splice(0)) done();
      });
    }
  }

  private async write(batch: Entry[]): Promise<void> {
    try {
      const stored = await this.insert(batch);
      this.failure = null;
      this.settle(batch, stored);
    } catch (error) {
      if (isAboutTheData(error)) {
        await this.writeApart(batch, error);
        return;
      }
      this.downUntilMs = performance.now() + restMs;
      this.failure = errorText(error);
      this.isFull = isAboutRoom(error);
      this.options.onFailure(error);
      for (const entry of batch) {
        this.counts.refused += entry.prepared.spanCount;
        entry.reject(this.refusal());
      }
    }
  }

  private refusal(): OtlpRefusal {
    return new OtlpRefusal(503, `${this.isFull ? 'The disk of the store is full' : 'The store does not answer'}. Nothing of this request was kept.`, 2);
  }

  /** One request's spans must not sink those of the others in the same statement. */
  private async writeApart(batch: Entry[], cause: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const entry of batch) await this.write([entry]);
      return;
    }
    this.options.onFailure(cause);
    const { prepared, resolve } = batch[0]!;
    this.counts.accepted += prepared.spanCount;
    this.counts.rejected += prepared.spanCount;
    resolve({ rejected: prepared.spanCount, errorMessage: `The store refuses these spans: ${errorText(cause)}` });
  }

  private settle(batch: Entry[], stored: number): void {
    let given = 0;
    for (const { prepared } of batch) {
      given += prepared.spanCount - prepared.rejected;
      this.counts.accepted += prepared.spanCount;
      this.counts.rejected += prepared.rejected;
    }
    this.counts.stored += stored;
    this.counts.duplicate += given - stored;
    for (const { prepared, resolve } of batch) resolve({ rejected: prepared.rejected, errorMessage: prepared.errorMessage });
    if (stored > 0) this.options.onStored(stored);
  }

  private async insert(batch: Entry[]): Promise<number> {
    const { store, clock } = this.options;
    const unknown = new Map<string, ResourceRow>();
    for (const { prepared } of batch) for (const row of prepared.resources) if (!this.resourceIds.has(row.hash)) unknown.set(row.hash, row);
    if (unknown.size > 0) {
      if (this.resourceIds.size + unknown.size > mostResources) this.resourceIds.clear();
      for (const { prepared } of batch) for (const row of prepared.resources) if (!this.resourceIds.has(row.hash)) unknown.set(row.hash, row);
      for (const [hash, id] of await internResources(store, [...unknown.values()])) this.resourceIds.set(hash, id);
    }
    const batches = batch.flatMap(({ prepared }) => {
      const resourceIds = prepared.resources.map(({ hash }) => this.resourceIds.get(hash)!);
      return prepared.batches.map((each): BatchToInsert => ({ batch: each, resourceIds }));
    });
    const stored = await this.insertBatches(batches);
    await this.producers.note(store, batch.flatMap(({ prepared }) => prepared.producers), clock.now().getTime());
    return stored;
  }

  private async insertBatches(batches: readonly BatchToInsert[]): Promise<number> {
    const { store, clock } = this.options;
    try {
      return await insertSpans(store, batches, clock.now());
    } catch (error) {
      if ((error as { code?: string }).code !== '23514') throw error;
      // A day without a partition: the first span of a day long past, or of tomorrow.
      for (const day of new Set(batches.map(({ batch }) => batch.day))) {
        for (const table of ['span', 'span_chunk', 'span_event']) await ensurePartitions(store, table, new Date(`${day}T00:00:00Z`), new Date(`${day}T00:00:00Z`));
      }
      return insertSpans(store, batches, clock.now());
    }
  }
}

/** SQLSTATE 53100 disk_full; where the log of changes has no room, the database ends itself and what is left is a broken connection. */
function isAboutRoom(error: unknown): boolean {
  return (error as { code?: unknown }).code === '53100';
}

/** SQLSTATE classes 22 (data), 23 (constraint) and 54 (limit): no later attempt will do better. */
function isAboutTheData(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code) && code !== '23514';
}
