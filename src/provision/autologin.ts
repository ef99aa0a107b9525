/**
 * The console of every machine type: ttyS0, ttyAMA0 or hvc0.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html
 */
export const CONSOLE_UNIT = 'serial-getty@.service';
export const AUTOLOGIN_DROP_IN = 'plow-autologin.conf';

/** By it the serial console logs in as root. The empty line takes away what it started before. */
export const AUTOLOGIN = `# Made by plow: whoever can open the console is root.
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200,57600,38400,9600 - $TERM
`;
