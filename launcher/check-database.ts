import pg from 'pg';
import { errorText, WaybillError } from '#lib/errors.ts';

/** The oldest PostgreSQL that Waybill's schema is used with. */
export const LEAST_POSTGRES = 15;

/**
 * Connects once to the database of DATABASE_URL.
 * @returns the server's version, such as "18.4"
 * @throws WaybillError `database-unreachable` or `database-too-old`; the address is named without its password
 */
export async function checkDatabase(databaseUrl: string): Promise<string> {
  const shown = databaseUrl.replace(/\/\/([^:/@]*)(:[^@]*)?@/, '//$1@');
  let client: pg.Client;
  try {
    client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  } catch {
    throw new WaybillError('config-invalid', 'DATABASE_URL is not an address such as postgresql://user:password@host:5432/waybill.');
  }
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const version = (rows[0]?.server_version ?? '').split(' ')[0] ?? '';
    if (Number.parseInt(version, 10) < LEAST_POSTGRES) throw new WaybillError('database-too-old', `DATABASE_URL (${shown}) is PostgreSQL ${version}: Waybill needs ${LEAST_POSTGRES} or newer.`);
    return version;
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    throw new WaybillError('database-unreachable', `The PostgreSQL of DATABASE_URL (${shown}) can't be used: ${errorText(error)}.`, { retryable: true, cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}
