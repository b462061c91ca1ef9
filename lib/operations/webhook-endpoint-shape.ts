import { z } from 'zod';
import type { SecretKey } from '#lib/access/seal-secret.ts';
import { WaybillError } from '#lib/errors.ts';
import { ENDPOINT_FORMATS, type EndpointFormat } from '#lib/model/alert.ts';
import { isUniqueViolation } from '#lib/store/is-unique-violation.ts';
import { isSigned, maskUrl } from '#lib/webhook/endpoint-secret.ts';
import { checkTargetUrl, TargetRefused, type TargetPolicy } from '#lib/webhook/guard-target.ts';
import { newWebhookSecret } from '#lib/webhook/sign-webhook.ts';

/** PagerDuty's Events API v2; the key in the body says whose. */
const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/** A webhook as a person or a script writes it. For slack and teams the URL, for pagerduty the key is the secret: neither is ever sent back. */
export const endpointInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  format: z.enum(ENDPOINT_FORMATS).default('standard'),
  url: z.string().trim().max(2_000).optional(),
  /** PagerDuty's integration key. */
  routingKey: z.string().trim().min(8).max(200).optional(),
});
export type EndpointInput = z.output<typeof endpointInputSchema>;

export const endpointChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  url: z.string().trim().max(2_000).optional(),
  routingKey: z.string().trim().min(8).max(200).optional(),
  enabled: z.boolean().optional(),
});
export type EndpointChange = z.output<typeof endpointChangeSchema>;

/** What an operation on channels needs beside the store. */
export interface ChannelContext {
  keys: readonly SecretKey[];
  policy: TargetPolicy;
  now: Date;
}

/** What is stored of a target, and what is sealed of it. `generated`: a signing secret of ours, to be shown once. */
export interface EndpointTarget {
  url: string;
  secret: string;
  generated: boolean;
}

/** @throws WaybillError webhook-target-refused (400), webhook-endpoint-invalid (400) */
export function readTarget(format: EndpointFormat, input: { url?: string | undefined; routingKey?: string | undefined }, policy: TargetPolicy): EndpointTarget {
  if (format === 'pagerduty') {
    if (input.routingKey === undefined) throw new WaybillError('webhook-endpoint-invalid', 'PagerDuty needs the integration key of the service ("routingKey").', { status: 400 });
    const url = input.url ?? PAGERDUTY_URL;
    checkUrl(url, policy);
    return { url, secret: input.routingKey, generated: false };
  }
  if (input.url === undefined || input.url === '') throw new WaybillError('webhook-endpoint-invalid', 'Enter the URL that messages go to.', { status: 400 });
  const url = checkUrl(input.url, policy);
  if (isSigned(format)) return { url, secret: newWebhookSecret(), generated: true };
  return { url: maskUrl(url), secret: url, generated: false };
}

/** @returns the URL as it will be dialled. @throws WaybillError webhook-target-refused (400) */
export function checkUrl(text: string, policy: TargetPolicy): string {
  try {
    return checkTargetUrl(text, policy).href;
  } catch (error) {
    if (error instanceof TargetRefused) throw new WaybillError('webhook-target-refused', error.refusal.sentence, { status: 400, detail: { reason: error.refusal.code } });
    throw error;
  }
}

/** Turns a taken name into the answer a person understands. */
export function endpointNameTaken(name: string): (error: unknown) => never {
  return (error) => {
    if (isUniqueViolation(error)) throw new WaybillError('webhook-endpoint-exists', `There is already a webhook called "${name}".`, { status: 409 });
    throw error;
  };
}

export function endpointNotFound(): WaybillError {
  return new WaybillError('webhook-endpoint-not-found', 'There is no such webhook; it may have been deleted.', { status: 404 });
}
