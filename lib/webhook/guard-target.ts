// Which addresses a webhook may go to. Waybill runs inside somebody's network and sends where people tell it to, so
// without this every administrator's typo and every hijacked DNS name is a request to an internal service.
//
// The check is on addresses, never on names: the URL's literal address, and every address a name resolves to at the
// moment of connecting (guardedLookup), which is then the address that is dialled. There is no second look-up to rebind.

import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Cidr = [Address, number];

export interface TargetPolicy {
  /** What an administrator allows beside public unicast. Plain http is allowed to these only. */
  allowed: readonly Cidr[];
}

export interface Refusal {
  code: 'scheme' | 'credentials' | 'address' | 'metadata' | 'name' | 'port' | 'url';
  sentence: string;
}

/** A refused target. Not worth a quick retry, but checked anew at each attempt, because names move. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.sentence);
    this.refusal = refusal;
  }
}

// Instance metadata of the clouds: credentials for the asking, so no allow-list opens them.
const METADATA = new Set(
  [
    '169.254.169.254', // AWS, Azure, Google, DigitalOcean, Oracle, OpenStack
    '169.254.170.2', // AWS ECS task credentials
    '169.254.170.23', // AWS EKS pod identity
    '169.254.169.253', // AWS resolver
    '169.254.0.23', // Tencent
    '100.100.100.200', // Alibaba
    '168.63.129.16', // Azure wire server
    '192.0.0.192', // Oracle classic
    'fd00:ec2::254', // AWS
    'fd00:ec2::23', // AWS EKS pod identity
    'fd20:ce::254', // Google
  ].map((text) => ipaddr.parse(text).toNormalizedString()),
);

const NAT64 = ipaddr.parseCIDR('64:ff9b::/96') as Cidr;
const NAT64_LOCAL = ipaddr.parseCIDR('64:ff9b:1::/48') as Cidr;
const SIX_TO_FOUR = ipaddr.parseCIDR('2002::/16') as Cidr;
const TEREDO = ipaddr.parseCIDR('2001::/32') as Cidr;
const IPV4_COMPATIBLE = ipaddr.parseCIDR('::/96') as Cidr;
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3') as Cidr;

/**
 * An administrator's list, such as "10.0.0.0/8, 127.0.0.1/32".
 * @throws RangeError that names the entry which is not a CIDR or an address
 */
export function parseTargetPolicy(cidrs: readonly string[]): TargetPolicy {
  return {
    allowed: cidrs.map((text) => {
      const entry = text.trim();
      try {
        if (entry.includes('/')) return ipaddr.parseCIDR(entry) as Cidr;
        const address = ipaddr.parse(entry);
        return [address, address.kind() === 'ipv4' ? 32 : 128];
      } catch {
        throw new RangeError(`"${entry}" is neither an address nor a CIDR such as 10.0.0.0/8.`);
      }
    }),
  };
}

/** Why this address may not be dialled, or null when it may. `secure`: the URL is https. */
export function refuseAddress(text: string, secure: boolean, policy: TargetPolicy): Refusal | null {
  if (!ipaddr.isValid(text)) return { code: 'address', sentence: `${text} is not an address.` };
  // process() turns ::ffff:a.b.c.d into a.b.c.d; a zone ("%eth0") never names a public address.
  const address = ipaddr.process(text);
  const embedded = embeddedIpv4(address);
  for (const candidate of embedded === null ? [address] : [address, embedded]) {
    if (METADATA.has(candidate.toNormalizedString())) {
      return { code: 'metadata', sentence: `${text} is a cloud metadata address; webhooks never go there.` };
    }
  }
  // What is listed must be listed as what is reached in the end: a tunnel prefix does not open the network behind it.
  const listed = isListed(address, policy) && (embedded === null || isListed(embedded, policy) || isPublic(embedded));
  if (listed || (embedded !== null && isListed(embedded, policy) && isListed(address, policy))) return null;
  if (!secure) {
    return { code: 'scheme', sentence: `Plain http is allowed only to addresses on the allow-list, and ${text} is not on it. Use https.` };
  }
  if (isPublic(address)) return null;
  return { code: 'address', sentence: `${text} is not a public address (${rangeOf(address)}) and not on the allow-list.` };
}

