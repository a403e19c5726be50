import type { RepositoryPlace } from './port.js';
import type { Kopia } from './kopia-program.js';
import { KOPIA_IDENTITY } from './kopia-connection.js';

/** How often everything is looked through, by the names that the ConfigMap of repository settings has for it (`fullMaintenanceInterval`). */
const FULL_INTERVALS: Readonly<Record<string, number>> = { normalGC: 24, fastGC: 12, eagerGC: 6 };
const HOUR_NS = 3_600_000_000_000;
const OWNER = `${KOPIA_IDENTITY}@${KOPIA_IDENTITY}`;

interface Maintenance {
  readonly owner?: string;
  readonly full?: { readonly interval?: number };
  readonly schedule?: { readonly nextFullMaintenance?: string };
}

/** The part that is due: the program itself does only the quick one unless told. A time that never came counts as due. */
const fullIsDue = ({ schedule }: Maintenance, now: Date): boolean => {
  const next = Date.parse(schedule?.nextFullMaintenance ?? '');
  return Number.isNaN(next) || next <= now.getTime();
};

/**
 * Does the upkeep that is due. Contents that no copy needs go with a later full one only: the program waits until no writer can
 * still refer to them. Faults are those of the program.
 */
export const maintainKopia = async (
  kopia: Pick<Kopia, 'run'>,
  { settings }: RepositoryPlace,
  doing: string,
  now: Date,
): Promise<void> => {
  const told = await kopia.run(doing, ['maintenance', 'info', '--json']);
  const maintenance = JSON.parse(told) as Maintenance;
  const hours = FULL_INTERVALS[settings?.['fullMaintenanceInterval'] ?? ''];
  const changes = [
    ...(maintenance.owner === OWNER ? [] : [`--owner=${OWNER}`]),
    ...(hours === undefined || maintenance.full?.interval === hours * HOUR_NS
      ? []
      : [`--full-interval=${hours}h`]),
  ];
  if (changes.length > 0) await kopia.run(doing, ['maintenance', 'set', ...changes]);
  await kopia.run(doing, ['maintenance', 'run', ...(fullIsDue(maintenance, now) ? ['--full'] : [])]);
};
