import { loadSecretKeys } from '#lib/access/load-secret-keys.ts';
import type { Config } from '#lib/config.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import { parseTargetPolicy, type TargetPolicy } from '#lib/webhook/guard-target.ts';
import type { ChannelContext } from './webhook-endpoint-shape.ts';

/** What operations on channels need, from the settings. @throws WaybillError secret-key-invalid, config-invalid */
export function channelContext(config: Pick<Config, 'secretKey' | 'dataDir' | 'webhookAllowedRanges'>, now: Date): ChannelContext {
  return { keys: loadSecretKeys(config), policy: readPolicy(config.webhookAllowedRanges), now };
}

function readPolicy(ranges: readonly string[]): TargetPolicy {
  try {
    return parseTargetPolicy(ranges);
  } catch (error) {
    throw new WaybillError('config-invalid', `WAYBILL_WEBHOOK_ALLOW (webhooks.allowPrivateTargets): ${errorText(error)}`, { status: 500, cause: error });
  }
}
