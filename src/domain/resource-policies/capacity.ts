import { NO_QUANTITY, parseQuantity, type Quantity } from '../quantity.js';
import { shown } from '../shown.js';

/** From `low` to `high`, both included. A zero is no bound on its side. */
export interface CapacityRange {
  readonly low: Quantity;
  readonly high: Quantity;
}

const EXAMPLE = 'write it like "10Gi,100Gi", ",100Gi" or "10Gi,"';

/**
 * Reads `low,high`, either of which may be empty; a text says what is wrong (`parseCapacity` in
 * `internal/resourcepolicies/volume_resources.go`).
 */
export const parseCapacity = (text: string): CapacityRange | string => {
  if (text === '') return { low: NO_QUANTITY, high: NO_QUANTITY };
  const sides = text.split(',').map((side) => side.trim());
  if (sides.length !== 2) return `"${shown(text)}" does not have one comma; ${EXAMPLE}`;
  const [low, high] = sides.map((side) => (side === '' ? NO_QUANTITY : parseQuantity(side)));
  if (low === undefined || high === undefined) {
    const wrong = low === undefined ? sides[0] : sides[1];
    return `"${shown(wrong ?? '')}" is not an amount of Kubernetes; ${EXAMPLE}`;
  }
  if (high !== NO_QUANTITY && high < low) return `"${shown(text)}" has its greater side first; ${EXAMPLE}`;
  return { low, high };
};

export const isInRange = ({ low, high }: CapacityRange, amount: Quantity): boolean =>
  (low === NO_QUANTITY || low <= amount) && (high === NO_QUANTITY || amount <= high);
