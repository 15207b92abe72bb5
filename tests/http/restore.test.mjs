// What a store's address may be, restoring again and to the other store, and what the command line must not leave behind.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, build, postgres, request, sleep, totp } from '../lib/instance.mjs';

const isigurt = (...args) => spawnSync(path.join(build, 'isigurt'), args, { encoding: 'utf8', timeout: 30000, env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
const refused = (run, words) => {
  assert.equal(run.status, 1, run.stderr);
  assert.equal(run.stderr.trim().split('\n').length, 1, run.stderr);
  assert.match(run.stderr, words);
  assert.doesNotMatch(run.stderr, /geheim/);
};
let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

test('an address with a password, or over the network, is refused before anything is made', () => {
  for (const [url, words] of [['postgres://owner:geheim@/x?host=/run/postgresql', /password.*PGPASSFILE/],
    ['postgresql:///x?host=/run/postgresql&password=geheim', /password.*PGPASSFILE/], ['postgres://owner@127.0.0.1:5432/x', /no network/]]) {
    const place = path.join(site.root, 'never');
    refused(isigurt('init', '--data', place, '--store', url), words);
    assert.ok(!fs.existsSync(place) && !fs.existsSync(`${place}-keys`));
    refused(isigurt('serve', '--data', site.data, '--store', url), words);
  }
  assert.equal(fs.statSync(path.join(site.data, 'isigurt.conf')).mode & 7, 0, 'not for everybody');
});

test('signals that mean nothing to serve do not end it', async () => {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE']) site.child.kill(signal);
  await sleep(500);
  assert.equal(site.ended, null);
});

test('a mistyped institution leaves nothing behind, and nobody changes the own roles', () => {
  const admin = site.account('administrator');
  const user = (verb, ...more) => {
    site.advance(60);
    return spawnSync(path.join(build, 'isigurt'), ['user', verb, '--data', site.data, '--as', admin.username, ...more],
      { encoding: 'utf8', env: site.env, input: `${admin.password}\n${totp(admin.totp_secret, site.now())}\n` });
  };
  refused(user('add', '--user', 'bob', '--institution', 'NOPE', '--roles', 'duty_officer'), /no institution 'NOPE'/);
  const good = user('add', '--user', 'bob', '--institution', admin.institution, '--roles', 'duty_officer');
  assert.equal(good.status, 0, good.stderr);
  refused(user('add', '--user', 'bob', '--institution', admin.institution, '--roles', 'duty_officer'), /already/);
  refused(user('roles', '--user', admin.username, '--roles', 'duty_officer'), /own roles/);
  assert.equal(user('end', '--user', 'bob').status, 0, 'still an administrator');
});

test('a backup restores again and again, after a failure too, and the configuration names the store', async () => {
  const link = path.join(site.data, 'country/more.json');
  const file = path.join(site.root, 'one.backup');
  fs.symlinkSync('/etc/hostname', link);
  const linked = isigurt('backup', '--data', site.data, '--to', file);
  fs.unlinkSync(link);
  assert.equal(linked.status, 1, 'what a backup would leave out is said');
  assert.match(linked.stderr, /more\.json is a link/);
  assert.ok(!fs.existsSync(file));
  const pack = async () => (await request(site.portal, 'GET', '/health')).json.pack, inForce = await pack();
  const edited = path.join(site.data, 'country/pack.json'); // and not taken yet
  fs.writeFileSync(edited, fs.readFileSync(edited, 'utf8').replace('116 111', '116 999'));
  site.run(['backup', '--data', site.data, '--to', file]);
  await site.stop();
  fs.renameSync(site.data, `${site.data}-lost`);
  const restore = (...more) => isigurt('restore', '--data', site.data, '--from', file, '--key', path.join(site.keys, 'backup.key'), ...more);
  const again = async (...more) => {
    const done = restore(...more);
    assert.equal(done.status, 0, done.stderr);
    site.log = '';
    await site.serve();
    assert.equal(await pack(), inForce, 'the pack that was in force, not what somebody was about to change');
    assert.match(site.log, /is not the country pack that was accepted/);
    assert.match(fs.readFileSync(edited, 'utf8'), /116 999/);
    await site.signIn('duty_officer');
    assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
    await site.stop();
    fs.rmSync(site.data, { recursive: true });
  };
  await again('--store', 'sqlite:');
  // A folder in the place of the file of the keys that is written after the new node: this try fails there.
  fs.mkdirSync(`${site.keys}/directory.tmp`);
  const torn = restore('--store', 'sqlite:');
  fs.rmdirSync(`${site.keys}/directory.tmp`);
  assert.equal(torn.status, 1, torn.stderr);
  fs.rmSync(site.data, { recursive: true });
  await again('--store', 'sqlite:');
  const name = `r${process.pid}`;
  const psql = (words) => execFileSync('psql', ['-qX', postgres('postgres'), '-c', words], { stdio: 'pipe' });
  psql(`create database ${name}`);
  try {
    await again('--store', postgres(name)); // serve without --store finds it
  } finally {
    psql(`drop database ${name} with (force)`);
  }
  assert.equal(restore('--store', 'sqlite:').status, 0);
  assert.match(fs.readFileSync(path.join(site.data, 'isigurt.conf'), 'utf8'), /^store = sqlite:$/m);
  fs.renameSync(path.join(site.data, 'desk/desk.db'), path.join(site.root, 'desk.db'));
  refused(isigurt('serve', '--data', site.data), /desk\.db is missing/);
});
