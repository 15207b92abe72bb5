// What was sealed is missed by `audit verify` once it is removed, whatever its kind; a healthy instance hears nothing of it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Instance, until } from '../lib/instance.mjs';

let site, officer, analyst, kase, told, referral;
const ok = async (promise, status = 200) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};
// SQL on the desk's tables, as whoever holds the database may write it.
const sql = (text) => (site.storeUrl ? execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', site.storeUrl, '-c', text], { encoding: 'utf8' })
  : execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 3000', path.join(site.data, 'desk/desk.db')], { input: text.replaceAll('desk.', ''), encoding: 'utf8' })).trim();
const bytes = (id) => (site.storeUrl ? `'\\x${id}'::bytea` : `x'${id}'`);
const verify = (...more) => spawnSync(path.join(build, 'isigurt'), ['audit', 'verify', '--data', site.data, ...more],
  { env: { ...site.env, ASAN_OPTIONS: 'detect_leaks=1' }, encoding: 'utf8' });
const clean = () => {
  const v = verify();
  assert.equal(v.status, 0, v.stdout + v.stderr);
  assert.match(v.stdout, /^whole: /);
  assert.doesNotMatch(v.stderr, /not there|removed: writer|LeakSanitizer: detected/);
};

before(async () => {
  site = await Instance.start();
  site.morning();
  [officer, analyst] = [await site.signIn('duty_officer'), await site.signIn('analyst')];
  const send = async (text) => {
    const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
    await ok(site.report({ category: 'SEXT', in_danger: true, text }), 201);
    return until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id))?.id);
  };
  told = await send('një');
  await ok(officer.post(`/api/v1/reports/${told}/take`));
  assert.ok((await officer.post(`/api/v1/reports/${told}/answer`, { text: 'Të dëgjojmë.' })).status < 300);
  await ok(officer.post(`/api/v1/reports/${told}/urgency`, { urgency: 'U2', reason: 'Fëmija u qetësua.' }));
  kase = (await ok(officer.post('/api/v1/cases', { reports: [await send('dy')] }), 201)).id;
  const c = `/api/v1/cases/${kase}`;
  for (const name of ['Njerku Një', 'Njerku Dy'])
    await ok(officer.post(`${c}/people`, { role: 'suspect', name, must_not_be_told: true }), 201);
  await ok(officer.post(`${c}/routes`, { kind: 'criminal', body: 'Policia', number: '1/26' }), 201);
  assert.equal((await officer.post(`${c}/close`, { outcome: 'child_safe' })).status, 409, 'sealed, and refused');
  const police = (await ok(officer.get('/api/v1/units?type=police'))).units[0].id;
  referral = (await ok(officer.post(`${c}/referrals`, { unit: police, purpose: 'investigation', ground: 'criminal_procedure', note: 'Ju lutem.', reason: 'Rrezik për jetën.', fields: ['category'] }), 201)).id;
  const file = await ok(officer.post(`${c}/casefile`, { way: 'unit', unit: police, ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', compared: true }), 201);
  await ok(officer.post(`/api/v1/casefiles/${file.id}/revoke`));
});
after(() => site.remove());

test('a healthy instance: refused, referred, made and taken back, and nothing is missed', () => clean());

test('one removed of each kind is named by its kind and home', () => {
  const gone = (table, where, said, status = 0) => {
    sql(`create table desk.kept as select * from ${table} where ${where}`);
    assert.notEqual(sql('select count(*) from desk.kept'), '0', where);
    sql(`delete from ${table} where ${where}`);
    const v = verify();
    assert.equal(v.status, status, v.stdout + v.stderr);
    assert.match(v.stdout + v.stderr, said);
    sql(`insert into ${table} select * from desk.kept; drop table desk.kept`);
  };
  const home = `home = ${bytes(kase)}`;
  const one = (kind, last) => `${home} and seq = (select ${last}(seq) from desk.case_item where ${home} and kind = '${kind}')`;
  gone('desk.case_item', one('person', 'min'), new RegExp(`entry of case ${kase} was removed`), 1);
  gone('desk.case_item', `${home} and seq = (select max(seq) from desk.case_item where ${home})`, new RegExp(`entry of case ${kase} is not there`));
  gone('desk.case_item', `home = ${bytes(referral)}`, new RegExp(`entry of referral or case file ${referral} is not there`));
  gone('desk.note', `report = ${bytes(told)}`, new RegExp(`note or assessment of report ${told} is not there`));
  gone('desk.message', 'direction = 2', /answer in thread [0-9a-f]{32} is not there/);
  clean();
});

test('an anchor that cannot be read is said by itself', () => {
  const v = verify('--anchor', '/nonexistent/anchor');
  assert.equal(v.status, 2);
  assert.match(v.stderr, /^isigurt: the anchor \/nonexistent\/anchor cannot be read\n$/);
});
