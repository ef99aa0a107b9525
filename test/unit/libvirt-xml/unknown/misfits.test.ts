import { expect, it } from 'vitest';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { misfits } from '../../../../src/libvirt-xml/unknown/misfits.ts';

it.each<[string, string, readonly string[]]>([
  ['namespaces, which say nothing', "<domain xmlns:q='urn:q'/>", []],
  ['a disk by its target', "<domain><disk><target dev='vda'/></disk></domain>", ['disk vda (vda)']],
  ['a disk without a target', '<domain><disk/></domain>', ['disk']],
  ['a target of something else', "<domain><serial><target dev='x'/></serial></domain>", ['serial (x)']],
  [
    'no more than eight words',
    "<domain><a type='1' model='2' mode='3' name='4' value='5' state='6' bus='7' dev='8' file='9'/></domain>",
    ['a (1 2 3 4 5 6 7 8)'],
  ],
  ['of a variable its name alone', "<domain><c><env name='N' value='geheim'/></c></domain>", ['c (N)']],
  ['of firmware the name alone', "<domain><c><entry name='N'>geheim</entry></c></domain>", ['c (N)']],
  ['of an argument nothing', "<domain><c><arg value='geheim'/></c></domain>", ['c (…)']],
  [
    'which device it is, and not where it is plugged in',
    "<domain><hostdev><source><address bus='1'/></source><address type='pci' slot='7'/></hostdev></domain>",
    ['hostdev (1)'],
  ],
  ['a text without the blanks around it', '<domain><x>\n  text \n</x></domain>', ['x (text)']],
])('tells %s', (_, document, words) => {
  expect(misfits(parseXml(document), {}, '')).toStrictEqual(words);
});
