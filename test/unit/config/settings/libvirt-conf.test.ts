import { describe, expect, it } from 'vitest';
import { NO_CONF, readLibvirtConf } from '../../../../src/config/settings/libvirt-conf.ts';

describe("libvirt's own file for clients", () => {
  it('has short names of URIs, and one for whoever names none', () => {
    const text = `
# uri_aliases = [ "old=qemu+ssh://root@old/system" ]
uri_aliases = [
  "hail=qemu+ssh://root@hail.example.com/system?a=b#c",  # the first
  'sleet=qemu+tcp://sleet/system',
  "without",
]
  uri_default = "qemu:///session" # mine
`;
    const { aliases, uriDefault } = readLibvirtConf(text);
    expect([...aliases]).toStrictEqual([
      ['hail', 'qemu+ssh://root@hail.example.com/system?a=b#c'],
      ['sleet', 'qemu+tcp://sleet/system'],
    ]);
    expect(uriDefault).toBe('qemu:///session');
  });

  it.each(['', '# nothing\n', 'uri_aliases = [', 'uri_default = 7', 'uri_default = ""', 'a = "b'])(
    'may say nothing: %j',
    (text) => {
      expect(readLibvirtConf(text)).toStrictEqual(NO_CONF);
    },
  );
});
