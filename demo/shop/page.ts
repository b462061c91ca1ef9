import type { ServiceState } from './control.ts';
import { FAULTS, type FaultName } from './faults.ts';

export interface PageFacts {
  nonce: string;
  faults: { name: FaultName; on: boolean; what: string; look: string }[];
  services: ServiceState[];
  waybillUrl: string;
}

/** The shop's page, complete without its script; the script switches faults and keeps the figures fresh. */
export function renderPage({ nonce, faults, services, waybillUrl }: PageFacts): string {
  const broken = faults.filter((fault) => fault.on).length;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The shop</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
<main>
<header>
<h1>The shop</h1>
<p id="verdict" aria-live="polite">${verdict(broken)}</p>
<p class="act"><button type="button" id="check-out">Place an order now</button> <a href="${escape(waybillUrl)}">Open Waybill</a></p>
<p id="placed" aria-live="polite"></p>
<p id="problem" role="alert"></p>
</header>
<h2>Break something</h2>
<ul class="faults">
${faults.map((fault) => renderFault(fault, waybillUrl)).join('\n')}
</ul>
<h2>Services</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Services">
<table>
<thead><tr><th scope="col">Service</th><th scope="col">State</th><th scope="col">Processed</th><th scope="col">Sent</th><th scope="col">Failed attempts</th><th scope="col">Dead letters</th><th scope="col">Restarts</th></tr></thead>
<tbody id="services">${services.map(renderService).join('')}</tbody>
</table>
</div>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</html>`;
}

function verdict(broken: number): string {
  if (broken === 0) return 'Everything works.';
  return broken === 1 ? 'One thing is broken.' : `${broken} things are broken.`;
}

function renderFault({ name, on, what, look }: PageFacts['faults'][number], waybillUrl: string): string {
  const title = titleOf(name);
  return `<li class="fault" data-fault="${name}">
<div class="head"><h3 id="${name}">${title}</h3><button type="button" class="switch" aria-pressed="${on}" aria-labelledby="${name} ${name}-state"><span class="state" id="${name}-state">${on ? 'broken' : 'works'}</span></button></div>
<p>${escape(what)}</p>
<p class="look"><strong>In Waybill:</strong> ${escape(look)} <a href="${escape(new URL(FAULTS[name].path, waybillUrl).href)}" aria-label="Open Waybill for ${title}">Open</a></p>
</li>`;
}

function titleOf(name: FaultName): string {
  const words = name.replaceAll('-', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}

function renderService(service: ServiceState): string {
  const figures = [service.processed, service.sent, service.failedAttempts, service.deadLettered, service.restarts];
  return `<tr><th scope="row">${escape(service.name)}</th><td>${service.state}</td>${figures.map((figure) => `<td>${figure.toLocaleString('en')}</td>`).join('')}</tr>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f5f6f8; --line: #d4d8de; --text: #1b1f26; --soft: #4d5562; --accent: #1f5fbf; --on: #b3261e; --on-ground: #fdeceb; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --panel: #1c2027; --line: #39404b; --text: #e8eaee; --soft: #a9b1bd; --accent: #8ab4f8; --on: #ff9d94; --on-ground: #3a1d1b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 17px; margin: 32px 0 12px; } h3 { font-size: 15px; margin: 0; }
p { margin: 6px 0; } a { color: var(--accent); }
#problem:not(:empty) { color: var(--on); }
.faults { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); }
.fault { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 12px 14px; }
.fault:has([aria-pressed="true"]) { border-color: var(--on); background: var(--on-ground); }
.head { display: flex; gap: 12px; align-items: center; justify-content: space-between; }
.look { color: var(--soft); font-size: 14px; }
button { font: inherit; color: var(--text); background: var(--ground); border: 1px solid var(--soft); border-radius: 6px; min-height: 40px; padding: 6px 14px; cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible, a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.switch { display: inline-flex; align-items: center; gap: 8px; min-width: 104px; white-space: nowrap; }
.switch::before { content: ""; width: 30px; height: 16px; border-radius: 8px; border: 1px solid var(--soft); background: radial-gradient(circle at 7px 50%, var(--soft) 5px, transparent 5.5px); }
.switch[aria-pressed="true"] { border-color: var(--on); color: var(--on); font-weight: 600; }
.switch[aria-pressed="true"]::before { border-color: var(--on); background: radial-gradient(circle at 21px 50%, var(--on) 5px, transparent 5.5px); }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:nth-child(2), th:nth-child(2) { text-align: left; }
thead th { color: var(--soft); font-weight: 500; }
`;

// Text only, never HTML, from what the API answers.
const SCRIPT = `
const problem = document.getElementById('problem');
const call = async (method, path, body) => {
  const response = await fetch(path, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  problem.textContent = '';
  return answer;
};
const failed = (error) => { problem.textContent = error instanceof TypeError ? 'The shop does not answer. Is it still running?' : error.message; };
const show = (on) => {
  for (const item of document.querySelectorAll('[data-fault]')) {
    const pressed = on.includes(item.dataset.fault);
    const button = item.querySelector('button');
    if (button.getAttribute('aria-pressed') === String(pressed)) continue;
    button.setAttribute('aria-pressed', String(pressed));
    item.querySelector('.state').textContent = pressed ? 'broken' : 'works';
  }
  const words = on.length === 0 ? 'Everything works.' : on.length === 1 ? 'One thing is broken.' : on.length + ' things are broken.';
  const verdict = document.getElementById('verdict');
  if (verdict.textContent !== words) verdict.textContent = words;
};
const refresh = async () => {
  const { services, on } = await call('GET', '/api/status');
  show(on);
  const body = document.getElementById('services');
  body.replaceChildren(...services.map((service) => {
    const row = document.createElement('tr');
    const head = document.createElement('th');
    head.scope = 'row';
    head.textContent = service.name;
    row.append(head, ...[service.state, service.processed, service.sent, service.failedAttempts, service.deadLettered, service.restarts].map((value) => {
      const cell = document.createElement('td');
      cell.textContent = typeof value === 'number' ? value.toLocaleString('en') : value;
      return cell;
    }));
    return row;
  }));
};
for (const item of document.querySelectorAll('[data-fault]')) {
  const button = item.querySelector('button');
  button.addEventListener('click', () => call('PUT', '/api/faults/' + item.dataset.fault, { on: button.getAttribute('aria-pressed') !== 'true' }).then(refresh).catch(failed));
}
document.getElementById('check-out').addEventListener('click', () => call('POST', '/api/checkouts', {}).then(({ correlationId }) => {
  const code = document.createElement('code');
  code.textContent = correlationId;
  document.getElementById('placed').replaceChildren('Placed. Its correlation id is ', code, '; search for it under Journeys.');
}).catch(failed));
const poll = () => (document.hidden ? Promise.resolve() : refresh().catch(failed)).then(() => setTimeout(poll, 2000));
poll();
`;
