import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits in base64url: session ids, sign-in links, the random part of API tokens. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the store keeps of a secret. Plain SHA-256 suffices because every secret here has 256 random bits: there is nothing to guess. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Compares two secrets of any length in a time that says nothing about them. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(hashSecret(left), hashSecret(right));
}
