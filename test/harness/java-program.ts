import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { classArchiveOf } from '#demo/broker/archive-classes.ts';
import { findJava, type FoundTool } from '#demo/broker/find-java.ts';
import { TOOLCHAIN_DIR } from '#lib/paths.ts';
import { kafkaLibs } from './kafka.ts';

let found: FoundTool | null = null;

/**
 * Command line of a Java program beside Kafka's jars, quick to start: from the classes that the broker's JVM wrote down, and compiled once per clone.
 * @param program the path of a .java file, or the name of a class in Kafka's jars
 * @param classPath more folders or jars, after Kafka's
 */
export function javaProgram(program: string, { classPath = [], heapMb = 256 }: { classPath?: readonly string[]; heapMb?: number } = {}): { command: string; args: string[] } {
  found ??= findJava(process.env);
  if (found === null) throw new Error('These tests need Java 17.');
  const libs = kafkaLibs();
  const compiled = program.endsWith('.java') ? compile(program, found, [join(libs, '*'), ...classPath]) : null;
  return {
    command: found.command,
    args: [
      `-XX:SharedArchiveFile=${classArchiveOf(libs, found.version)}`, '-Xshare:auto', '-Xlog:disable', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', `-Xmx${heapMb}m`, '-Dorg.slf4j.simpleLogger.defaultLogLevel=off',
      '-cp', [join(libs, '*'), ...classPath, ...(compiled ? [compiled] : [])].join(delimiter),
      compiled ? basename(program, '.java') : program,
    ],
  };
}

/** Folder of its classes. */
function compile(source: string, java: FoundTool, classPath: readonly string[]): string {
  const hash = createHash('sha256').update(java.version).update(readFileSync(source)).digest('hex').slice(0, 12);
  const classes = join(TOOLCHAIN_DIR, 'test-classes', `${basename(source, '.java')}-${hash}`);
  if (existsSync(classes)) return classes;
  const fresh = `${classes}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const javac = java.command === 'java' ? 'javac' : join(dirname(java.command), 'javac');
  const ran = spawnSync(javac, ['-cp', classPath.join(delimiter), '-d', fresh, source], { encoding: 'utf8', timeout: 120_000 });
  if (ran.status !== 0) throw new Error(`${source} does not compile: ${ran.stderr || String(ran.error)}`);
  try {
    renameSync(fresh, classes);
  } catch {
    // Another test file was faster.
    rmSync(fresh, { recursive: true, force: true });
  }
  return classes;
}
