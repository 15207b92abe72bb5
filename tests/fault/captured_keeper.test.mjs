// The keeper as a captured process: its own program, as its own user and behind its own filter, tries the ways out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, build } from '../lib/instance.mjs';

let site;
before(async () => { site = await Instance.start({ store: 'sqlite', separate: true }); });
after(() => site.remove());

test('the keeper that serves runs behind a filter and gains no privileges', () => {
  const status = fs.readFileSync(`/proc/${site.pids().keeper}/status`, 'utf8');
  assert.match(status, /^Seccomp:\s+2$/m);
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.match(fs.readFileSync(`/proc/${site.pids().portal}/status`, 'utf8'), /^Seccomp_filters:\s+0$/m, 'a filter of the machine\'s own would hide that the keeper\'s is missing');
});

test('captured keeper: no network, no other program, no foreign memory, no foreign schema', async () => {
  await site.stop(); // one keeper for one data directory
  const out = site.as('isigurt-keeper', 'env', 'ISIGURT_TEST_CAPTURED=1', 'ASAN_OPTIONS=detect_leaks=0', path.join(build, 'isigurt-keeper'), '--data', site.data, '--keys', site.keys);
  const got = Object.fromEntries(out.trim().split('\n').map((line) => line.split(': ')));
  for (const way of ['inet', 'inet6', 'netlink', 'execve', 'execveat', 'ptrace', 'memory']) {
    assert.equal(got[`open ${way}`], 'done', `${way} without the filter: otherwise its refusal says nothing of the filter`);
    assert.equal(got[`closed ${way}`], 'EACCES', way);
  }
  assert.equal(got['closed io_uring'], 'EACCES'); // without the filter the machine itself may refuse it, with EPERM or ENOSYS
  assert.notEqual(got['open io_uring'], 'EACCES');
  assert.equal(got['closed unix'], 'done', 'the desk is answered');
  for (const schema of ['intake', 'reply', 'desk', 'keeper'])
    for (const way of ['read', 'write']) assert.equal(got[`closed ${way} ${schema}`], schema === 'keeper' ? 'done' : 'EACCES', `${way} ${schema}`);
});
