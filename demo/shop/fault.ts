// node demo/shop/fault.ts list | <name> on|off | all off
import { FAULT_NAMES, isFaultName } from './faults.ts';
import { readSettings } from './settings.ts';

const USAGE = `usage: node demo/shop/fault.ts list\n       node demo/shop/fault.ts <name> on|off\n       node demo/shop/fault.ts all off\nnames: ${FAULT_NAMES.join(', ')}`;

interface FaultRow {
  name: string;
  on: boolean;
  what: string;
}

async function main(args: string[]): Promise<void> {
  const [name, state] = args;
  const base = `http://127.0.0.1:${readSettings(process.env).port}`;
  if (name === 'list' && args.length === 1) {
    const { faults } = (await call('GET', `${base}/api/faults`)) as { faults: FaultRow[] };
    for (const fault of faults) process.stdout.write(`${fault.on ? 'on ' : 'off'}  ${fault.name.padEnd(20)} ${fault.what}\n`);
    return;
  }
  const names = name === 'all' && state === 'off' ? FAULT_NAMES : name !== undefined && isFaultName(name) ? [name] : [];
  if (names.length === 0 || args.length !== 2 || (state !== 'on' && state !== 'off')) throw new Error(USAGE);
  for (const fault of names) await call('PUT', `${base}/api/faults/${fault}`, { on: state === 'on' });
  process.stdout.write(`${name} is ${state}\n`);
}

async function call(method: string, url: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { method, signal: AbortSignal.timeout(10_000), headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  } catch {
    throw new Error(`no shop answers at ${new URL(url).origin}: start it with \`npm run demo\`, or set SHOP_PORT to its port`);
  }
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(String((answer as { error?: unknown }).error));
  return answer;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
