import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, SLOW, vm } from './vms.ts';

const host = useHost();

const TAKING_BACK = '\ninterrupted: taking back what was made (interrupt again to leave at once)\n';

describe('a terminal that is closed', () => {
  it.each([
    ['the name was taken', '/etc/libvirt/qemu/web.xml'],
    ['some disks were made', `${IMAGES}/web/data-vdc.qcow2`],
    ['QEMU was started', '/run/libvirt/qemu/web.pid'],
  ])('has create take everything back after %s', async (_, sign) => {
    const file = await host().write(vm({ ...SLOW, cloud_init: {} }));
    const result = await host().plowInShell(
      `"$@" create ${file} & until [ -e ${sign} ]; do :; done; kill -HUP $!; wait $!`,
    );
    expect(result).toMatchObject({
      code: 129,
      stderr: `${TAKING_BACK}interrupted by SIGHUP: all was taken back\n`,
    });
    expect(result.stdout).not.toContain('Successfully');
  });
});
