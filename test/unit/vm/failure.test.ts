import { expect, it } from 'vitest';
import { HypervisorError } from '../../../src/errors/hypervisor-error.ts';
import { explain } from '../../../src/vm/failure.ts';

it.each([
  ['/var/run/libvirt/virtstoraged-sock', 'virtstoraged is not running there', 'virtstoraged.socket'],
  [
    '/run/user/1000/libvirt/virtinterfaced-sock-ro',
    'virtinterfaced is not running there',
    'virtinterfaced.socket',
  ],
  ['/nowhere', 'a daemon of libvirt is not running there', 'virtqemud.socket'],
])(
  'a daemon whose socket %s is not there is told by its name, and never as a missing directory',
  (path, words, unit) => {
    const error = new HypervisorError(`Failed to connect socket to '${path}': No such file or directory`, {
      reason: 'daemon-down',
      call: 'virStoragePoolLookupByTargetPath',
      code: 38,
      domain: 7,
    });
    expect(explain(error, 'storage', 'cannot look at /images')).toMatchObject({
      kind: 'connection',
      message: `cannot look at /images: ${words}`,
      hint: `start it on the hypervisor: sudo systemctl start ${unit}`,
    });
  },
);
