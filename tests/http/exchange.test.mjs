// Referrals and transfers between institutions, through the API of a running site: who sees what, who may do what when.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, until } from '../lib/instance.mjs';

let site, officer, police, worker, administrator, policeUnit, worksUnit;
const words = { text: 'Më kërcënoi me fotot e mia.', contact: 'ana@posta.example', address: 'https://rrjeti.example/u/ana', where: 'page', category: 'SEXT', reporter: 'child', age_band: '13-15', county: 'Korçë' };

before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  police = await site.signIn('contact');
  worker = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
  administrator = await site.signIn('administrator');
  const units = await officer.get('/api/v1/units?type=police');
  assert.equal(units.status, 200, units.text);
  assert.equal(units.json.units.length, 1);
  assert.ok(units.json.units[0].name.length > 3, 'a unit without a name goes by its institution');
  policeUnit = units.json.units[0].id;
  worksUnit = (await officer.get('/api/v1/units?type=local')).json.units[0].id;
  assert.equal((await officer.get('/api/v1/units?type=nothing')).status, 422);
});
after(() => site.remove());

let n = 0;
async function newCase() {
  const text = `${words.text} ${n++}`;
  assert.equal((await site.report({ ...words, text })).status, 201);
  const report = await until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SEXT' && r.county === 'Korçë'));
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const made = await officer.post('/api/v1/cases', { reports: [report.id] });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}
const refer = (id, more = {}) => officer.post(`/api/v1/cases/${id}/referrals`, { unit: policeUnit, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category', 'text'], note: 'Ju lutem shikojeni.', ...more });
const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };

test('a referral is read, asked about, accepted and finished by the police, and by nobody else', async () => {
  const id = await newCase();
  const { id: referral } = ok(await refer(id), 201);
  assert.match(referral, /^[0-9a-f]{32}$/);
  const inbox = ok(await police.get('/api/v1/referrals?state=sent'));
  const row = inbox.referrals.find((r) => r.id === referral);
  assert.equal(row.direction, 'received');
  assert.equal(row.fields, 'category,text');
  assert.ok(!JSON.stringify(inbox).includes('kërcënoi'), 'the list shows metadata only');
  const opened = ok(await police.get(`/api/v1/referrals/${referral}`));
  assert.deepEqual(opened.fields.map((f) => f.name).sort(), ['category', 'text']);
  assert.match(opened.fields.find((f) => f.name === 'text').value, /Më kërcënoi/);
  assert.equal(opened.note, 'Ju lutem shikojeni.');
  assert.ok(!/posta\.example|rrjeti\.example/.test(JSON.stringify(opened)), 'nothing that was not chosen');
  for (const path of [`/api/v1/referrals/${referral}`]) assert.equal((await worker.get(path)).status, 404);
  assert.equal((await police.get(`/api/v1/cases/${id}`)).status, 404);
  assert.equal((await administrator.get(`/api/v1/referrals/${referral}`)).status, 403);
  assert.equal((await worker.post(`/api/v1/referrals/${referral}/accept`)).status, 404);
  assert.equal((await officer.post(`/api/v1/referrals/${referral}/accept`)).status, 403);

  assert.equal((await police.post(`/api/v1/referrals/${referral}/done`, { outcome: 'proceedings' })).status, 409, 'not before it is accepted');
  ok(await police.post(`/api/v1/referrals/${referral}/ask`, { text: 'Në cilën shkollë?' }));
  ok(await officer.post(`/api/v1/referrals/${referral}/answer`, { text: 'Nuk e dimë.' }));
  ok(await police.post(`/api/v1/referrals/${referral}/accept`));
  const held = await officer.post(`/api/v1/cases/${id}/close`, { outcome: 'other' });
  assert.equal(held.status, 409);
  assert.ok(ok(await officer.get(`/api/v1/cases/${id}`)).holds.some((h) => h.track === 'referral' && h.thing === referral));
  ok(await police.post(`/api/v1/referrals/${referral}/done`, { outcome: 'proceedings', text: 'Nisi hetimi.' }));
  const after = ok(await officer.get(`/api/v1/cases/${id}`));
  assert.ok(!after.holds.some((h) => h.track === 'referral'));
  assert.equal(after.referrals.find((r) => r.id === referral).outcome, 'proceedings');
  const thread = ok(await officer.get(`/api/v1/referrals/${referral}`)).entries;
  assert.deepEqual(thread.map((e) => e.kind), ['ask', 'answer', 'accept', 'done']);
  assert.equal(thread[3].text, 'Nisi hetimi.');
  assert.equal((await officer.post(`/api/v1/referrals/${referral}/revoke`, { reason: 'x' })).status, 409, 'too late');
});

test('what was revoked opens no more; declined and handed back free the case', async () => {
  const id = await newCase();
  const first = ok(await refer(id, { unit: worksUnit }), 201).id;
  ok(await worker.get(`/api/v1/referrals/${first}`));
  ok(await officer.post(`/api/v1/referrals/${first}/revoke`, { reason: 'Njësia e gabuar.' }));
  assert.equal((await worker.get(`/api/v1/referrals/${first}`)).status, 403);
  assert.equal(ok(await worker.get('/api/v1/referrals?state=revoked')).referrals.length, 1);
  const second = ok(await refer(id), 201).id;
  assert.equal((await police.post(`/api/v1/referrals/${second}/decline`, {})).status, 422, 'a reason');
  ok(await police.post(`/api/v1/referrals/${second}/decline`, { reason: 'Jashtë kompetencës.' }));
  const third = ok(await refer(id), 201).id;
  ok(await police.post(`/api/v1/referrals/${third}/accept`));
  ok(await police.post(`/api/v1/referrals/${third}/return`, { reason: 'Na duhet më shumë.' }));
  assert.deepEqual(ok(await officer.get(`/api/v1/cases/${id}`)).holds, []);
});

test('consent, or the reason to do without it; known fields and grounds; another unit', async () => {
  const id = await newCase();
  for (const wrong of [{ note: '' }, { fields: [] }, { fields: ['secret'] }, { ground: 'because' }, { purpose: 'fun' }, { unit: '0'.repeat(31) + '1' }])
    assert.equal((await refer(id, wrong)).status, 422, JSON.stringify(wrong));
  ok(await refer(id, { note: '', consent: true }), 201);
  ok(await refer(id, { note: '', reason: 'Rrezik për jetën.' }), 201);
});

test('a transfer hands the case over once it is accepted', async () => {
  const id = await newCase();
  const transfer = ok(await refer(id, { kind: 'transfer', unit: worksUnit }), 201).id;
  assert.equal((await worker.get(`/api/v1/cases/${id}`)).status, 404);
  ok(await worker.post(`/api/v1/referrals/${transfer}/accept`));
  ok(await worker.get(`/api/v1/cases/${id}`));
  assert.equal((await refer(id)).status, 403, 'no longer ours to refer');
});

test('a new version of the protocol shuts out who has not accepted it', async () => {
  const id = await newCase();
  assert.equal((await officer.post('/api/v1/protocol', { version: 2 })).status, 403);
  ok(await administrator.post('/api/v1/protocol', { version: 2 }));
  assert.equal((await refer(id)).status, 409);
  assert.equal((await police.post(`/api/v1/units/${policeUnit}/protocol`, { version: 1 })).status, 409);
  assert.equal((await police.post(`/api/v1/units/${worksUnit}/protocol`, { version: 2 })).status, 404);
  ok(await police.post(`/api/v1/units/${policeUnit}/protocol`, { version: 2 }));
  ok(await refer(id), 201);
});

test('points of contact: the demonstration has them, a member names the deputy', async () => {
  const shown = ok(await officer.get('/api/v1/contacts'));
  assert.equal(shown.contacts.filter((c) => c.place === 1).length, 2);
  assert.deepEqual(shown.gaps, []);
  const me = shown.contacts.find((c) => c.unit === policeUnit).person;
  ok(await police.post('/api/v1/contacts', { unit: policeUnit, person: me, place: 2 }));
  assert.equal((await police.post('/api/v1/contacts', { unit: worksUnit, person: me, place: 2 })).status, 422);
});
