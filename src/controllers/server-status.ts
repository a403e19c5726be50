import { timestamp, type ControllerPorts } from './ports.js';
import type { Requeue } from './queue.js';

/** How long an answered request is kept (`pkg/controller/server_status_request_controller.go`). */
const KEEP_MS = 60_000;

/** Answers `velero version` and `velero plugin get` with the version of Velero's protocol that this server speaks. */
export const reconcileServerStatus =
  (ports: ControllerPorts) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const request = await ports.resources.read('ServerStatusRequest', name, signal);
    if (!request) return { done: true };
    const now = ports.clock();
    if (request.status?.phase === 'Processed') {
      const age = now.getTime() - new Date(request.status.processedTimestamp ?? 0).getTime();
      if (age < KEEP_MS) return { after: KEEP_MS - age };
      await ports.resources.delete('ServerStatusRequest', name, signal);
      return { done: true };
    }
    const status = {
      phase: 'Processed',
      processedTimestamp: timestamp(now),
      serverVersion: ports.config.serverVersion,
      plugins: [],
    };
    await ports.resources.patch('ServerStatusRequest', name, { status }, signal);
    return { after: KEEP_MS };
  };
