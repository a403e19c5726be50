import { parseGoDuration } from '../domain/go-duration.js';
import type { ControllerConfig } from './ports.js';

/** How long each snapshot or move of a backup or restore may go on in the background, in milliseconds: its own limit, or the server's. */
export const operationLimitMs = (
  spec: { readonly itemOperationTimeout?: string } | undefined,
  config: ControllerConfig,
): number => parseGoDuration(spec?.itemOperationTimeout ?? '') || config.itemOperationTimeout;
