import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project: where package.json lies. */
export const PROJECT_DIR = fileURLToPath(new URL('..', import.meta.url));

/** Tools that the launcher brings: Node, Kafka's jars. Shared by all data folders of this clone. */
export const TOOLCHAIN_DIR = join(PROJECT_DIR, '.toolchain');

/** What lies in a data folder. The one place that names these. */
export interface DataPaths {
  dataDir: string;
  postgresDir: string;
  kafkaDir: string;
  /** One file per process the launcher started, so that the next start finds what a killed one left. */
  runDir: string;
  logsDir: string;
  secretsDir: string;
  lockFile: string;
}

/** Names of everything in a data folder; creates nothing. */
export function dataPaths(dataDir: string): DataPaths {
  return {
    dataDir,
    postgresDir: join(dataDir, 'postgres'),
    kafkaDir: join(dataDir, 'kafka'),
    runDir: join(dataDir, 'run'),
    logsDir: join(dataDir, 'logs'),
    secretsDir: join(dataDir, 'secrets'),
    lockFile: join(dataDir, 'launcher.lock'),
  };
}
