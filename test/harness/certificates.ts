import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files of one certificate; Kafka wants key and chain in one file, others apart. */
export interface IssuedCertificate {
  certFile: string;
  keyFile: string;
  bothFile: string;
}

export interface CertificateAuthority {
  caFile: string;
  /** A certificate for 127.0.0.1 and localhost, with `name` as its common name; signed by this authority. An expired one ended a day ago. */
  issue(name: string, options?: { expired?: boolean }): IssuedCertificate;
}

/** A certificate authority of a test's own, made with openssl in `folder`. */
export function createAuthority(folder: string, name = 'Test authority'): CertificateAuthority {
  const stem = join(folder, randomUUID());
  const keyFile = `${stem}.key`;
  const caFile = `${stem}.pem`;
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile, '-out', caFile, '-subj', `/CN=${name}`, '-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE');
  return {
    caFile,
    issue(commonName, { expired = false } = {}) {
      const issued = join(folder, randomUUID());
      const files = { certFile: `${issued}.pem`, keyFile: `${issued}.key`, bothFile: `${issued}-both.pem` };
      writeFileSync(`${issued}.ext`, 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
      openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.keyFile, '-out', `${issued}.csr`, '-subj', `/CN=${commonName}`);
      const certificate = openssl('x509', '-req', '-in', `${issued}.csr`, '-CA', caFile, '-CAkey', keyFile, '-set_serial', `0x${randomUUID().replaceAll('-', '')}`, '-days', expired ? '-1' : '2', '-extfile', `${issued}.ext`);
      writeFileSync(files.certFile, certificate);
      const key = openssl('pkcs8', '-topk8', '-nocrypt', '-in', files.keyFile);
      writeFileSync(files.bothFile, `${key}${certificate}`, { mode: 0o600 });
      chmodSync(files.keyFile, 0o600);
      return files;
    },
  };
}

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
