/** Whether what is to be pulled is given by its address, and not by a name of the catalog. */
export function isUrl(word: string): boolean {
  return word.includes('://');
}
