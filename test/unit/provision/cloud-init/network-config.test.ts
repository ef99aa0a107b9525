import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { networkConfig } from '../../../../src/provision/cloud-init/network-config.ts';
import { fullMachine, networkInterface } from '../../machines.ts';
import {
  generateUnits,
  JUDGE_MS,
  readByPython,
  RENDERERS,
  renderNetwork,
  UNPACK_MS,
  unpackCloudInit,
} from '../../cloud-init/judges.ts';
import type { Renderer } from '../../cloud-init/judges.ts';

const FULL = fullMachine().interfaces;
const ON_LINK = networkInterface({ prefixLength: 32, gateway: '10.0.0.1', gatewayInSubnet: false });

describe('network-config', () => {
  it('names, addresses and routes two interfaces', () => {
    expect(networkConfig(FULL)).toMatchInlineSnapshot(`
      "version: 2
      ethernets:
        eth0:
          match:
            macaddress: be:ef:0a:14:1e:28
          set-name: eth0
          addresses:
            - 10.20.30.40/24
          routes:
            - to: 0.0.0.0/0
              via: 10.20.30.1
          nameservers:
            addresses:
              - 8.8.8.8
              - 1.1.1.1
        eth1:
          match:
            macaddress: be:ef:c0:a8:01:32
          set-name: eth1
          addresses:
            - 192.168.1.50/24
          nameservers:
            addresses:
              - 192.168.1.1
      "
    `);
  });

  it.each([
    [
      'an on-link gateway says so in its route',
      ON_LINK,
      { addresses: ['10.20.30.40/32'], routes: [{ to: '0.0.0.0/0', via: '10.0.0.1', 'on-link': true }] },
    ],
    [
      'no default route leaves the gateway out',
      networkInterface({ defaultRoute: false, dnsServers: ['1.1.1.1'] }),
      { addresses: ['10.20.30.40/24'], nameservers: { addresses: ['1.1.1.1'] } },
    ],
    [
      'no DNS servers leave no empty list',
      networkInterface(),
      { addresses: ['10.20.30.40/24'], routes: [{ to: '0.0.0.0/0', via: '10.20.30.1' }] },
    ],
  ])('with %s', async (_, one, expected) => {
    const document = networkConfig([one]);
    const eth0 = { match: { macaddress: 'be:ef:0a:14:1e:28' }, 'set-name': 'eth0', ...expected };
    expect(parse(document)).toStrictEqual({ version: 2, ethernets: { eth0 } });
    expect(await readByPython([document])).toStrictEqual([{ version: 2, ethernets: { eth0 } }]);
  });

  it('numbers as many interfaces as there are', () => {
    const interfaces = Array.from({ length: 28 }, (_, index) =>
      networkInterface({
        address: `10.0.0.${index + 2}`,
        mac: `be:ef:0a:00:00:${(index + 2).toString(16).padStart(2, '0')}`,
      }),
    );
    const { ethernets }: { ethernets: object } = parse(networkConfig(interfaces));
    expect(Object.keys(ethernets)).toStrictEqual(interfaces.map((_, index) => `eth${index}`));
  });
});

/** How each renderer writes the default route. */
const ROUTES: Readonly<Record<Renderer, RegExp>> = {
  netplan: /- {3}to: 0\.0\.0\.0\/0\n +via: 10\.20\.30\.1\n/u,
  eni: /post-up route add default gw 10\.20\.30\.1 /u,
  networkd: /\[Route\]\nDestination=0\.0\.0\.0\/0\n+Gateway=10\.20\.30\.1\n/u,
  'network-manager': /route1=0\.0\.0\.0\/0,10\.20\.30\.1\n/u,
};

describe('network-config, as cloud-init renders it,', () => {
  beforeAll(unpackCloudInit, UNPACK_MS);

  it.each(RENDERERS)(
    'sets addresses, DNS servers and one default route for %s',
    async (renderer) => {
      const rendered = await renderNetwork(networkConfig(FULL), renderer);
      expect(rendered).toMatch(ROUTES[renderer]);
      for (const value of ['10.20.30.40/24', '192.168.1.50/24', '8.8.8.8', '1.1.1.1', '192.168.1.1']) {
        expect(rendered).toContain(value);
      }
      expect(rendered.toLowerCase()).toContain('be:ef:0a:14:1e:28');
      expect(rendered.match(/0\.0\.0\.0\/0|add default/gu)).toHaveLength(1);
    },
    JUDGE_MS,
  );

  it(
    'keeps an on-link gateway on-link',
    async () => {
      expect(await renderNetwork(networkConfig([ON_LINK]), 'netplan')).toMatch(
        /on-link: true\n +to: 0\.0\.0\.0\/0\n +via: 10\.0\.0\.1\n/u,
      );
    },
    JUDGE_MS,
  );

  it(
    'cannot have the word `default` for 0.0.0.0/0',
    async () => {
      const document = networkConfig(FULL).replace('0.0.0.0/0', 'default');
      await expect(renderNetwork(document, 'networkd')).rejects.toThrow('default');
    },
    JUDGE_MS,
  );

  it(
    'becomes the units that were meant, through netplan',
    async () => {
      const jumbo = FULL.slice(0, 1).map((one) => ({ ...one, mtu: 9000 }));
      const units = await generateUnits(networkConfig([...jumbo, ...FULL.slice(1), ON_LINK]));
      expect(units).toMatchInlineSnapshot(`
        {
          "10-netplan-eth0.link": "[Match]
        PermanentMACAddress=be:ef:0a:14:1e:28

        [Link]
        Name=eth0
        WakeOnLan=off
        MTUBytes=9000
        ",
          "10-netplan-eth0.network": "[Match]
        PermanentMACAddress=be:ef:0a:14:1e:28
        Name=eth0

        [Link]
        MTUBytes=9000

        [Network]
        LinkLocalAddressing=ipv6
        Address=10.20.30.40/24
        DNS=8.8.8.8
        DNS=1.1.1.1

        [Route]
        Destination=0.0.0.0/0
        Gateway=10.20.30.1
        ",
          "10-netplan-eth1.link": "[Match]
        PermanentMACAddress=be:ef:c0:a8:01:32

        [Link]
        Name=eth1
        WakeOnLan=off
        ",
          "10-netplan-eth1.network": "[Match]
        PermanentMACAddress=be:ef:c0:a8:01:32
        Name=eth1

        [Network]
        LinkLocalAddressing=ipv6
        Address=192.168.1.50/24
        DNS=192.168.1.1
        ",
          "10-netplan-eth2.link": "[Match]
        PermanentMACAddress=be:ef:0a:14:1e:28

        [Link]
        Name=eth2
        WakeOnLan=off
        ",
          "10-netplan-eth2.network": "[Match]
        PermanentMACAddress=be:ef:0a:14:1e:28
        Name=eth2

        [Network]
        LinkLocalAddressing=ipv6
        Address=10.20.30.40/32

        [Route]
        Destination=0.0.0.0/0
        Gateway=10.0.0.1
        GatewayOnLink=true
        ",
        }
      `);
    },
    UNPACK_MS,
  );
});
