// Portal, desk and keeper, each tried as a captured process would: with separate users, by what the files let it do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, sleep, until } from '../lib/instance.mjs';

let site, officer;
before(async () => {
  site = await Instance.start({ store: 'sqlite', separate: true });
  officer = await site.signIn('duty_officer');
});
after(() => site.remove());

const file = (schema) => path.join(site.data, schema, `${schema}.db`);
const sql = (user, schema, statement) => site.as(user, 'sqlite3', '-cmd', '.timeout 3000', file(schema), statement).trim();
const can = (fn) => { try { fn(); return true; } catch { return false; } };
const reports = async (state = 'new') => (await officer.get(`/api/v1/reports?state=${state}`)).json.reports;

test('the programs run as four users', () => {
  const uids = Object.values(site.pids()).map((pid) => /^Uid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  assert.equal(uids.length, 4);
  assert.equal(new Set(uids).size, 4, `${uids}`);
  assert.ok(!uids.includes('0'));
  assert.doesNotMatch(site.log, /separation between them is off/);
});

test('each program reads and writes its own schemas and no other', () => {
  const matrix = { intake: { portal: 'rw', desk: 'r' }, reply: { desk: 'rw', portal: 'r' }, desk: { desk: 'rw', courier: 'rw' }, keeper: { keeper: 'rw' } };
  for (const [schema, users] of Object.entries(matrix)) {
    for (const program of ['portal', 'desk', 'keeper', 'courier']) {
      const user = `isigurt-${program}`;
      const allowed = users[program] ?? '';
      assert.equal(can(() => site.as(user, 'test', '-r', file(schema))), allowed.includes('r'), `${program} reads ${schema}`);
      assert.equal(can(() => site.as(user, 'test', '-w', file(schema))), allowed.includes('w'), `${program} writes ${schema}`);
      assert.equal(can(() => site.as(user, 'test', '-w', path.dirname(file(schema)))), allowed.includes('w'), `${program} writes the folder of ${schema}`);
    }
  }
  for (const key of ['keeper.key', 'node.key', 'backup.key'])
    for (const program of ['portal', 'desk', 'courier']) assert.equal(can(() => site.as(`isigurt-${program}`, 'cat', path.join(site.keys, key))), false, `${program} reads ${key}`);
  for (const program of ['portal', 'courier']) // only the desk may call the keeper to open
    assert.equal(can(() => site.as(`isigurt-${program}`, 'sh', '-c', `exec 3<>${site.data}/desk/desk.db`)), program === 'courier');
  assert.equal(can(() => site.as('isigurt-portal', 'test', '-w', path.join(site.data, 'run/keeper/keeper.sock'))), false, 'the portal reaches the keeper\'s socket');
  for (const other of Object.entries(site.pids())) // no process looks into another's memory
    assert.equal(can(() => site.as(other[0] === 'portal' ? 'isigurt-desk' : 'isigurt-portal', 'cat', `/proc/${other[1]}/environ`)), false, `environment of ${other[0]}`);
});

test('each program reads the country pack and none writes it; it is reloaded all the same', async () => {
  const folder = path.join(site.data, 'country'), accepted = path.join(site.data, 'country.pack');
  for (const program of ['portal', 'desk', 'keeper', 'courier']) {
    const may = (how, at) => can(() => site.as(`isigurt-${program}`, 'test', how, at));
    for (const at of [accepted, path.join(folder, 'pack.json'), path.join(site.data, 'run/pack')]) {
      assert.ok(may('-r', at), `${program} reads ${at}`);
      assert.ok(!may('-w', at), `${program} writes ${at}`);
    }
    for (const at of [site.data, folder, path.join(site.data, 'run')]) assert.ok(!may('-w', at), `${program} writes in ${at}`);
  }
  const admin = await site.signIn('administrator');
  site.as('root', 'sed', '-i', 's/116 111/116 999/', path.join(folder, 'pack.json'));
  const { waiting } = (await admin.get('/api/v1/pack')).json;
  assert.match(waiting, /^[0-9a-f]{64}$/);
  assert.equal((await admin.post('/api/v1/pack/reload', { hash: waiting })).status, 202);
  await until('it in all programs', async () => (await admin.get('/api/v1/pack')).json.programs.every((p) => p.same && waiting.startsWith(p.hash)), 60000);
  assert.equal(site.as('root', 'stat', '-c', '%U %a', accepted).trim(), 'root 644');
});

test('captured portal: what was ingested stays as it is', async () => {
  const sent = await site.report({ text: 'i pandryshuar', category: 'HATE' });
  assert.equal(sent.status, 201);
  const report = await until('it at the desk', async () => (await reports()).find((r) => r.category === 'HATE' && r.same_page_count === 0 && r));
  await sleep(700);
  const original = sql('root', 'desk', `select hex(item) from report_sealed s join report r on r.seq = s.seq where r.id = x'${report.id}'`);
  site.log = '';
  // The same id once more, with another content, straight into the mailbox.
  sql('isigurt-portal', 'intake', `insert into report (id, received, category, urgency_computed, in_danger, county, language, burst, kid, item, unit, epoch, unit_wrap, thread, thread_kid, thread_wrap, tag_box, lookup, content)
    values (x'${report.id}', 0, 'ADVICE', 4, 0, null, 'sq', null, zeroblob(16), zeroblob(200), zeroblob(16), 1, zeroblob(80), zeroblob(16), zeroblob(16), zeroblob(72), null, randomblob(16), zeroblob(16))`);
  await until('an alarm', () => /event=report\.intake_differs/.test(site.log), 15000);
  assert.equal(sql('root', 'desk', `select hex(item) from report_sealed s join report r on r.seq = s.seq where r.id = x'${report.id}'`), original);
  assert.equal((await officer.get(`/api/v1/reports/${report.id}`)).json.text, 'i pandryshuar');
  sql('isigurt-portal', 'intake', `delete from report where id = x'${report.id}'`);
});

test('captured desk: a swapped ciphertext does not open as another report', async () => {
  const [a, b] = (await reports()).slice(-2);
  sql('isigurt-desk', 'desk', `create table swap as select s.seq, s.item from report_sealed s join report r on r.seq = s.seq where r.id in (x'${a.id}', x'${b.id}');
    update report_sealed set item = (select item from swap where swap.seq <> report_sealed.seq) where seq in (select seq from swap)`);
  for (const r of [a, b]) {
    const opened = await officer.get(`/api/v1/reports/${r.id}`);
    assert.ok(opened.status >= 400, `${opened.status}`);
    assert.equal(opened.json.text, undefined);
  }
  sql('isigurt-desk', 'desk', 'update report_sealed set item = (select item from swap where swap.seq = report_sealed.seq) where seq in (select seq from swap); drop table swap');
  assert.equal((await officer.get(`/api/v1/reports/${a.id}`)).status, 200);
});

test('captured desk: an urgency is not lowered unseen', async () => {
  const sent = await site.report({ text: 'urgjente', category: 'TRAFF', in_danger: true });
  assert.equal(sent.status, 201);
  const report = await until('it', async () => (await reports()).find((r) => r.category === 'TRAFF' && r.urgency === 'U1' && r));
  sql('isigurt-desk', 'desk', `update report set urgency = 4 where id = x'${report.id}'`);
  assert.equal((await reports()).find((r) => r.id === report.id).urgency, 'U1', 'the queue goes by the more urgent of the two');
  sql('isigurt-desk', 'desk', `update report set urgency = 1, urgency_computed = 4 where id = x'${report.id}'`);
  assert.ok((await officer.get(`/api/v1/reports/${report.id}`)).status >= 400, 'the computed one is under the seal');
  sql('isigurt-desk', 'desk', `update report set urgency_computed = 1, urgency = 4, urgency_writer = zeroblob(8), urgency_seq = 1 where id = x'${report.id}'`);
  assert.throws(() => site.run(['audit', 'verify', '--data', site.data]), (e) => e.status === 1 && /urgency/.test(e.stdout));
  sql('isigurt-desk', 'desk', `update report set urgency = 1, urgency_writer = null, urgency_seq = null where id = x'${report.id}'`);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});

test('captured desk: kept copies of the wraps open nothing that is written after a unit has left the case', async () => {
  const taker = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
  const unit = (await officer.get('/api/v1/units?type=child_protection')).json.units.find((u) => u.members > 0).id;
  assert.equal((await site.report({ text: 'për t\'u dorëzuar', category: 'SEXT' })).status, 201);
  const report = await until('it', async () => (await reports()).find((r) => r.category === 'SEXT'));
  await officer.post(`/api/v1/reports/${report.id}/take`);
  const made = await officer.post('/api/v1/cases', { reports: [report.id] });
  assert.equal(made.status, 201, made.text);
  const { id } = made.json;
  assert.equal((await officer.post(`/api/v1/cases/${id}/notes`, { text: 'shënim i vjetër' })).status, 201);
  const all = ['unit_wrap where home', 'child_wrap where parent', 'case_file where id'];
  for (const [i, rows] of all.entries()) sql('isigurt-desk', 'desk', `create table kept${i} as select * from ${rows} = x'${id}'`);
  const sent = await officer.post(`/api/v1/cases/${id}/referrals`, { unit, kind: 'transfer', purpose: 'protection', ground: 'child_protection', consent: true, note: '', fields: ['category'], more_reason: 'Duhet të dihet.' });
  assert.equal(sent.status, 201, sent.text);
  assert.equal((await taker.post(`/api/v1/referrals/${sent.json.id}/accept`)).status, 200);
  assert.equal((await taker.post(`/api/v1/cases/${id}/notes`, { text: 'shënim i ri' })).status, 201);
  const gone = await officer.get(`/api/v1/cases/${id}`); // to whom it went, and nothing of it
  assert.equal(gone.status, 403);
  assert.doesNotMatch(gone.text, /shënim/);

  // The former owner's rows again, beside the new ones: its live session reads nothing, and has nothing written.
  const show = (who) => who.get(`/api/v1/cases/${id}`);
  sql('isigurt-desk', 'desk', `create table fresh as select * from case_file where id = x'${id}'; insert into unit_wrap select * from kept0;
    delete from case_file where id = x'${id}'; insert into case_file select * from kept2`);
  const read = await show(officer);
  assert.equal(read.status, 403, read.text);
  assert.doesNotMatch(read.text, /shënim/);
  assert.equal((await officer.post(`/api/v1/cases/${id}/notes`, { text: 'nën çelësin e vjetër' })).status, 403);
  // With the rows as they were, the new owner reads all of it.
  sql('isigurt-desk', 'desk', `delete from unit_wrap where home = x'${id}' and generation = 0;
    delete from case_file where id = x'${id}'; insert into case_file select * from fresh`);
  const now = await show(taker);
  assert.equal(now.status, 200, now.text);
  assert.match(now.text, /shënim i vjetër.*shënim i ri/s);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
  sql('isigurt-desk', 'desk', 'drop table kept0; drop table kept1; drop table kept2; drop table fresh');
});

test('a forged directory is not believed', async () => {
  const directory = path.join(site.keys, 'directory');
  const good = site.as('root', 'base64', '-w0', directory);
  const bytes = Buffer.from(good, 'base64');
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  const forged = bytes.toString('base64');
  site.log = '';
  site.as('root', 'sh', '-c', `echo ${forged} | base64 -d > ${directory}`);
  await until('an alarm about it', () => /event=directory-refused/.test(site.log), 15000);
  assert.equal((await site.report({ text: 'ende e vulosur' })).status, 201, 'goes on with what it has');
  // The keeper's rounds write it each minute, with a newer time; nobody else puts it right.
  await until('the keeper to write another', () => site.as('root', 'base64', '-w0', directory) !== forged, 90000);
  site.log = '';
  await sleep(6000);
  assert.doesNotMatch(site.log, /event=directory-refused/, 'a true one');
  assert.equal((await site.report({ text: 'e vulosur me të re' })).status, 201);
});

test('a trail edited in the database is found broken', async (t) => {
  await site.stop();
  const kept = path.join(site.root, 'keeper-kept');
  site.as('root', 'cp', '-a', path.join(site.data, 'keeper'), kept);
  const verify = () => { try { return { code: 0, out: site.run(['audit', 'verify', '--data', site.data]) }; } catch (e) { return { code: e.status, out: e.stdout }; } };
  assert.equal(verify().code, 0, 'whole before');
  const recompute = path.join(site.root, 'recompute.py');
  fs.writeFileSync(recompute, `
import hashlib, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
previous = {}
rows = db.execute("select writer, seq, entry from entry order by writer, seq").fetchall()
for writer, seq, entry in rows:
    if seq == rows[-3][1]:
        entry = entry[:40] + bytes(16) + entry[56:]
    h = hashlib.blake2b(previous.get(writer, bytes(32)) + entry, digest_size=32, person=b"isigurt.chain..1", salt=bytes(16)).digest()
    previous[writer] = h
    db.execute("update entry set entry = ?, h = ? where writer = ? and seq = ?", (entry, h, writer, seq))
db.commit()
`);
  const edits = {
    'removed from the middle': 'delete from entry where seq = (select max(seq) - 2 from entry)',
    'altered': "update entry set entry = cast(substr(entry, 1, 40) || zeroblob(16) || substr(entry, 57) as blob) where seq = (select max(seq) - 1 from entry)",
    'reordered': 'update entry set seq = -1 where seq = (select max(seq) from entry); update entry set seq = seq + 1 where seq = (select max(seq) from entry); update entry set seq = (select max(seq) - 1 from entry) where seq = -1',
    'truncated': 'delete from entry where seq > (select max(seq) - 3 from entry)',
    'recomputed by somebody with the database alone': null,
  };
  for (const [name, statement] of Object.entries(edits)) {
    await t.test(name, () => {
      if (statement) sql('root', 'keeper', statement);
      else site.as('root', '/usr/bin/python3', recompute, file('keeper'));
      const result = verify();
      assert.equal(result.code, 1, `${result.out}`);
      assert.match(result.out, /^broken: \S/);
      site.as('root', 'rm', '-rf', path.join(site.data, 'keeper'));
      site.as('root', 'cp', '-a', kept, path.join(site.data, 'keeper'));
      assert.equal(verify().code, 0, 'whole again');
    });
  }
});
