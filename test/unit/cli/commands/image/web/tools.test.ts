import { describe, expect, it } from 'vitest';
import { webTools } from '../../../../../../src/cli/commands/image/web/tools.ts';

describe('what a pull downloads with', () => {
  it('ends with the pull that asks for it, and not just with plow', async () => {
    const { open } = webTools({ variables: {}, version: '1.0.0' }, new AbortController().signal, () => {});
    const over = AbortSignal.abort(new Error('the pull is over'));
    await expect(open('http://127.0.0.1:9/debian.qcow2', over)).rejects.toThrow('the pull is over');
  });
});
