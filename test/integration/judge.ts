import { readFile } from 'node:fs/promises';
import { run } from '../run.ts';

/** What Python's jsonschema has against a document that plow printed. */
export async function mistakesOf(document: string, command: 'list' | 'show'): Promise<string> {
  const schema = await readFile(new URL(`../../schema/${command}.schema.json`, import.meta.url), 'utf8');
  const program = `
import json, sys
from jsonschema import Draft202012Validator
schema, document = json.load(open(0))
print([error.message for error in Draft202012Validator(schema).iter_errors(document)])`;
  return (await run('/usr/bin/python3', ['-c', program], `[${schema}, ${document}]`)).trim();
}
