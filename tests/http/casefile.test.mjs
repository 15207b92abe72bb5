// The case file: chosen piece by piece, printed or sealed for a recipient, written down at each making and opening, gone with the case.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Instance, request, until } from '../lib/instance.mjs';

let site, officer, analyst, police, worker, oversight, admin, policeUnit, kase, child, stepfather, told;
const c = () => `/api/v1/cases/${kase}`;
const words = { text: 'Më kërcënoi me fotot e mia.', contact: 'ana@posta.example', safe_to_contact: 'vetëm pas orës 15', category: 'SEXT', where: 'page', address: 'https://rrjeti.example/u/ana', reporter: 'child', age_band: '13-15', county: 'Korçë' };
const ok = async (promise, status = 200) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};
async function people() {
  [officer, analyst, police] = await Promise.all(['duty_officer', 'analyst', 'contact'].map((role) => site.signIn(role)));
  worker = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
  oversight = await site.signIn('oversight');
  admin = await site.signIn('administrator');
}
async function newCase() {
  const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  assert.equal((await site.report(words)).status, 201);
  told = await until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id))?.id);
  kase = (await ok(officer.post('/api/v1/cases', { reports: [told] }), 201)).id;
  const add = async (fields) => {
    await ok(officer.post(`${c()}/people`, { ...fields, version: (await ok(officer.get(c()))).version }), 201);
    return (await ok(officer.get(c()))).people.find((p) => p.name === fields.name).id;
  };
  child = await add({ role: 'child', name: 'Dea Sh.', school: 'Shkolla e Re' });
  stepfather = await add({ role: 'suspect', name: 'Njerku Q.', must_not_be_told: true });
  for (const [what, json] of [['assessment', { risk: 'high', text: 'Jeton me të.' }], ['plan', { text: 'Te gjyshja.' }], ['tasks', { title: 'Telefono gjyshes', due: '2099-01-01' }], ['notes', { text: 'shënim i brendshëm' }]])
    await ok(officer.post(`${c()}/${what}`, json), 201);
  await ok(officer.post(`${c()}/routes`, { kind: 'criminal', body: 'Policia e Shtetit', number: '12/26' }), 201);
}
before(async () => {
  site = await Instance.start();
  site.morning();
  await people();
  policeUnit = (await ok(officer.get('/api/v1/units?type=police'))).units[0].id;
  await newCase();
});
after(() => site.remove());
const make = (more = {}, who = officer) => who.post(`${c()}/casefile`, { way: 'print', recipient: 'Gjykata e Korçës', ground: 'criminal_procedure', reason: 'e kërkoi gjykata', compared: true, ...more });
const fields = (answer) => answer.json.errors?.map((e) => e.field);
const value = (file, kind, name) => file.parts.filter((p) => p.kind === kind).flatMap((p) => p.facts).find((f) => f.name === name)?.value;
const everything = () => ({ persons: [child], reports: [told], parts: ['assessment', 'plan', 'tasks', 'routes', 'addresses', 'files', 'shared', 'timeline'] });

