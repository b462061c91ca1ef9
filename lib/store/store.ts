import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.ts';
import { type Copy, copyIn } from './copy-in.ts';
import { parseTimestamp } from './parse-timestamp.ts';

export type { Prisma } from '../../prisma/generated/client.ts';

/** Whatever a hand-written statement can run on: the store itself or an open transaction. */
export interface Statements {
  /** Rows of a statement. bigint columns are bigint, bytea Buffer, timestamptz Date. */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Number of rows a statement touched. */
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
  /** Runs `COPY … FROM STDIN` (copy-rows.ts makes its binary format); number of rows copied. */
  copy(sql: string, chunks: Iterable<Buffer>): Promise<number>;
  /** Several of them as one: all are committed or none, with one message and one commit. */
  copyTogether(copies: readonly Copy[]): Promise<void>;
}

export interface StoreEvent {
  kind: string;
  payload: Record<string, unknown>;
}

/** Waybill's store: PostgreSQL 15 or newer. Everything that processes share goes through it. */
export interface Store extends Statements {
  readonly databaseUrl: string;
  readonly prisma: PrismaClient;
  /**
   * Runs `work` in one transaction; rolls back when it throws. Statements inside must use the argument, not the store.
   * @throws whatever `work` throws, or the database's own error.
   */
  transaction<Result>(work: (tx: Statements) => Promise<Result>): Promise<Result>;
  /** Tells every listening process that something of `kind` changed. Payloads over 7,000 bytes are refused: send ids, not data. */
  notify(kind: string, payload?: Record<string, unknown>, on?: Statements): Promise<void>;
  /** Calls `onEvent` for every notification until `signal` aborts; reports kind "listening" once it hears, and "reconnected" after a break, when something may have been missed. */
  listen(onEvent: (event: StoreEvent) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const CHANNEL = 'waybill';
const MAX_PAYLOAD_BYTES = 7_000; // PostgreSQL's limit is 8,000
const ofDriver = pg.types.getTypeParser(1184 as never, 'text') as unknown as (text: string) => Date;
const timestamp = (text: string) => parseTimestamp(text) ?? ofDriver(text);
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === 1184 && format !== 'binary') return timestamp;
    if (oid === 20 && format !== 'binary') return (text: string) => BigInt(text);
    if (oid === 1016 && format !== 'binary') {
      const parse = pg.types.getTypeParser(oid as never, 'text') as unknown as (text: string) => (string | null)[];
      return (text: string) => parse(text).map((item) => (item === null ? null : BigInt(item)));
    }
    return pg.types.getTypeParser(oid as never, format as 'text');
  },
} as pg.CustomTypesConfig;

/**
 * Opens the store. Connects lazily: an unreachable database fails the first statement, not this call.
 * @param databaseUrl postgresql:// URL; `?host=/folder` names a Unix socket
 */
export function openStore(databaseUrl: string, options: { poolSize?: number; applicationName?: string } = {}): Store {
  const max = options.poolSize ?? 10;
  const config: pg.PoolConfig = {
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    application_name: options.applicationName ?? 'waybill',
  };
  const pool = new pg.Pool({ ...config, types });
  // An idle connection that breaks (the database restarted) must not end the process: the next statement reports it.
  pool.on('error', () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg({ ...config, max: Math.max(2, Math.ceil(max / 2)) }) });

  const store: Store = {
    databaseUrl,
    prisma,
    ...statements(pool),
    async transaction(work) {
      const { client, release } = await take(pool);
      let broken: Error | undefined;
      try {
        await client.query('begin');
        const result = await work(statements(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch((failure: Error) => (broken = failure));
        throw error;
      } finally {
        release(broken);
      }
    },
    async notify(kind, payload = {}, on) {
      const text = JSON.stringify({ kind, payload });
      if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) throw new RangeError(`A notification holds at most ${MAX_PAYLOAD_BYTES} bytes; this one has ${Buffer.byteLength(text)}.`);
      await (on ?? store).execute('select pg_notify($1, $2)', [CHANNEL, text]);
    },
    listen: (onEvent, signal) => listen(databaseUrl, onEvent, signal),
    async close() {
      await Promise.all([prisma.$disconnect(), pool.end()]);
    },
  };
  return store;
}

function statements(on: pg.Pool | pg.PoolClient): Statements {
  return {
    async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
      return (await on.query<Row>(sql, params as unknown[])).rows;
    },
    async execute(sql, params = []) {
      return (await on.query(sql, params as unknown[])).rowCount ?? 0;
    },
    async copy(sql, chunks) {
      return (await copyOn(on, [{ sql, chunks }]))[0] ?? 0;
    },
    async copyTogether(copies) {
      await copyOn(on, copies);
    },
  };
}

async function copyOn(on: pg.Pool | pg.PoolClient, copies: readonly Copy[]): Promise<number[]> {
  if (!(on instanceof pg.Pool)) return copyIn(on, copies);
  const { client, release } = await take(on);
  let broken: Error | undefined;
  try {
    return await copyIn(client, copies);
  } catch (error) {
    // What the database refused leaves the connection as it was; anything else may have left it in the middle.
    if (!(error instanceof pg.DatabaseError)) broken = error as Error;
    throw error;
  } finally {
    release(broken);
  }
}

/** A connection of one's own. One that breaks between two statements has nobody else to tell and must not end the process: the next statement fails. */
async function take(pool: pg.Pool): Promise<{ client: pg.PoolClient; release: (broken?: Error) => void }> {
  const client = await pool.connect();
  const ignore = (): void => undefined;
  client.on('error', ignore);
  return {
    client,
    release(broken) {
      client.removeListener('error', ignore);
      client.release(broken);
    },
  };
}

// A dedicated connection: LISTEN through a transaction pooler hears nothing.
async function listen(databaseUrl: string, onEvent: (event: StoreEvent) => void, signal: AbortSignal): Promise<void> {
  let backoffMs = 100;
  let first = true;
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'waybill-listen', keepAlive: true });
    try {
      await new Promise<void>((resolve, reject) => {
        const stop = () => resolve();
        signal.addEventListener('abort', stop, { once: true });
        client.on('error', reject);
        client.on('end', () => reject(new Error('connection ended')));
        client.on('notification', (message) => {
          if (message.channel !== CHANNEL || !message.payload) return;
          onEvent(JSON.parse(message.payload) as StoreEvent);
        });
        client
          .connect()
          .then(() => client.query(`listen ${CHANNEL}`))
          .then(() => {
            backoffMs = 100;
            onEvent({ kind: first ? 'listening' : 'reconnected', payload: {} });
            first = false;
          })
          .catch(reject);
      });
    } catch {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, backoffMs);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      });
      backoffMs = Math.min(backoffMs * 2, 5_000);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
