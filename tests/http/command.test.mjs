// The command line: help, exit codes, one-line errors, backup and restore, a trail edited by a thief.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, build, emptyDatabase, until } from '../lib/instance.mjs';

const isigurt = (...args) => spawnSync(path.join(build, 'isigurt'), args, { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

test('every command has help, and wrong words get one line and code 2', () => {
  for (const words of [[], ['init'], ['serve'], ['audit', 'verify'], ['backup'], ['restore'], ['user', 'list'], ['config', 'check']]) {
    const help = isigurt(...words, '--help');
    assert.equal(help.status, 0, words.join(' '));
    assert.match(help.stdout, /usage: isigurt/);
    if (!words.length) continue;
    const wrong = isigurt(...words, '--nonsense');
    assert.equal(wrong.status, 2, words.join(' '));
    assert.equal(wrong.stderr.trim().split('\n').length, 1, wrong.stderr);
    assert.equal(isigurt(...words).status, 2, `${words.join(' ')} without --data`);
  }
  assert.equal(isigurt('dance').status, 2);
});

test('plain HTTP and demo data stay on loopback', () => {
  const open = isigurt('serve', '--data', site.data, '--portal', '0.0.0.0:18999');
  assert.equal(open.status, 1);
  assert.match(open.stderr, /loopback/);
  const conf = path.join(site.data, 'isigurt.conf');
  const kept = fs.readFileSync(conf, 'utf8');
  fs.writeFileSync(conf, kept.replace(/portal\.url = .*/, 'portal.url = https://isigurt.example'));
  const demo = isigurt('serve', '--data', site.data);
  fs.writeFileSync(conf, kept);
  assert.equal(demo.status, 1);
  assert.match(demo.stderr, /demo/);
});

test('a data directory is served once, a port is a port, a trail that cannot be read is not called broken', () => {
  const twice = isigurt('serve', '--data', site.data, '--portal', '127.0.0.1:1', '--desk', '127.0.0.1:2');
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /served already/);
  assert.ok(fs.existsSync(path.join(site.data, 'run/keeper/keeper.sock')), 'the keeper that runs is left alone');
  assert.equal(isigurt('audit', 'verify', '--data', '/nonexistent').status, 2);
});

test('a wrong configuration refuses with file, line and mend', () => {
  const conf = path.join(site.data, 'isigurt.conf');
  const kept = fs.readFileSync(conf, 'utf8');
  fs.writeFileSync(conf, `${kept}colour = red\n`);
  const check = isigurt('config', 'check', '--data', site.data);
  fs.writeFileSync(conf, kept);
  assert.equal(check.status, 1);
  assert.match(check.stderr, /isigurt\.conf:\d+: .*colour/);
  assert.equal(isigurt('config', 'check', '--data', site.data).status, 0);
});

test('backup and restore: the same reports, no old session, a trail that goes on', async () => {
  const sent = await site.report({ text: 'para kopjes' });
  const officer = await site.signIn('duty_officer');
  await until('ingest', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.length > 0);
  await new Promise((done) => setTimeout(done, 800));
  const file = path.join(site.root, 'one.backup');
  site.run(['backup', '--data', site.data, '--to', file]);
  assert.equal(isigurt('backup', '--data', site.data, '--to', file).status, 1, 'never over an existing file');
  await site.stop();
  fs.renameSync(site.data, `${site.data}-lost`);
  // A damaged file is refused as a whole.
  const bytes = fs.readFileSync(file);
  const torn = path.join(site.root, 'torn.backup');
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  fs.writeFileSync(torn, bytes);
  const key = path.join(site.keys, 'backup.key');
  assert.equal(isigurt('restore', '--data', `${site.root}/torn`, '--keys', site.keys, '--from', torn, '--key', key).status, 1);
  if (!site.storeUrl) site.run(['restore', '--data', site.data, '--from', file, '--key', key]);
  else {
    emptyDatabase(site.storeUrl);
    site.run(['restore', '--data', site.data, '--from', file, '--key', key, '--store', site.storeUrl]);
  }
  await site.serve();
  assert.equal((await officer.get('/api/v1/reports?state=new')).status, 401, 'old sessions are gone');
  assert.equal((await site.follow(sent.json.receipt)).status, 200);
  const again = await site.signIn('duty_officer');
  assert.ok((await again.get('/api/v1/reports?state=new')).json.reports.length > 0);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});

test('user: an administrator makes a person, who gets no key by it', async () => {
  const admin = site.account('administrator');
  site.advance(60);
  const { totp, until } = await import('../lib/instance.mjs');
  const out = site.run(['user', 'add', '--data', site.data, '--as', admin.username, '--user', 'erjon', '--name', 'Erjon Prova', '--institution', admin.institution, '--roles', 'duty_officer', '--mail', 'erjon@posta.example'],
    { input: `${admin.password}\n${totp(admin.totp_secret, site.now())}\n` });
  const [, password, secret] = /password (\S+)\s+TOTP secret (\S+)/.exec(out);
  const session = await site.signIn({ username: 'erjon', password, totp_secret: secret });
  const reports = (await session.get('/api/v1/reports?state=new')).json?.reports ?? [];
  assert.equal(reports.length, 0, 'no unit, no report');
  assert.match(site.run(['user', 'list', '--data', site.data]), /erjon/);
  site.advance(60);
  site.run(['user', 'disable', '--data', site.data, '--as', admin.username, '--user', 'erjon'],
    { input: `${admin.password}\n${totp(admin.totp_secret, site.now())}\n` });
  await until('the session to end', async () => (await session.get('/api/v1/account')).status === 401);
  assert.match(site.run(['user', 'list', '--data', site.data]), /erjon.* disabled/, 'and the lists, by which people are called, know it');
});