function isListed(address: Address, policy: TargetPolicy): boolean {
  return policy.allowed.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  // ipaddr.js calls all that it does not know "unicast": for IPv6 only 2000::/3 is given out (RFC 4291 section 2.4).
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST_V6 as [ipaddr.IPv6, number]);
}

function rangeOf(address: Address): string {
  const range = address.range();
  return range === 'unicast' ? 'outside the range that is given out' : range;
}

/** The IPv4 address that a tunnel or translator would reach in the end. */
function embeddedIpv4(address: Address): ipaddr.IPv4 | null {
  if (address.kind() === 'ipv4') return null;
  const bytes = address.toByteArray();
  const take = (start: number, flip = 0): ipaddr.IPv4 => new ipaddr.IPv4(bytes.slice(start, start + 4).map((byte) => byte ^ flip));
  const inside = (cidr: Cidr): boolean => address.match(cidr as [ipaddr.IPv6, number]);
  if (inside(NAT64) || inside(NAT64_LOCAL) || inside(IPV4_COMPATIBLE)) return take(12);
  if (inside(SIX_TO_FOUR)) return take(2);
  if (inside(TEREDO)) return take(12, 0xff); // the client's address, inverted (RFC 4380 section 4)
  return null;
}

/**
 * What can be said of a URL before anything is resolved. Literal addresses in every spelling (2130706433, 0x7f.1,
 * [::ffff:7f00:1]) are checked here, because the WHATWG parser has made them plain.
 * @throws TargetRefused
 */
export function checkTargetUrl(text: string, policy: TargetPolicy): URL {
  if (!URL.canParse(text)) throw new TargetRefused({ code: 'url', sentence: 'This is not a URL.' });
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TargetRefused({ code: 'scheme', sentence: `A webhook goes to https, not to ${url.protocol.replace(':', '')}.` });
  }
  if (url.username !== '' || url.password !== '') {
    throw new TargetRefused({ code: 'credentials', sentence: 'A webhook URL carries no user name or password.' });
  }
  if (url.port === '0') throw new TargetRefused({ code: 'port', sentence: 'Port 0 can not be dialled.' });
  const secure = url.protocol === 'https:';
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0) {
    const refusal = refuseAddress(literal, secure, policy);
    if (refusal !== null) throw new TargetRefused(refusal);
  } else if (!secure && policy.allowed.length === 0) {
    throw new TargetRefused({ code: 'scheme', sentence: 'Plain http is allowed only to addresses on the allow-list, which is empty. Use https.' });
  } else if (url.hostname === 'localhost' || url.hostname.endsWith('.localhost')) {
    // Said at once, because it is the usual slip; what counts is the check of the resolved address.
    if (refuseAddress('127.0.0.1', secure, policy) !== null && refuseAddress('::1', secure, policy) !== null) {
      throw new TargetRefused({ code: 'address', sentence: 'localhost is this machine, and loopback is not on the allow-list.' });
    }
  }
  return url;
}

/** How a name becomes addresses; tests inject one that lies. */
export type Resolver = (name: string) => Promise<LookupAddress[]>;

/** The machine's own resolver, with every address of both families. */
export const systemResolver: Resolver = (name) =>
  new Promise((resolve, reject) => {
    systemLookup(name, { all: true, verbatim: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });

/**
 * The addresses of a host that may be dialled: all of them, or a refusal when one of them is forbidden (a name that
 * points to a public and to a private address is an attack or a mistake, and either way which one answers is chance).
 * @throws TargetRefused
 */
export async function resolveTarget(hostname: string, secure: boolean, policy: TargetPolicy, resolver: Resolver): Promise<LookupAddress[]> {
  const addresses = await resolver(hostname);
  if (addresses.length === 0) throw new TargetRefused({ code: 'name', sentence: `${hostname} resolves to no address.` });
  for (const { address } of addresses) {
    const refusal = refuseAddress(address, secure, policy);
    if (refusal !== null) {
      throw new TargetRefused({ ...refusal, sentence: `${hostname} resolves to ${address}. ${refusal.sentence}` });
    }
  }
  return addresses;
}