test('printing: what was not chosen is not in it, and what must be said is said first', async () => {
  const form = await ok(officer.get(`${c()}/casefile`));
  assert.deepEqual(form.persons.filter((p) => p.untold).map((p) => p.name), ['Njerku Q.']);
  assert.deepEqual(form.reports.map((r) => r.id), [told]);
  assert.deepEqual(fields(await make({ way: 'post' })), ['way']);
  assert.deepEqual(fields(await make({ recipient: '' })), ['recipient']);
  assert.deepEqual(fields(await make({ compared: false })), ['compared'], 'who must not be told is compared first');
  assert.deepEqual(fields(await make({ reason: '' })), ['reason'], 'without consent the reason is said, as where a case is shared');
  assert.deepEqual(fields(await make({ ground: 'consent' })), ['ground']);
  assert.deepEqual(fields(await make({ ground: '' })), ['ground']);
  assert.deepEqual(fields(await make({ persons: ['0'.repeat(32)] })), ['persons']);
  assert.deepEqual(fields(await make({ reports: [kase] })), ['persons']);
  assert.deepEqual(fields(await make({ parts: ['all'] })), ['parts']);
  assert.deepEqual(fields(await make({ copies: 100 })), ['copies']);
  assert.deepEqual(fields(await make({ way: 'unit' })), ['unit']);
  assert.deepEqual(fields(await make({ way: 'unit', unit: (await ok(officer.get(c()))).owner })), ['unit'], 'one has it already');

  const answer = await make({ copies: 3 });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers['cache-control'], /no-store/);
  const least = answer.json;
  assert.equal(least.isigurt_casefile, 1);
  assert.deepEqual(least.parts.map((p) => p.kind), ['case'], 'nothing goes in by itself');
  assert.match(least.marking, /^KONFIDENCIALE – 20\d\d-\d+ – Gjykata e Korçës$/);
  const head = Object.fromEntries(least.head.map((f) => [f.name, f.value]));
  assert.equal(head.copies, '3');
  assert.equal(head.to, 'Gjykata e Korçës');
  assert.ok(head.by && head.from && head.made);
  assert.equal(least.warnings.length, 2, 'that there is somebody who must not be told, without the name');
  const all = (await make(everything())).json;
  const text = JSON.stringify(all);
  for (const word of ['Njerku', 'shënim i brendshëm', words.contact, words.safe_to_contact, 'e kërkoi gjykata']) assert.ok(!text.includes(word), word);
  assert.equal(value(all, 'person', 'name'), 'Dea Sh.');
  assert.equal(value(all, 'report', 'text'), words.text);
  assert.equal(value(all, 'assessment', 'text'), 'Jeton me të.');
  assert.equal(value(all, 'plan', 'text'), 'Te gjyshja.');
  assert.equal(value(all, 'task', 'title'), 'Telefono gjyshes');
  assert.equal(value(all, 'route', 'number'), '12/26');
  assert.equal(value(all, 'address', 'address'), words.address);
  assert.ok(all.parts.find((p) => p.kind === 'timeline').facts.length > 5);
  const chosen = (await make({ persons: [stepfather], parts: ['notes'] })).json;
  assert.equal(chosen.parts.find((p) => p.id === stepfather).title, 'Personi – NUK DUHET TA MARRË VESH', 'plainly');
  assert.equal(value(chosen, 'note', 'text'), 'shënim i brendshëm');

  const read = await ok(officer.get(c()));
  const entry = read.timeline.find((l) => l.kind === 'casefile_printed');
  assert.equal(entry.text, 'e kërkoi gjykata');
  assert.ok(read.history.some((h) => h.action === 'casefile_printed') && read.history.some((h) => h.action === 'exported'));
  const trail = (await ok(oversight.get('/api/v1/audit'))).entries;
  assert.ok(trail.some((e) => e.action === 'casefile' && e.object === kase));
  assert.ok(trail.some((e) => e.action === 'open' && e.object === kase && /^04/.test(e.detail)), 'opened for export');
});

test('an evidence file is listed by name, size and hash, never its bytes', async () => {
  const bytes = Buffer.from('Provë: biseda e ruajtur.\n'), form = new FormData();
  form.set('file', new Blob([bytes], { type: 'text/plain' }), 'bisede.txt');
  const sent = await fetch(`${site.desk}${c()}/files`, { method: 'POST', headers: { cookie: officer.cookies, 'x-csrf-token': officer.csrf, origin: site.desk }, body: form });
  assert.equal(sent.status, 201, await sent.text());
  const file = (await make({ parts: ['files'] })).json;
  assert.equal(value(file, 'file', 'name'), 'bisede.txt');
  assert.equal(value(file, 'file', 'size'), String(bytes.length));
  assert.match(value(file, 'file', 'hash'), /^[0-9a-f]{64}$/);
  assert.ok(!JSON.stringify(file).includes('biseda e ruajtur'));
});

