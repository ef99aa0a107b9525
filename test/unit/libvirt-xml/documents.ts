/** Documents as libvirt 9.0 on Debian 12 writes them, less what does not matter here. */

/** @param domains how x86_64 guests can run, in libvirt's order */
export function capabilities(domains: readonly string[], secmodels: string): string {
  return `<capabilities>

  <host>
    <uuid>77777777-0000-4000-8000-000000000001</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>kvm64</model>
    </cpu>
    ${secmodels}
  </host>

  <guest>
    <os_type>hvm</os_type>
    <arch name='i686'>
      <wordsize>32</wordsize>
      <emulator>/usr/bin/qemu-system-i386</emulator>
      <domain type='qemu'/>
    </arch>
  </guest>

  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <machine maxCpus='288' canonical='pc-q35-7.2'>q35</machine>
      ${domains.map((type) => `<domain type='${type}'/>`).join('\n      ')}
    </arch>
    <features>
      <acpi default='on' toggle='yes'/>
      <apic default='on' toggle='no'/>
    </features>
  </guest>

</capabilities>
`;
}

export const DEBIAN_SECMODELS = `<secmodel>
      <model>apparmor</model>
      <doi>0</doi>
    </secmodel>
    <secmodel>
      <model>dac</model>
      <doi>0</doi>
      <baselabel type='kvm'>+64055:+64055</baselabel>
      <baselabel type='qemu'>+64055:+64055</baselabel>
    </secmodel>`;

/** An overlay. */
export const VOLUME = `<volume type='file'>
  <name>o.qcow2</name>
  <key>/var/lib/libvirt/images/o.qcow2</key>
  <capacity unit='bytes'>10485760</capacity>
  <allocation unit='bytes'>200704</allocation>
  <physical unit='bytes'>196616</physical>
  <target>
    <path>/var/lib/libvirt/images/o.qcow2</path>
    <format type='qcow2'/>
    <permissions>
      <mode>0640</mode>
      <owner>0</owner>
      <group>64055</group>
    </permissions>
    <timestamps>
      <atime>1795381602.342285103</atime>
    </timestamps>
  </target>
  <backingStore>
    <path>/var/lib/libvirt/images/tiny.raw</path>
    <format type='raw'/>
    <permissions>
      <mode>0644</mode>
      <owner>1</owner>
      <group>1</group>
    </permissions>
  </backingStore>
</volume>
`;

export const DIRECTORY_VOLUME = `<volume type='dir'>
  <name>adir</name>
  <key>/var/lib/libvirt/images/adir</key>
  <capacity unit='bytes'>0</capacity>
  <allocation unit='bytes'>0</allocation>
  <target>
    <path>/var/lib/libvirt/images/adir</path>
    <format type='dir'/>
    <permissions>
      <mode>0755</mode>
      <owner>0</owner>
      <group>0</group>
    </permissions>
  </target>
</volume>
`;

export const POOL = `<pool type='dir'>
  <name>p</name>
  <uuid>29c89573-3209-4c70-9ad5-4b279bf99366</uuid>
  <capacity unit='bytes'>270553174016</capacity>
  <source>
  </source>
  <target>
    <path>/var/lib/libvirt/images</path>
    <permissions>
      <mode>0711</mode>
    </permissions>
  </target>
</pool>
`;

export const LOGICAL_POOL = `<pool type='rbd'>
  <name>ceph</name>
  <uuid>29c89573-3209-4c70-9ad5-4b279bf99367</uuid>
  <source>
    <host name='ceph1'/>
    <name>images</name>
  </source>
</pool>
`;

export const BRIDGE = `<interface type='bridge' name='br0'>
  <mtu size='1500'/>
  <bridge stp='off' delay='1500'>
    <interface type='ethernet' name='up0'>
      <link speed='10000' state='up'/>
      <mac address='42:be:e3:6e:47:dd'/>
    </interface>
    <interface type='bond' name='bond0'>
      <bond>
        <interface type='ethernet' name='eth1'>
          <link state='down'/>
          <mac address='42:be:e3:6e:47:de'/>
        </interface>
      </bond>
    </interface>
  </bridge>
</interface>
`;

/** As libvirt with netcf writes it, after the documents of libvirt's own tests. */
export const NETCF_BRIDGE = `<interface type='bridge' name='br0'>
  <start mode='onboot'/>
  <mtu size='1500'/>
  <protocol family='ipv4'>
    <ip address='192.168.0.5' prefix='24'/>
    <ip address='192.168.1.5' prefix='24'/>
    <ip address='10.0.0.1'/>
    <route gateway='192.168.0.1'/>
  </protocol>
  <protocol family='ipv6'>
    <ip address='fe80::1' prefix='64'/>
  </protocol>
  <bridge stp='off'>
    <interface type='ethernet' name='eth0'>
      <mac address='ab:bb:cc:dd:ee:ff'/>
    </interface>
  </bridge>
</interface>
`;

/** A domain that runs, with disks of every kind, not made by plow. */
export const DOMAIN = `<domain type='qemu' id='3'>
  <name>odd</name>
  <uuid>8fde6123-b713-47ca-a8e3-a4b84bc2e1ed</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/odd/boot &quot;&#xE9;&quot;.qcow2' index='2'/>
      <backingStore type='file' index='3'>
        <format type='qcow2'/>
        <source file='/images/base.qcow2'/>
        <backingStore type='block' index='4'>
          <format type='raw'/>
          <source dev='/dev/vg/deep'/>
          <backingStore/>
        </backingStore>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <backingStore type='file'>
        <source file='/images/before-the-source.qcow2'/>
      </backingStore>
      <source file='/images/odd/second.qcow2'/>
      <mirror type='file' job='copy'>
        <source file='/images/copy-under-way.qcow2'/>
      </mirror>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw'/>
      <source dev='/dev/vg/lv'/>
      <target dev='vdc' bus='virtio'/>
    </disk>
    <disk type='volume' device='disk'>
      <driver name='qemu' type='raw'/>
      <source pool='p' volume='tiny.raw'/>
      <target dev='vdd' bus='virtio'/>
    </disk>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <source protocol='nbd' name='x'>
        <host name='10.0.0.1' port='10809'/>
      </source>
      <target dev='vde' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <disk type='file'>
      <source file='/images/odd/no-device.raw'/>
      <target dev='vdf' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:11:22:33'/>
      <source network='default'/>
    </interface>
    <interface type='bridge'>
      <mac address='be:ef:0a:14:1e:2a'/>
      <source bridge='br0'/>
    </interface>
  </devices>
</domain>
`;

export const DOMAIN_CAPABILITIES = `<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <domain>qemu</domain>
  <machine>pc-q35-7.2</machine>
  <arch>x86_64</arch>
  <vcpu max='288'/>
  <os supported='yes'>
    <enum name='firmware'>
      <value>efi</value>
    </enum>
    <loader supported='yes'>
      <value>/usr/share/OVMF/OVMF_CODE_4M.fd</value>
      <enum name='type'>
        <value>rom</value>
        <value>pflash</value>
      </enum>
    </loader>
  </os>
</domainCapabilities>
`;
