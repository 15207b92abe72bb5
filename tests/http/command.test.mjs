// The command line: help, exit codes, one-line errors, backup and restore, a trail edited by a thief.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, build, emptyDatabase, until } from '../lib/instance.mjs';

const isigurt = (...args) => spawnSync(path.join(build, 'isigurt'), args, { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

test('every command has help, and wrong words get one line and code 2', () => {
  for (const words of [[], ['init'], ['serve'], ['audit', 'verify'], ['backup'], ['restore'], ['migrate'], ['user', 'list'], ['config', 'check']]) {
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

test('a program that was killed leaves no ring socket behind, nor what an earlier serve left', async () => {
  const ring = path.join(site.data, 'run/ring');
  const of = (pid) => fs.readdirSync(ring).filter((name) => name.split('.')[1] === String(pid));
  if (site.storeUrl) return; // PostgreSQL rings by itself
  const { desk } = site.pids();
  assert.ok(of(desk).length > 0, 'the desk listens');
  site.kill('desk');
  await until('its sockets to go', () => of(desk).length === 0, 5000);
  await until('the next desk to listen', () => site.pids().desk && of(site.pids().desk).length > 0, 10000);
  await site.stop();
  fs.writeFileSync(path.join(ring, 'intake.999999.0x1.0'), '');
  await site.serve();
  assert.equal(of(999999).length, 0);
});

test('migrate: not while it serves; a newer program\'s steps once; the older program then refuses', async () => {
  const busy = isigurt('migrate', '--data', site.data);
  assert.equal(busy.status, 1);
  assert.match(busy.stderr, /served/);
  // The next version: the same programs with one step more.
  const own = await Instance.start({ serve: false });
  try {
    const next = path.join(own.root, 'next');
    fs.mkdirSync(next);
    fs.copyFileSync(path.join(build, 'isigurt'), path.join(next, 'isigurt'));
    fs.cpSync(path.join(build, 'share'), path.join(next, 'share'), { recursive: true, dereference: true });
    const engine = own.storeUrl ? 'postgres' : 'sqlite';
    fs.writeFileSync(path.join(next, 'share/sql', engine, '9000_more.sql'), '-- schema reply\ncreate table reply.more (n bigint not null);\n'.replace('bigint', own.storeUrl ? 'bigint' : 'integer'));
    const count = (sql) => (own.storeUrl ? execFileSync('psql', ['-qAtX', own.storeUrl, '-c', sql], { encoding: 'utf8' })
      : execFileSync('sqlite3', [path.join(own.data, 'reply/reply.db'), sql.replaceAll('reply.', '')], { encoding: 'utf8' })).trim();
    const before = count('select count(*) from reply.schema_version');
    for (let i = 0; i < 2; i++) { // the second time there is nothing left to do
      const done = spawnSync(path.join(next, 'isigurt'), ['migrate', '--data', own.data], { encoding: 'utf8', env: own.env });
      assert.equal(done.status, 0, done.stderr);
      assert.equal(count('select count(*) from reply.schema_version'), String(Number(before) + 1));
      assert.equal(count('select count(*) from reply.more'), '0');
    }
    const older = isigurt('migrate', '--data', own.data);
    assert.equal(older.status, 1);
    assert.match(older.stderr, /newer program/);
    assert.equal(isigurt('migrate', '--data', '/nonexistent').status, 1);
  } finally { await own.remove(); }
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