test('who may: not another unit, not another role, not without a session', async () => {
  for (const [who, status] of [[police, 404], [worker, 404], [oversight, 403], [admin, 403]]) {
    assert.equal((await make({}, who)).status, status);
    assert.equal((await who.get(`${c()}/casefile`)).status, status);
  }
  const bare = (method, target) => request(site.desk, method, target, { headers: { 'content-type': 'application/json', origin: site.desk }, body: method === 'POST' ? '{}' : undefined });
  for (const [method, target] of [['POST', `${c()}/casefile`], ['GET', `${c()}/casefile`], ['GET', '/api/v1/casefiles'], ['POST', `/api/v1/casefiles/${kase}/open`], ['GET', `/api/v1/casefiles/${kase}/file`]])
    assert.equal((await bare(method, target)).status, 401, target);
});

const inbox = async (who) => (await ok(who.get('/api/v1/casefiles'))).files;
const open = (who, id) => who.post(`/api/v1/casefiles/${id}/open`);

test('sealed for a unit: it alone opens it, each opening is written down, and only before can it be taken back', async () => {
  const sent = await ok(make({ way: 'unit', unit: policeUnit, ...everything() }), 201);
  assert.equal(sent.parts.length, 0, 'who made it is not shown it again');
  const row = (await inbox(police)).find((f) => f.id === sent.id);
  assert.equal(row.direction, 'received');
  assert.equal(row.number, null, 'the list tells the receiver nothing of the case');
  assert.equal((await inbox(officer)).find((f) => f.id === sent.id).direction, 'made');
  assert.ok(!(await inbox(worker)).some((f) => f.id === sent.id));
  for (const [who, status] of [[worker, 404], [officer, 404], [oversight, 403], [admin, 403]]) assert.equal((await open(who, sent.id)).status, status);
  const file = await ok(open(police, sent.id));
  assert.equal(file.id, sent.id);
  assert.equal(value(file, 'person', 'name'), 'Dea Sh.');
  assert.equal(value(file, 'report', 'text'), words.text);
  assert.ok(!JSON.stringify(file).includes('Njerku'));
  assert.equal((await police.get(c())).status, 404, 'the case itself stays closed to it');
  await ok(open(police, sent.id));
  assert.equal((await inbox(police)).find((f) => f.id === sent.id).opened, 2);
  const read = await ok(officer.get(c()));
  assert.equal(read.history.filter((h) => h.action === 'casefile_opened').length, 2);
  assert.ok(read.timeline.some((l) => l.kind === 'casefile_sealed'));
  const trail = (await ok(oversight.get('/api/v1/audit'))).entries;
  assert.ok(trail.some((e) => e.action === 'casefile_opened' && e.object === kase && e.object2 === sent.id));
  assert.ok(trail.some((e) => e.action === 'open' && e.object === sent.id && /^04/.test(e.detail)), 'through the keeper, for export');
  assert.equal((await officer.post(`/api/v1/casefiles/${sent.id}/revoke`)).status, 409, 'what was read was read');

  const second = await ok(make({ way: 'unit', unit: policeUnit, persons: [child] }), 201);
  assert.equal((await police.post(`/api/v1/casefiles/${second.id}/revoke`)).status, 404);
  await ok(analyst.post(`/api/v1/casefiles/${second.id}/revoke`));
  assert.equal((await open(police, second.id)).status, 403, 'taken back');
  assert.notEqual((await inbox(police)).find((f) => f.id === second.id).revoked_at, null);
  assert.equal((await officer.post(`/api/v1/casefiles/${second.id}/revoke`)).status, 409);
});

