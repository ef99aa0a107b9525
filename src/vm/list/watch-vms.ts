import { explain, explaining } from '../failure.ts';
import type { DomainWatch, Events } from '../../hypervisor/events.ts';

const CANNOT = 'cannot watch the VMs';

/** Whatever happens to VMs, for `plow list --watch`. @throws PlowError, which the watch throws as well */
export async function watchVms(hypervisor: Events): Promise<DomainWatch> {
  const watch = await explaining(hypervisor.watchDomains('everything'), 'operation', CANNOT);
  return {
    [Symbol.dispose]: () => watch[Symbol.dispose](),
    async *[Symbol.asyncIterator]() {
      try {
        yield* watch;
      } catch (error) {
        throw explain(error, 'operation', CANNOT);
      }
    },
  };
}
