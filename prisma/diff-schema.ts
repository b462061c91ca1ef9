// The committed twin of `prisma migrate diff`, which needs a downloaded engine: the same engine, as WebAssembly from npm.
//   node prisma/diff-schema.ts --from-empty        the SQL that makes schema.prisma out of nothing (to author a migration)
//   DATABASE_URL=… node prisma/diff-schema.ts      what a migrated database lacks against schema.prisma; exit 2 where they differ
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

const { values } = parseArgs({ options: { 'from-empty': { type: 'boolean', default: false } } });
const path = 'prisma/schema.prisma';
const content = await readFile(new URL('./schema.prisma', import.meta.url), 'utf8');
const connectionString = process.env['DATABASE_URL'];
if (!connectionString) throw new Error('DATABASE_URL names the database to compare with (for --from-empty any reachable one).');

// Partitions are made by lib/store/partitions.ts; only their parents are in schema.prisma.
const partitions = new pg.Client({ connectionString });
await partitions.connect();
const { rows } = await partitions.query<{ name: string }>(
  `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relispartition and c.relkind = 'r'`,
);
await partitions.end();

// The engine reports a panic through this global and says nothing without it.
Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => console.error(message) } });

// The catalogue's internal "char" (oid 18) is a type the adapter refuses and the engine asks for: let it pass as text, then name it Character.
const pool = new pg.Pool({ connectionString, max: 1 });
let charColumns: number[] = [];
const catalogue = new Proxy(pool, {
  get(target, key) {
    if (key !== 'query') return Reflect.get(target, key) as unknown;
    return async (...args: unknown[]) => {
      const result = await (target.query as (...args: unknown[]) => Promise<pg.QueryResult>).apply(target, args);
      charColumns = result.fields.flatMap((field, index) => (field.dataTypeID === 18 ? [index] : []));
      for (const index of charColumns) result.fields[index]!.dataTypeID = 25;
      return result;
    };
  },
});
const factory = new PrismaPg(catalogue);
const connect = factory.connect.bind(factory);
factory.connect = async () => {
  const adapter = await connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  return adapter;
};

const engine = await SchemaEngine.new(
  { datamodels: [[path, content]] },
  () => undefined,
  bindMigrationAwareSqlAdapterFactory(factory),
);
const files = [{ path, content }];
const result = await engine.diff({
  from: values['from-empty'] ? { tag: 'empty' } : { tag: 'schemaDatasource', files, configDir: '.' },
  to: { tag: 'schemaDatamodel', files },
  script: true,
  shadowDatabaseUrl: null,
  exitCode: true,
  filters: { externalTables: [...rows.map((row) => row.name), 'public._prisma_migrations'], externalEnums: [] },
} as Parameters<SchemaEngine['diff']>[0]);
process.stdout.write(result.stdout ?? '');
process.exit(values['from-empty'] ? 0 : result.exitCode);