test('who has left the receiving unit opens nothing of it any more', async () => {
  const sent = await ok(make({ way: 'unit', unit: policeUnit, persons: [child] }), 201);
  const institution = (await ok(admin.get('/api/v1/institutions'))).institutions.find((i) => i.code === 'POLICIA').id;
  const person = { username: 'i.larguar', ...await ok(admin.post('/api/v1/people', { username: 'i.larguar', name: 'I Larguar', institution, roles: ['contact'] }), 201) };
  await ok(police.post(`/api/v1/units/${policeUnit}/members`, { person: person.id }));
  let leaver = await site.signIn(person);
  await ok(open(leaver, sent.id));
  await ok(police.post(`/api/v1/units/${policeUnit}/members/${person.id}/remove`));
  leaver = await site.signIn(person);
  assert.equal((await open(leaver, sent.id)).status, 404);
  assert.ok(!(await inbox(leaver)).some((f) => f.id === sent.id));
  await ok(open(police, sent.id));
});

const isigurt = (args, input) => spawnSync(path.join(build, 'isigurt'), args, { input, encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });

test('sealed for somebody outside: a file and a passphrase that is shown once, opened without the platform', async () => {
  const sent = await ok(make({ way: 'outside', recipient: 'Avokati <b> & bij', ...everything() }), 201);
  assert.deepEqual([sent.isigurt_casefile, sent.case_id, sent.title, sent.parts], [1, kase, null, []], 'true where it is said; nothing of what was sealed');
  assert.match(sent.passphrase, /^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
  assert.equal(sent.parts.length, 0);
  for (const [who, status] of [[police, 404], [oversight, 403]]) assert.equal((await who.get(`/api/v1/casefiles/${sent.id}/file`)).status, status);
  assert.equal((await open(officer, sent.id)).status, 404, 'nobody opens it here');
  const got = await fetch(`${site.desk}/api/v1/casefiles/${sent.id}/file`, { headers: { cookie: officer.cookies } });
  assert.equal(got.status, 200);
  assert.match(got.headers.get('content-disposition'), /attachment; filename="isigurt-[0-9a-f]{8}\.casefile"/);
  const bytes = Buffer.from(await got.arrayBuffer());
  assert.equal(bytes.subarray(0, 16).toString(), 'isigurt.parcel.1');
  const file = path.join(site.data, '..', `${path.basename(site.data)}.casefile`), page = `${file}.html`;
  fs.writeFileSync(file, bytes);
  try {
    assert.equal(isigurt(['casefile', 'open', file], '7777-7777-7777-7777-7777\n').status, 1, 'another passphrase');
    assert.equal(isigurt(['casefile', 'open', file], 'sesam\n').status, 2);
    assert.ok(!fs.existsSync(page));
    const opened = isigurt(['casefile', 'open', file], `${sent.passphrase.toLowerCase()}\n`);
    assert.equal(opened.status, 0, opened.stderr);
    const html = fs.readFileSync(page, 'utf8');
    assert.equal(fs.statSync(page).mode & 0o777, 0o600);
    for (const word of ['Dea Sh.', words.text, 'KONFIDENCIALE', 'Avokati &lt;b&gt; &amp; bij', 'Telefono gjyshes']) assert.ok(html.includes(word), word);
    assert.ok(!/Njerku|<script|https?:\/\/[^<]*\.css|src=/.test(html.replaceAll(words.address, '')), 'it stands alone');
    bytes[bytes.length - 20] ^= 1;
    fs.writeFileSync(file, bytes);
    assert.equal(isigurt(['casefile', 'open', file], `${sent.passphrase}\n`).status, 1, 'altered');
  } finally {
    fs.rmSync(file, { force: true });
    fs.rmSync(page, { force: true });
  }
  assert.equal((await inbox(officer)).find((f) => f.id === sent.id).opened, 1);
  assert.ok((await ok(officer.get(c()))).history.some((h) => h.action === 'casefile_taken'));
  await ok(officer.post(`/api/v1/casefiles/${sent.id}/revoke`));
  assert.equal((await officer.get(`/api/v1/casefiles/${sent.id}/file`)).status, 403);
});

test('the pages, without script, in both languages: nothing chosen is lost', async () => {
  const form = (target, body, who = officer) => request(site.desk, 'POST', target, {
    headers: { cookie: who.cookies, 'content-type': 'application/x-www-form-urlencoded', origin: site.desk }, body: new URLSearchParams({ csrf: who.csrf, ...body }).toString() });
  for (const lang of ['sq', 'en']) {
    const page = await officer.get(`/cases/${kase}/casefile?lang=${lang}`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.text, /Njerku Q\./);
    assert.equal((await police.get(`/casefiles?lang=${lang}`, { accept: 'text/html' })).status, 200);
  }
  const refused = await form(`/cases/${kase}/casefile`, { way: 'unit', persons: child, parts: 'plan', ground: 'criminal_procedure', reason: 'pse jo', unit: policeUnit });
  assert.equal(refused.status, 422);
  for (const chosen of [child, 'plan', 'unit']) assert.match(refused.text, new RegExp(`value="${chosen}"[^>]* checked`), chosen);
  assert.match(refused.text, /pse jo/);
  assert.match((await form(`/cases/${kase}/casefile`, { way: 'print', persons: child })).text, new RegExp(`value="${child}"[^>]* checked`), 'also where the reader refused');
  const printed = await form(`/cases/${kase}/casefile`, { way: 'print', recipient: 'Gjykata', persons: child, ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', compared: '1' });
  assert.equal(printed.status, 200, printed.text);
  assert.match(printed.text, /class="marking"/);
  assert.match(printed.text, /Dea Sh\./);
  assert.ok(!/Njerku/.test(printed.text));
  assert.match(printed.headers['cache-control'], /no-store/);
  const sealed = await form(`/cases/${kase}/casefile`, { way: 'unit', unit: policeUnit, persons: child, ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', compared: '1' });
  assert.equal(sealed.status, 303);
  assert.equal(sealed.headers.location, '/casefiles');
  const id = (await inbox(police))[0].id;
  assert.match((await form(`/casefiles/${id}/open`, {}, police)).text, /Dea Sh\./);
  const late = await form(`/casefiles/${id}/revoke`, {});
  assert.equal(late.status, 409);
  assert.match(late.text, /<table class="queue">/);
  const outside = await form(`/cases/${kase}/casefile`, { way: 'outside', recipient: 'Gjykata', ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', compared: '1' });
  assert.equal(outside.status, 200);
  assert.match(outside.text, /([0-9A-HJKMNP-TV-Z]{4}-){4}/);
});

const post = (target, body) => request(site.desk, 'POST', target, {
  headers: { cookie: officer.cookies, 'content-type': 'application/x-www-form-urlencoded', origin: site.desk }, body: new URLSearchParams({ csrf: officer.csrf, ground: 'criminal_procedure', compared: '1', ...body }).toString() });

test('where it was not kept, no passphrase is shown', async () => {
  if (site.storeUrl) return; // the store is made to refuse from outside
  const desk = (sql) => execFileSync('sqlite3', [path.join(site.data, 'desk/desk.db'), sql]);
  const before = (await inbox(officer)).length;
  desk("create trigger refuse_casefile before insert on casefile begin select raise(abort, 'full'); end");
  try {
    const page = await post(`/cases/${kase}/casefile`, { way: 'outside', recipient: 'Gjykata', reason: 'arsyeja e shkruar' });
    assert.equal(page.status, 409, page.text);
    assert.ok(!/id="passphrase"|([0-9A-HJKMNP-TV-Z]{4}-){4}|0{32}/.test(page.text), 'nothing of a file that is not there');
    assert.match(page.text, /arsyeja e shkruar/);
    const answer = await make({ way: 'outside' });
    assert.equal(answer.status, 409);
    assert.ok(!answer.json.passphrase);
  } finally {
    desk('drop trigger refuse_casefile');
  }
  assert.equal((await inbox(officer)).length, before);
});

test('where the keeper opens no more, what was typed comes back', async () => {
  await Promise.all(Array.from({ length: 42 }, () => site.report(words)));
  const reports = await until('42 reports', async () => {
    const { reports: all } = (await officer.get('/api/v1/reports?state=new')).json;
    return all.length >= 42 && all;
  });
  site.advance(61 - site.now() % 60); // a whole minute, in which each thing opened costs one of forty
  let last = 0;
  for (let i = 0; i < 42 && last !== 429; i++) last = (await officer.get(`/api/v1/reports/${reports[i].id}`)).status;
  assert.equal(last, 429);
  const page = await post(`/cases/${kase}/casefile`, { way: 'unit', unit: policeUnit, reason: 'arsyeja ime', parts: 'plan' });
  assert.equal(page.status, 429);
  assert.match(page.text, new RegExp(`action="/cases/${kase}/casefile"`));
  assert.match(page.text, /arsyeja ime/);
  assert.match(page.text, new RegExp(`name="unit" value="${policeUnit}"`));
  site.advance(61);
});

test('another day than the one that was sealed is not believed', async () => {
  if (site.storeUrl) return; // the row is altered from outside
  const sent = await ok(make({ way: 'unit', unit: policeUnit, persons: [child] }), 201);
  const shift = (by) => execFileSync('sqlite3', [path.join(site.data, 'desk/desk.db'), `update casefile set made = made + ${by} where id = x'${sent.id}'`]);
  shift(86400000000);
  const answer = await open(police, sent.id);
  assert.equal(answer.status, 500, answer.text);
  assert.ok(!answer.text.includes('Dea Sh.'));
  shift(-86400000000);
  await ok(open(police, sent.id));
});

const files = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => path.join(f.parentPath ?? f.path, f.name));
const lies = (piece) => files(site.data).filter((f) => fs.readFileSync(f).includes(piece));

test('nothing of it is readable in the store, and it goes with its case', async () => {
  const unit = await ok(make({ way: 'unit', unit: policeUnit, ...everything() }), 201);
  const outside = await ok(make({ way: 'outside', recipient: 'Gjykata e Rrethit', ...everything() }), 201);
  for (const word of ['Dea Sh.', words.text, 'Gjykata e Rrethit', outside.passphrase, outside.passphrase.replaceAll('-', '')]) assert.deepEqual(lies(word), [], word);
  if (site.storeUrl) return; // the files of one's own database are not looked at here
  const rows = (sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', path.join(site.data, 'desk/desk.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 26 }) || '[]');
  const pieces = [...rows(`select hex(sealed) x from casefile where id in (x'${unit.id}', x'${outside.id}')`), ...rows(`select hex(item) x from case_item where home = x'${unit.id}'`),
    ...rows(`select hex(sealed) x from unit_wrap where home = x'${unit.id}'`)].map((r) => Buffer.from(r.x, 'hex').subarray(-40));
  assert.equal(pieces.length, 4, 'two files, one item, one wrap: the receiver\'s alone');
  for (const piece of pieces) assert.ok(lies(piece).length > 0, 'the test finds what is there');
  const read = await ok(officer.get(c()));
  for (const t of read.tasks) await ok(officer.post(`${c()}/tasks/${t.id}/done`));
  for (const r of read.routes) await ok(officer.call('PUT', `${c()}/routes/${r.id}`, { stage: 'withdrawn', text: 'u tërhoq' }));
  await ok(officer.post(`${c()}/close`, { outcome: 'child_safe' }));
  await ok(analyst.post(`${c()}/close/approve`));
  const { id } = await ok(admin.post('/api/v1/retention/erasures', { thing: kase, reason: 'asked' }), 201);
  await until('told', async () => (await oversight.post(`/api/v1/retention/erasures/${id}/approve`)).status === 200, 20000);
  await until('nothing left', () => { if (pieces.some((p) => lies(p).length)) throw new Error('still there'); return true; }, 20000);
  assert.equal((await open(police, unit.id)).status, 404);
  assert.equal((await officer.get(`/api/v1/casefiles/${outside.id}/file`)).status, 404);
  assert.ok(!(await inbox(police)).some((f) => f.id === unit.id));
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});
