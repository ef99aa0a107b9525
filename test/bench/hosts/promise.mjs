/** Says whether what was promised is kept. */
export function promise(what, measured, most, unit = 'x') {
  const verdict = measured <= most ? 'kept' : 'BROKEN';
  console.log(`  ${what}: ${measured.toFixed(2)} ${unit}, promised ${most} ${unit}: ${verdict}`);
}
