import type { TestHost } from '../integration/support.ts';

/** xor ax,ax; mov ds,ax; cld; mov si,0x7c16; mov dx,0x3f8 (COM1) */
const START = [0x31, 0xc0, 0x8e, 0xd8, 0xfc, 0xbe, 0x16, 0x7c, 0xba, 0xf8, 0x03];
/** next: lodsb; test al,al; jz halt; out dx,al; jmp next; halt: hlt; jmp halt */
const WRITE = [0xac, 0x84, 0xc0, 0x74, 0x03, 0xee, 0xeb, 0xf8, 0xf4, 0xeb, 0xfd];

/** 512 bytes that a BIOS loads to 0x7c00, from a disk or an ISO: they say a line on the serial port, and halt. */
function bootSector(line: string): Uint8Array {
  const sector = new Uint8Array(512);
  sector.set([...START, ...WRITE, ...new TextEncoder().encode(`${line}\r\n\0`)]);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/**
 * Makes an ISO that boots by El Torito and says a line on the serial port: an installer in 512 bytes. It
 * belongs to root, and everybody may read it.
 * @param label of its volume
 */
export async function makeTinyIso(
  host: TestHost,
  path: string,
  line: string,
  label = 'INSTALLER',
): Promise<void> {
  const bytes = Buffer.from(bootSector(line)).toString('base64');
  await host.sh(`d=$(mktemp -d); echo ${bytes} | base64 -d > $d/boot.bin
    xorriso -as mkisofs -quiet -V ${label} -b boot.bin -no-emul-boot -boot-load-size 1 -o ${path} $d 2>&1
    chmod 0644 ${path}; rm -r $d`);
}
