import type { BackupStorageLocation } from '../../domain/velero.gen.js';
import { Fault } from '../../faults.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';

/** A location of the server's namespace by its name, opened with the credentials it has now. The caller closes its store. */
export const openNamedLocation = async (
  ports: Pick<ControllerPorts, 'resources' | 'openLocation'>,
  name: string,
  signal: AbortSignal,
): Promise<OpenedLocation & { readonly location: BackupStorageLocation }> => {
  const location = await ports.resources.read('BackupStorageLocation', name, signal);
  if (!location?.spec)
    throw new Fault(
      'LB_STORE_CONFIG',
      `the storage location "${name}" does not exist; create it, or name another one`,
    );
  return { ...(await ports.openLocation(location.spec)), location };
};
