/** Where a guest of Ignition finds what plow puts there. */
export const COMMANDS_FILE = '/etc/plow/runcmd.sh';
export const TIMEZONE_LINK = '/etc/localtime';
