import { defineConfig } from 'prisma/config';

// The Prisma command line downloads a schema engine before it does anything. `generate`, `validate` and `format` never run it,
// and Waybill applies migrations itself (lib/store/migrate.ts), so where WAYBILL_PRISMA_OFFLINE says that the download host
// can't be reached an existing file stands in for the engine. Without it the command line behaves as documented by Prisma.
if (process.env['WAYBILL_PRISMA_OFFLINE'] === '1') process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(process.env['DATABASE_URL'] ? { datasource: { url: process.env['DATABASE_URL'] } } : {}),
});
