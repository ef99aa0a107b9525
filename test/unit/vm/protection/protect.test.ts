import { describe, expect, it } from 'vitest';
import { isProtected } from '../../../../src/libvirt-xml/metadata/guard.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { destroyVm } from '../../../../src/vm/destroy/destroy.ts';
import { protectVm } from '../../../../src/vm/protection/protect.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { eachCall, failOnce } from '../each-call.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images');
  const xml = `<domain><name>db</name><uuid>${UUID}</uuid><devices/></domain>`;
  context.hypervisor.addDomain('db', xml, 'running');
  return context;
}

async function protect(context: TestContext, on: boolean): Promise<boolean> {
  const domain = await context.hypervisor.findDomain('db');
  if (domain === undefined) throw new Error('there is a db');
  return protectVm(domain, context, on);
}

describe('a VM that is protected', () => {
  it('is not destroyed, and nothing of it is touched, until that is lifted', async () => {
    const context = host();
    const before = context.hypervisor.census();
    expect(await protect(context, true)).toBe(true);
    const guarded = context.hypervisor.census();
    await expect(destroyVm('db', context, { graceMs: 0 })).rejects.toMatchObject({
      kind: 'operation',
      message: "VM 'db' is protected: it is not destroyed",
      hint: 'plow unprotect db lifts it',
    });
    expect(context.hypervisor.census()).toStrictEqual(guarded);
    expect(await protect(context, false)).toBe(true);
    expect(context.hypervisor.census()).toStrictEqual(before);
    await destroyVm('db', context, { graceMs: 0 });
    expect(context.hypervisor.domains.size).toBe(0);
  });

  it('is so once, and says that it was', async () => {
    const context = host();
    expect(await protect(context, false)).toBe(false);
    expect(await protect(context, true)).toBe(true);
    context.hypervisor.calls.length = 0;
    expect(await protect(context, true)).toBe(false);
    expect(context.hypervisor.calls).toStrictEqual(['findDomain', 'Domain.xml']);
    expect(context.progress.lines).toStrictEqual([
      "note: VM 'db' is not protected",
      "done: VM 'db' is protected",
      "note: VM 'db' is protected already",
    ]);
  });

  it('costs two calls, and is as before or protected, whichever of them fails', async () => {
    const context = host();
    await protect(context, true);
    expect(context.hypervisor.calls).toStrictEqual(['findDomain', 'Domain.xml', 'Domain.setMetadata']);
    const outcomes = await eachCall({ prepare: host, run: (each) => protect(each, true) }, failOnce);
    expect(outcomes.map(({ unchanged }) => unchanged)).toStrictEqual([true, true, true]);
  });
});

function guard(uuid: string, namespace = 'urn:plow:guard:1'): string {
  return `<domain><uuid>${UUID}</uuid><metadata><plow-guard:guard xmlns:plow-guard='${namespace}' uuid='${uuid}' protected='yes'/></metadata></domain>`;
}

describe('the mark', () => {
  it('counts for the domain that it was made for alone, and is not of others', () => {
    expect(isProtected(parseXml(guard(UUID)))).toBe(true);
    expect(isProtected(parseXml(guard(UUID.replace('0f', 'ff'))))).toBe(false);
    expect(isProtected(parseXml(guard(UUID, 'urn:other')))).toBe(false);
  });
});
