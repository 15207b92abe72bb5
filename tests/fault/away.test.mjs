// The disk full, the database gone and back: "try again" with the text kept, nothing half-written, recovery by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { Instance, request, sleep, until } from '../lib/instance.mjs';

const root = process.getuid() === 0;
const sudo = (command, ...args) => execFileSync(root ? command : 'sudo', root ? args : [command, ...args], { stdio: 'pipe' });
const source = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');

test('full disk', async (t) => {
  const site = await Instance.start({ serve: false, config: { 'disk.reserve_mb': 0 } });
  // The portal's mailbox on a small disk of its own.
  const intake = path.join(site.data, 'intake');
  const copy = path.join(site.root, 'copy');
  fs.cpSync(intake, copy, { recursive: true });
  const { mode, uid, gid } = fs.statSync(intake);
  sudo('mount', '-t', 'tmpfs', '-o', `size=6m,mode=${(mode & 0o7777).toString(8)},uid=${uid},gid=${gid}`, 'tmpfs', intake);
  t.after(async () => { await site.stop(); sudo('umount', '-l', intake); await site.remove(); });
  sudo('sh', '-c', `cp -a ${copy}/. ${intake}/ && chown -R ${uid}:${gid} ${intake}`);
  await site.serve();
  const kept = [];
  const send = async (text) => {
    const answer = await site.report({ text, category: 'HARM' });
    if (answer.status === 201) kept.push(answer.json.receipt);
    return answer;
  };
  assert.equal((await send('para')).status, 201);
  sudo('sh', '-c', `dd if=/dev/zero of=${intake}/ballast bs=64k count=200 2>/dev/null || true`);
  const refused = await until('the full disk to be felt', async () => {
    const answer = await send('x'.repeat(15000));
    return answer.status === 503 ? answer : null;
  }, 20000);
  assert.ok(refused.headers['retry-after'], 'says when to try again');
  // The form comes back with its text and the emergency numbers.
  const form = new URLSearchParams({ where: 'none', choice: 'question', text: 'ky tekst mbetet', submission: 'ab'.repeat(16), step: 'review', go: 'send', language: 'sq' });
  const page = await request(site.portal, 'POST', '/raporto', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() });
  assert.equal(page.status, 503, page.text.slice(0, 400));
  assert.ok(page.text.includes('ky tekst mbetet'), 'nothing typed is lost');
  assert.ok(page.text.includes('116 111'));
  sudo('rm', `${intake}/ballast`);
  await until('recovery by itself', async () => (await send('pas')).status === 201, 20000);
  for (const receipt of kept) assert.equal((await site.follow(receipt)).status, 200);
});

test('PostgreSQL gone and back', async (t) => {
  // A cluster of its own, because it is stopped.
  const dir = `/tmp/isigurt-away-${process.pid}`;
  execFileSync(path.join(source, 'tools/pg-temp'), ['start', dir]);
  const shared = process.env.ISIGURT_TEST_PG;
  process.env.ISIGURT_TEST_PG = dir;
  let site;
  t.after(async () => {
    await site?.stop();
    execFileSync(path.join(source, 'tools/pg-temp'), ['stop', dir]);
    if (shared) process.env.ISIGURT_TEST_PG = shared;
    if (site) fs.rmSync(site.root, { recursive: true, force: true });
  });
  site = await Instance.start({ store: 'postgres' });
  const first = await site.report({ text: 'para' });
  assert.equal(first.status, 201, first.text);
  execFileSync(path.join(source, 'tools/pg-temp'), ['pause', dir]);
  const gone = await site.report({ text: 'gjatë' });
  assert.equal(gone.status, 503, gone.text);
  assert.ok(gone.headers['retry-after']);
  for (const base of [site.portal, site.desk]) assert.equal((await request(base, 'GET', '/health')).status, 503, `${base} knows that the store is gone`);
  execFileSync(path.join(source, 'tools/pg-temp'), ['resume', dir]);
  const back = await until('it to come back', async () => { const r = await site.report({ text: 'pas' }); return r.status === 201 ? r : null; }, 30000);
  for (const base of [site.portal, site.desk]) await until('health', async () => (await request(base, 'GET', '/health')).status === 200, 30000);
  for (const receipt of [first.json.receipt, back.json.receipt]) assert.equal((await site.follow(receipt)).status, 200);
  const officer = await until('a sign-in', () => site.signIn('duty_officer').catch(() => null), 30000);
  assert.equal((await officer.get('/api/v1/reports?state=new')).status, 200);
});

test('/health says 503 where the keeper hangs, on the desk alone', async (t) => {
  const site = await Instance.start();
  t.after(() => site.remove());
  const health = async (base) => (await request(base, 'GET', '/health')).status;
  assert.equal(await health(site.portal), 200);
  assert.equal(await health(site.desk), 200);
  site.kill('keeper', 'SIGSTOP');
  t.after(() => site.kill('keeper', 'SIGCONT'));
  await until('the desk to say it', async () => (await health(site.desk)) === 503, 20000);
  assert.equal(await health(site.portal), 200, 'reports are taken in without the keeper');
  site.kill('keeper', 'SIGCONT');
  await until('it to be well again', async () => (await health(site.desk)) === 200, 20000);
});

test('a program that is told to end leaves its unix socket to the next: who comes meanwhile waits, and nobody finds no file', async (t) => {
  const site = await Instance.start({ serve: false });
  t.after(() => site.remove());
  const dir = path.join(site.root, 'sockets');
  fs.mkdirSync(dir);
  fs.chmodSync(dir, 0o1777);
  await site.serve(['--portal', `unix:${dir}/portal.sock`, '--desk', `unix:${dir}/desk.sock`]);
  const health = (name) => new Promise((resolve, reject) => http.get({ socketPath: `${dir}/${name}.sock`, path: '/health' }, (r) => { r.resume(); resolve(r.statusCode); }).on('error', reject));
  for (const name of ['portal', 'desk']) {
    assert.equal(await health(name), 200);
    for (let round = 0; round < 2; round++) { // the first made the socket itself, the second was given it
      const { ino } = fs.statSync(`${dir}/${name}.sock`), pid = site.pids()[name];
      site.kill(name, 'SIGTERM');
      await until(`another ${name}`, () => { assert.equal(fs.statSync(`${dir}/${name}.sock`).ino, ino); const now = site.pids()[name]; return now && now !== pid; }, 20000);
      assert.equal(await health(name), 200);
      assert.equal(fs.statSync(`${dir}/${name}.sock`).ino, ino);
    }
  }
  await site.stop();
  assert.deepEqual(fs.readdirSync(dir), [], 'serve removes them at its end');
});
