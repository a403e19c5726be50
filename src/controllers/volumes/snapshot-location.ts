import { Fault } from '../../faults.js';
import type { VolumeSnapshotter } from '../../snapshotters/port.js';
import type { ControllerPorts } from '../ports.js';

export type SnapshotterPorts = Pick<ControllerPorts, 'resources' | 'openSnapshotter'>;

/** What takes the snapshots of a VolumeSnapshotLocation, by its name, with the credentials it has now. The caller closes it. */
export const openNamedSnapshotter = async (
  { resources, openSnapshotter }: SnapshotterPorts,
  name: string,
  signal: AbortSignal,
): Promise<VolumeSnapshotter> => {
  const location = await resources.read('VolumeSnapshotLocation', name, signal);
  if (!location?.spec)
    throw new Fault(
      'LB_SNAPSHOTTER_CONFIG',
      `the volume snapshot location "${name}" does not exist; create it again`,
    );
  return openSnapshotter(location.spec);
};

/** Those of the locations that one piece of work asks for: each is opened once, when it is first needed. */
export interface OpenSnapshotters {
  readonly open: (name: string) => Promise<VolumeSnapshotter>;
  readonly close: () => Promise<void>;
}

export const createOpenSnapshotters = (ports: SnapshotterPorts, signal: AbortSignal): OpenSnapshotters => {
  const opened = new Map<string, Promise<VolumeSnapshotter>>();
  return {
    open: (name) => {
      const known = opened.get(name) ?? openNamedSnapshotter(ports, name, signal);
      opened.set(name, known);
      return known;
    },
    close: async () => {
      for (const one of await Promise.allSettled(opened.values()))
        if (one.status === 'fulfilled') one.value.close();
      opened.clear();
    },
  };
};
