import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WaybillError } from '#lib/errors.ts';
import type { KafkaClusterConfig } from './connect.ts';

const UNTRUSTED = new Set(['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_SIGNATURE_FAILURE']);
const UNSUPPORTED_SASL_MECHANISM = 33;
const ILLEGAL_SASL_STATE = 34;

/**
 * Says what kept Waybill from talking to a broker and what to do about it, from what the client, TLS or the system threw. The library says "Connection
 * to host:port failed" of all of them. Passwords are in none of it.
 * @returns a WaybillError with one of the codes below, or the error as it is where it is about something else
 */
export function explainConnection(error: unknown, cluster: KafkaClusterConfig, address: string): unknown {
  if (error instanceof WaybillError) return error;
  const chain = chainOf(error);
  const codes = new Set(chain.map((link) => ('code' in link ? String(link.code) : '')));
  const said = (pattern: RegExp) => chain.some((link) => pattern.test(link.message));
  const apiCode = chain.map((link) => ('apiCode' in link && typeof link.apiCode === 'number' ? link.apiCode : null)).find((code) => code !== null);
  const explain = (code: string, message: string, retryable = false) => new WaybillError(code, message, { status: 502, retryable, cause: error });
  const tls = cluster.tls === true ? {} : cluster.tls || null;
  const { sasl } = cluster;

  if (codes.has('CERT_HAS_EXPIRED')) return explain('broker-certificate', `The certificate of ${address} has expired: renew it on the broker.`);
  if (codes.has('CERT_NOT_YET_VALID')) return explain('broker-certificate', `The certificate of ${address} is not valid yet: compare the clocks of both machines.`);
  if (codes.has('ERR_TLS_CERT_ALTNAME_INVALID')) {
    return explain('broker-certificate', `The certificate of ${address} is for other names (${/cert's altnames: (.*)$/.exec(chain.at(-1)?.message ?? '')?.[1] ?? 'not told'}): connect by one of them, or set KAFKA_TLS_SERVER_NAME (tls.serverName) to one.`);
  }
  if ([...codes].some((code) => UNTRUSTED.has(code))) {
    return explain('broker-certificate', tls?.caFile ? `The certificate of ${address} is not signed by the authority in ${tls.caFile}: set KAFKA_TLS_CA_FILE (tls.caFile) to the authority's certificate.` : `The certificate of ${address} is signed by an authority that this machine does not know: set KAFKA_TLS_CA_FILE (tls.caFile) to the authority's certificate.`);
  }
  if (said(/Broker requires TLS/)) return explain('broker-wants-tls', `${address} speaks TLS: set KAFKA_TLS=true (tls in waybill.config.yaml), or name the port of the listener without TLS.`);
  if (said(/TLS handshake failed|wrong version number/)) return explain('broker-without-tls', `${address} does not speak TLS: remove KAFKA_TLS and KAFKA_TLS_* (tls in waybill.config.yaml), or name the port of its TLS listener.`);
  if (apiCode === UNSUPPORTED_SASL_MECHANISM && sasl) return explain('broker-refused-user', `${address} does not offer ${sasl.mechanism}: set KAFKA_SASL_MECHANISM (sasl.mechanism) to one of its sasl.enabled.mechanisms.`);
  if (apiCode === ILLEGAL_SASL_STATE) return explain('broker-without-sasl', `${address} takes no SASL: remove KAFKA_SASL_* (sasl in waybill.config.yaml), or name the port of its SASL listener.`);
  if (said(/SASL authentication failed/) && sasl) {
    return explain('broker-refused-user', `${address} refused the user "${sasl.username}" (${sasl.mechanism}): the name or the password is wrong, or the user has no ${sasl.mechanism} credentials there. Check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM (sasl in waybill.config.yaml).`);
  }
  if (codes.has('ECONNREFUSED')) return explain('broker-unreachable', `${address} refuses connections: nothing listens there. Is the broker running, and is the port right?`, true);
  if (codes.has('ENOTFOUND') || codes.has('EAI_AGAIN')) return explain('broker-unreachable', `The host name of ${address} is not known here: check KAFKA_BROKERS (brokers) and the name service of this machine.`, true);
  if (codes.has('EHOSTUNREACH') || codes.has('ENETUNREACH')) return explain('broker-unreachable', `There is no way from this machine to ${address}: check the network and KAFKA_BROKERS (brokers).`, true);
  if (said(/Connection closed|ECONNRESET|socket hang up/) || codes.has('ECONNRESET')) return explain('broker-hung-up', `${address} closed the connection without an answer. ${guess(tls, sasl !== undefined)}`, true);
  if (said(/timed out/i)) return explain('broker-silent', `${address} did not answer in time: it hangs or is overloaded, or a firewall drops what is sent to it.`, true);
  return error;
}

/** A broker that wants something else than it gets hangs up without a word: what it may want follows from what it got. */
function guess(tls: { certFile?: string | undefined } | null, sasl: boolean): string {
  if (tls === null) return sasl ? 'If it did not just restart, its listener may want TLS: set KAFKA_TLS=true (tls).' : 'If it did not just restart, its listener may want SASL: set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (sasl).';
  if (!tls.certFile) return 'If it did not just restart, it may ask for a client certificate: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE (tls.certFile, tls.keyFile).';
  const ended = endOf(tls.certFile);
  if (ended !== null && ended.getTime() < Date.now()) return `The client certificate ${tls.certFile} expired at ${ended.toISOString()}: renew it.`;
  return `If it did not just restart, it may not accept the client certificate ${tls.certFile}: it has to be signed by an authority in the broker's trust store.`;
}

function endOf(certFile: string): Date | null {
  try {
    return new Date(new X509Certificate(readFileSync(certFile)).validTo);
  } catch {
    return null;
  }
}

function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  let current = error;
  while (current instanceof Error && chain.length < 10) {
    chain.push(current);
    current = current instanceof AggregateError && current.errors.length > 0 ? current.errors[0] : current.cause;
  }
  return chain;
}
