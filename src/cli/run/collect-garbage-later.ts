import { setFlagsFromString } from 'node:v8';

/**
 * For whoever moves an image through this process, in buffers of 64 KiB, which V8 counts to its heap. With a
 * heap as small as plow's it would look for garbage after each 6 MiB, which took a third of the time of a
 * pull; where the heap may grow to five times of what lives there, it looks after each 40.
 */
export function collectGarbageLater(): void {
  setFlagsFromString('--heap-growing-percent=400');
}
