// Loaded before plow (`node --require inject.cjs plow.cjs ...`): puts itself between the shipped program and libvirt.so,
// where koffi declares libvirt's functions. Records every round trip, and at some of them makes trouble. PLOW_FAULT holds
// the plan as JSON: the file for the trace, and faults, see faulty.ts.
const { appendFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const koffi = require('koffi');

/** Not calls of plow's: the event loop waits, and leaving is no step of a workflow. */
const UNCOUNTED = new Set([
  'virEventRunDefaultImpl',
  'virConnectDomainEventDeregisterAny',
  'virConnectClose',
]);
/**
 * Made after each event or packet, however many there are: in a row these count as one, so that what follows keeps its
 * number.
 */
const POLLED = new Set(['virDomainGetState', 'virStreamRecv', 'virStreamRecvFlags']);

const HEARD_MS = 5;

const { trace, faults } = JSON.parse(process.env.PLOW_FAULT);
let count = 0;
let previous;
/** The error that libvirt is made to have, until it is taken or another call begins. */
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

/** @param place of an error, whose text is then its own to free */
function writeError(place, { code, domain, message }) {
  const text = koffi.alloc('char', message.length + 1);
  koffi.encode(text, 'char', message, message.length + 1);
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
}

function record(line) {
  appendFileSync(trace, `${line}\n`);
}

/** Takes down the call. @returns its number, and whether it repeats the one before */
function take(name) {
  const repeated = POLLED.has(name) && name === previous;
  previous = name;
  if (repeated) return { index: count - 1, repeated };
  record(`call ${name}`);
  return { index: count++, repeated };
}

/** @returns the fault that keeps the call from reaching libvirt */
function failureOf(name, { index, repeated }) {
  return faults.find((fault) => {
    if (fault.action === 'disconnect') return index >= fault.at;
    if (fault.action !== 'fail') return false;
    if (index === fault.at && !repeated) Object.assign(fault, { name, left: fault.times ?? 1 });
    if (fault.name !== name || fault.left === 0) return false;
    fault.left -= 1;
    return true;
  });
}

function isHit(fault, { index, repeated }) {
  return index === fault.at && !repeated;
}

/** What happens to plow, or around it, before the call is sent. */
function befall(fault) {
  if (fault.action === 'kill') die(fault);
  if (fault.action !== 'signal' && fault.action !== 'run') return;
  recordInjected(fault);
  if (fault.action === 'signal') process.kill(process.pid, fault.signal);
  else record(JSON.stringify(run(fault.command)));
}

function recordInjected(fault) {
  record(`injected ${faults.indexOf(fault)}`);
}

function run(command) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function die(fault) {
  recordInjected(fault);
  process.kill(process.pid, 'SIGKILL');
}

function fail(fault, { func, name, returnsNumber }, callback) {
  recordInjected(fault);
  if (name === 'virConnectOpen') {
    func.async('qemu+unix:///system?socket=/nowhere', callback);
    return;
  }
  setImmediate(() => {
    error = fault.error;
    callback(null, returnsNumber ? -1 : null);
  });
}

function callUncounted({ func, name }, args, callback) {
  func.async(...args, (failure, result) => {
    if (name === 'virConnectClose') record(`closed ${result}`);
    callback(failure, result);
  });
}

function callCounted(called, args, callback) {
  const turn = take(called.name);
  const hit = faults.filter((fault) => isHit(fault, turn));
  for (const fault of hit) befall(fault);
  const failure = failureOf(called.name, turn);
  if (failure !== undefined) {
    fail(failure, called, callback);
    return;
  }
  const send = () =>
    called.func.async(...args, (broken, result) => {
      for (const fault of hit) if (fault.action === 'kill after') die(fault);
      callback(broken, result);
    });
  // A signal is heard in a later turn of the event loop, which a quick answer would come before.
  if (hit.some(({ action }) => action === 'signal')) setTimeout(send, HEARD_MS);
  else send();
  for (const fault of hit) {
    if (fault.action === 'kill during') setTimeout(() => die(fault), fault.milliseconds ?? 0);
  }
}

function wrap(func, name, returnsNumber) {
  const call = (...args) => {
    if (name === 'virConnCopyLastError' && error !== null) {
      writeError(args[1], error);
      return error.code;
    }
    if (name === 'virConnResetLastError') error = null;
    return func(...args);
  };
  const called = { func, name, returnsNumber };
  call.async = (...args) => {
    error = null;
    const callback = args.pop();
    if (UNCOUNTED.has(name)) callUncounted(called, args, callback);
    else callCounted(called, args, callback);
  };
  return call;
}

const { load } = koffi;
koffi.load = (path) => {
  const library = load(path);
  if (!/^libvirt(?:-qemu)?\.so\.0$/u.test(path)) return library;
  return {
    symbol: (name) => library.symbol(name),
    func(prototype) {
      const { returned, name } = /^(?<returned>.*?)(?<name>\w+)\(/u.exec(prototype).groups;
      return wrap(library.func(prototype), name, /^u?int /u.test(returned));
    },
  };
};
