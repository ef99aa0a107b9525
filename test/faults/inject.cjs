// Loaded before plow (`node --require inject.cjs plow.cjs ...`): puts itself between the shipped program and libvirt.so,
// where koffi declares libvirt's functions. Records every round trip, and at one of them makes trouble. PLOW_FAULT holds the
// plan as JSON, see plan.ts.
const { appendFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const koffi = require('koffi');

/** Not calls of plow's: the event loop waits, and leaving is no step of a workflow. */
const UNCOUNTED = new Set(['virEventRunDefaultImpl', 'virConnectClose']);

const plan = JSON.parse(process.env.PLOW_FAULT);
let count = 0;
let faulty;
/** The error that libvirt is made to have, until the next call. */
let error = null;

const VirError = koffi.struct({
  code: 'int',
  domain: 'int',
  message: 'void *',
  level: 'int',
  pointers: koffi.array('void *', 5),
  int1: 'int',
  int2: 'int',
  net: 'void *',
});

function makeError({ code, domain, message }) {
  const text = koffi.alloc('char', message.length + 1);
  koffi.encode(text, 'char', message, message.length + 1);
  const place = koffi.alloc(VirError, 1);
  const pointers = [null, null, null, null, null];
  koffi.encode(place, VirError, {
    code,
    domain,
    message: text,
    level: 2,
    pointers,
    int1: 0,
    int2: 0,
    net: null,
  });
  return place;
}

function record(line) {
  appendFileSync(plan.trace, `${line}\n`);
}

/** @returns true when the call is to fail without reaching libvirt */
function isFault(name, index) {
  if (plan.action === 'disconnect') return index >= plan.at;
  if (plan.action !== 'fail') return false;
  if (index === plan.at) faulty = { name, left: plan.times ?? 1 };
  if (faulty === undefined || faulty.name !== name || faulty.left === 0) return false;
  faulty.left -= 1;
  return true;
}

function befall(index) {
  if (index !== plan.at) return;
  if (plan.action === 'kill') process.kill(process.pid, 'SIGKILL');
  if (plan.action === 'signal') process.kill(process.pid, plan.signal);
  if (plan.action === 'run') record(JSON.stringify(run(plan.command)));
}

function run(command) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function wrap(func, name, returnsNumber) {
  const call = (...args) => (name === 'virConnGetLastError' && error !== null ? error : func(...args));
  call.async = (...args) => {
    error = null;
    const callback = args.at(-1);
    if (UNCOUNTED.has(name)) {
      func.async(...args.slice(0, -1), (failure, result) => {
        if (name === 'virConnectClose') record(`closed ${result}`);
        callback(failure, result);
      });
      return;
    }
    const index = count++;
    record(`call ${name}`);
    befall(index);
    if (isFault(name, index)) {
      if (name === 'virConnectOpen') {
        func.async('qemu+unix:///system?socket=/nowhere', callback);
        return;
      }
      setImmediate(() => {
        error = makeError(plan.error);
        callback(null, returnsNumber ? -1 : null);
      });
      return;
    }
    func.async(...args.slice(0, -1), (failure, result) => {
      if (index === plan.at && plan.action === 'kill after') process.kill(process.pid, 'SIGKILL');
      callback(failure, result);
    });
    if (index === plan.at && plan.action === 'kill during') {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), plan.milliseconds ?? 0);
    }
  };
  return call;
}

const { load } = koffi;
koffi.load = (path) => {
  const library = load(path);
  if (path !== 'libvirt.so.0') return library;
  return {
    symbol: (name) => library.symbol(name),
    func(prototype) {
      const { returned, name } = /^(?<returned>.*?)(?<name>\w+)\(/u.exec(prototype).groups;
      return wrap(library.func(prototype), name, /^u?int /u.test(returned));
    },
  };
};
