// A child who writes again is heard: by the screens that are open, in the lists, at the case, by a clock, and at the unit to
// which the case was handed over.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, sleep, until } from '../lib/instance.mjs';
import { ok } from '../lib/cases.mjs';

let site, officer, analyst;
before(async () => {
  site = await Instance.start();
  site.morning();
  [officer, analyst] = [await site.signIn('duty_officer'), await site.signIn('analyst')];
});
after(() => site.remove());

const refer = (of, unit, more = {}) => officer.post(`/api/v1/cases/${of}/referrals`, { unit, kind: 'transfer', purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Ju lutem merreni ju.', ...more });
const row = async (id, query = 'state=all', who = officer) => (await ok(who.get(`/api/v1/reports?${query}`))).reports.find((r) => r.id === id);
async function taken(more = {}) {
  const known = new Set((await ok(officer.get('/api/v1/reports?state=new'))).reports.map((r) => r.id));
  const sent = await site.report({ category: 'THREAT', text: `Fjalë ${known.size}`, ...more });
  assert.equal(sent.status, 201, sent.text);
  const { id } = await until('it at the desk', async () => (await ok(officer.get('/api/v1/reports?state=new'))).reports.find((r) => !known.has(r.id)));
  await ok(officer.post(`/api/v1/reports/${id}/take`));
  return { id, receipt: sent.json.receipt };
}
const opened = async (id) => (await ok(officer.post('/api/v1/cases', { reports: [id] }), 201)).id;
const write = (receipt, text, to = 'messages') => ok(request(site.portal, 'POST', `/api/v1/report/${to}`,
  { headers: { authorization: `Receipt ${receipt}`, 'content-type': 'application/json' }, body: JSON.stringify({ text }) }), to === 'messages' ? 201 : 202);
const unread = (id, n) => until(`${n} unread`, async () => (await row(id))?.unread === n && row(id));

test('a message in a case rings, and stands in the lists, the menu and at the case until it is read', async () => {
  const { id, receipt } = await taken();
  const of = await opened(id);
  const stream = officer.events(), other = analyst.events();
  await Promise.all([stream.opened, other.opened]);
  await write(receipt, 'Po vjen tani te shtëpia ime, kam frikë! SHENJE41');
  for (const s of [stream, other]) {
    const event = await s.next((e) => e.event === 'message' && e.data.id === id);
    assert.deepEqual(Object.keys(event.data).sort(), ['category', 'id', 'urgency', 'worker'], 'nothing that was written');
    assert.equal(event.data.urgency, 'U2');
    assert.equal(event.data.worker, (await ok(officer.get('/api/v1/account'))).id);
    assert.equal(event.id, undefined, 'it does not move the place in the stream');
  }
  const waiting = await unread(id, 1);
  assert.equal(waiting.state, 'in_case');
  assert.ok(Math.abs(Date.parse(waiting.message_due) / 1000 - site.now() - 3600) < 120, `U2 is read within an hour: ${waiting.message_due}`);
  assert.ok((await row(id, 'state=messages')), 'they have a list of their own');
  assert.ok((await ok(officer.get('/api/v1/reports?state=new'))).messages >= 1);
  const read = await ok(officer.get(`/api/v1/cases/${of}`));
  assert.equal(read.unread, 1);
  assert.equal(read.withdraw_asked, false);
  assert.equal((await ok(officer.get('/api/v1/cases'))).cases.find((c) => c.id === of).unread, 1);
  const pages = { list: await officer.get('/reports'), cases: await officer.get('/cases'), of: await officer.get(`/cases/${of}`), far: await officer.get('/roster') };
  for (const [name, page] of Object.entries(pages)) {
    assert.equal(page.status, 200, page.text);
    assert.ok(!page.text.includes('SHENJE41'), name);
    assert.match(page.text, /<b class="badge">1 mesazh i ri<\/b>/, `the menu of ${name}`);
  }
  assert.match(pages.list.text, /1 raportim ka mesazh të ri/);
  assert.match(pages.list.text, /href="\/reports\?state=messages"[^>]*>Me mesazh të ri <b>\(1\)<\/b>/);
  assert.match(pages.cases.text, /<b>1 mesazh i ri<\/b>/);
  assert.match(pages.of.text, new RegExp(`1 mesazh i ri nga kush raportoi[^]*href="/reports/${id}#thread"`));

  await write(receipt, 'Je aty?'); // what lies unread already does not ring again, and has no more time
  await other.next((e) => e.event === 'queue' && e.data.id === id);
  assert.equal(other.list.filter((e) => e.event === 'message' && e.data.id === id).length, 1);
  assert.equal((await unread(id, 2)).message_due, waiting.message_due);

  const thread = (await ok(analyst.get(`/api/v1/reports/${id}`))).messages;
  assert.match(thread.at(-2).text, /SHENJE41/);
  const after_ = await row(id);
  assert.deepEqual([after_.unread, after_.message_due], [0, null]);
  assert.equal((await ok(officer.get(`/api/v1/cases/${of}`))).unread, 0);
  assert.ok(!(await row(id, 'state=messages')));
  assert.doesNotMatch((await officer.get('/reports')).text, /mesazh i ri|mesazhe të reja/);
  stream.close();
  other.close();
});

test('a closed report that is written to comes back, and is opened again by whoever reads it', async () => {
  const { id, receipt } = await taken({ category: 'BULLY' });
  await ok(officer.post(`/api/v1/reports/${id}/state`, { state: 'closed' }));
  const stream = analyst.events();
  await stream.opened;
  await write(receipt, 'Filloi përsëri.');
  await stream.next((e) => e.event === 'message' && e.data.id === id);
  stream.close();
  const waiting = await unread(id, 1);
  assert.equal(waiting.state, 'closed', 'its state is for people to change');
  const page = (await officer.get('/reports')).text;
  assert.match(page, /1 raportim ka mesazh të ri/, 'the page that opens first says it');
  assert.match((await officer.get('/reports?state=messages')).text, new RegExp(`data-report="${id}"`));
  const read = await officer.get(`/reports/${id}`);
  assert.match(read.text, /Filloi përsëri/);
  assert.match(read.text, /<option value="taken">/, 'reopening is offered');
  await ok(officer.post(`/api/v1/reports/${id}/state`, { state: 'taken' }));
  assert.equal((await row(id)).state, 'taken');
});

test('a request to withdraw is seen at the case, until somebody writes back', async () => {
  const { id, receipt } = await taken();
  const of = await opened(id);
  await write(receipt, 'Dua ta tërheq.', 'withdraw');
  await unread(id, 1);
  const read = await ok(officer.get(`/api/v1/cases/${of}`));
  assert.equal(read.withdraw_asked, true);
  assert.match((await officer.get(`/cases/${of}`)).text, /kërkon ta heqim raportimin/);
  const listed = (await ok(officer.get('/api/v1/cases'))).cases.find((c) => c.id === of);
  assert.deepEqual([listed.unread, listed.withdraw_asked], [1, true]);
  await ok(officer.get(`/api/v1/reports/${id}`));
  assert.equal((await ok(officer.get(`/api/v1/cases/${of}`))).withdraw_asked, true, 'read is not answered');
  await ok(officer.post(`/api/v1/reports/${id}/answer`, { text: 'Pse dëshironi ta tërhiqni?' }));
  assert.equal((await ok(officer.get(`/api/v1/cases/${of}`))).withdraw_asked, false);
  assert.equal((await until('answered', async () => (await site.follow(receipt)).json.withdrawal === 'answered' && site.follow(receipt))).json.withdrawal, 'answered');
});

test('a message that nobody reads climbs the roster, at once where nobody looks', async () => {
  const climbs = (history) => history.filter((h) => h.action === 'climbed').length;
  const { id, receipt } = await taken({ in_danger: true });
  await opened(id);
  const stream = officer.events();
  await stream.opened;
  await sleep(6000); // the desk tells the courier each 5 s that somebody looks
  await write(receipt, 'Ndihmë');
  await unread(id, 1);
  await sleep(6000);
  const [mine] = (await ok(officer.get('/api/v1/reports?state=messages'))).reports;
  assert.equal(mine.id, id);
  assert.equal(mine.late, false);
  site.advance(16 * 60); // U1: within 15 minutes
  assert.equal((await row(id, 'state=messages')).late, true);
  assert.match((await officer.get('/reports?state=messages')).text, /me vonesë/);
  await sleep(6000);
  const read = await ok(officer.get(`/api/v1/reports/${id}`));
  assert.equal(climbs(read.history), 1, 'the first place heard of it when its time was over, not before');
  stream.close();
  await sleep(16000); // nobody looks any more, and the desk has said so
  await write(receipt, 'Alo?');
  await unread(id, 1);
  await sleep(6000);
  assert.equal(climbs((await ok(officer.get(`/api/v1/reports/${id}`))).history), 2, 'at once');
});

test('a case that was handed over takes its reporter with it: the new owner reads and answers, the former is told where it is', async () => {
  const police = await site.signIn('contact'), works = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
  const unitOf = async (s) => (await ok(s.get('/api/v1/account'))).units[0].id;
  const { id, receipt } = await taken();
  const of = await opened(id);
  await write(receipt, 'Para kalimit. SHENJE51');
  await unread(id, 1);
  const transfer = (await ok(refer(of, await unitOf(police)), 201)).id;
  assert.equal((await police.get(`/api/v1/cases/${of}/reports/${id}`)).status, 404);
  await ok(police.post(`/api/v1/referrals/${transfer}/accept`));

  await write(receipt, 'Pas kalimit. SHENJE52');
  const at = await until('both at the new owner', async () => (await ok(police.get(`/api/v1/cases/${of}`))).unread === 2);
  assert.ok(at);
  assert.equal((await ok(police.get('/api/v1/cases'))).cases.find((c) => c.id === of).unread, 2);
  const front = await police.get('/cases');
  assert.match(front.text, /<b class="badge">1 mesazh i ri<\/b>/, 'the menu, at the door that this unit has');
  assert.match((await police.get(`/cases/${of}`)).text, new RegExp(`href="/cases/${of}/reports/${id}#thread"`));
  const page = await police.get(`/cases/${of}/reports/${id}`);
  assert.match(page.text, /SHENJE52/);
  assert.match(page.text, new RegExp(`action="/cases/${of}/reports/${id}/answer"`));
  const read = await ok(police.get(`/api/v1/cases/${of}/reports/${id}`));
  assert.deepEqual(read.messages.map((m) => [m.direction, m.text]), [['up', 'Para kalimit. SHENJE51'], ['up', 'Pas kalimit. SHENJE52']]);
  assert.equal((await ok(police.get(`/api/v1/cases/${of}`))).unread, 0, 'read');
  const form = (text) => request(site.desk, 'POST', `/cases/${of}/reports/${id}/answer`, { headers: { cookie: police.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ csrf: police.csrf, text }).toString() });
  const empty = await form('');
  assert.equal(empty.status, 422);
  assert.match(empty.text, /id="text-error"/);
  const sent = await form('Erdhëm në lagjen tuaj. SHENJE53');
  assert.equal(sent.status, 303, sent.text);
  assert.equal(sent.headers.location, `/cases/${of}/reports/${id}`);
  await until('the answer at its reporter', async () => (await site.follow(receipt)).json.messages.some((m) => /SHENJE53/.test(m.text)));
  assert.equal((await site.follow(receipt)).json.state, 'in_case');

  for (const [method, path, body] of [['GET', `/reports/${id}`], ['POST', `/reports/${id}/answer`, { text: 'x' }], ['GET', `/cases?report=${id}`]]) {
    const answer = await officer.call(method, `/api/v1${path}`, body);
    assert.equal(answer.status, 403, `${method} ${path}: ${answer.text}`);
    assert.match(answer.text, /iu kalua një njësie tjetër/);
    assert.doesNotMatch(answer.text, /SHENJE/);
  }
  const gone = await officer.get(`/reports/${id}`);
  assert.equal(gone.status, 403);
  assert.match(gone.text, /Policia/i, 'it says where the case is');
  assert.ok(!(await row(id)), 'and it is in no list of the former owner');
  for (const s of [officer, works]) {
    assert.notEqual((await s.get(`/api/v1/cases/${of}/reports/${id}`)).status, 200);
    assert.notEqual((await s.post(`/api/v1/cases/${of}/reports/${id}/answer`, { text: 'x' })).status, 200);
  }
  assert.equal((await works.get(`/api/v1/reports/${id}`)).status, 403, 'who never had it is told nothing');
  assert.doesNotMatch((await works.get(`/api/v1/reports/${id}`)).text, /iu kalua/);

  // On to a third unit, and back to the first: each time the one that has the case, and nobody else.
  const second = (await ok(police.post(`/api/v1/cases/${of}/referrals`, { unit: await unitOf(works), kind: 'transfer', purpose: 'protection', ground: 'criminal_procedure', fields: ['category'], note: 'Vijojeni ju këtë punë.', more_reason: 'Kaq ju duhet për punën.' }), 201)).id;
  await ok(works.post(`/api/v1/referrals/${second}/accept`));
  assert.equal((await police.get(`/api/v1/cases/${of}/reports/${id}`)).status, 404);
  assert.equal((await ok(works.get(`/api/v1/cases/${of}/reports/${id}`))).messages.length, 3);
  const onward = await officer.get(`/reports/${id}`);
  assert.equal(onward.status, 403);
  const { name } = (await ok(works.get('/api/v1/account'))).units[0];
  assert.ok(name.length > 3 && onward.text.includes(name), 'it says who has it now, not who had it next');
  assert.doesNotMatch(onward.text.slice(onward.text.indexOf('<main')), /Policia/);
  const desk = await unitOf(officer);
  const third = (await ok(works.post(`/api/v1/cases/${of}/referrals`, { unit: desk, kind: 'transfer', purpose: 'protection', ground: 'criminal_procedure', fields: ['category'], note: 'Vijojeni ju këtë punë.', more_reason: 'Kaq ju duhet për punën.' }), 201)).id;
  await ok(officer.post(`/api/v1/referrals/${third}/accept`));
  assert.equal((await ok(officer.get(`/api/v1/reports/${id}`))).messages.length, 3, 'back at the desk it is a report like any other');
  await ok(officer.post(`/api/v1/reports/${id}/answer`, { text: 'Jemi përsëri ne.' }));
  assert.equal((await row(id)).state, 'in_case');
});

test('a closed case whose reporter writes again stands among the open ones until that is read', async () => {
  const supervisor = await site.signIn('supervisor');
  const { id, receipt } = await taken();
  const of = await opened(id);
  await ok(officer.post(`/api/v1/cases/${of}/close`, { outcome: 'child_safe' }));
  await ok(supervisor.post(`/api/v1/cases/${of}/close/approve`));
  const there = async (state) => (await ok(officer.get(`/api/v1/cases?state=${state}`))).cases.filter((c) => c.id === of).length;
  assert.deepEqual([await there('open'), await there('closed'), await there('all')], [0, 1, 1]);
  await write(receipt, 'Filloi përsëri, ndihmë.');
  await unread(id, 1);
  assert.deepEqual([await there('open'), await there('closed'), await there('all')], [1, 1, 1]);
  const page = await officer.get('/cases');
  assert.match(page.text, new RegExp(`href="/cases/${of}"`));
  assert.match(page.text.slice(0, page.text.indexOf('<main')), /href="\/cases"[^>]*>[^<]*<b class="badge">1 mesazh i ri<\/b>/, 'the door of cases says it');
  const read = await ok(officer.get(`/api/v1/cases/${of}/reports/${id}`));
  assert.match(read.messages.at(-1).text, /Filloi përsëri/);
  assert.equal((await officer.post(`/api/v1/cases/${of}/reports/${id}/answer`, { text: 'x' })).status, 409, 'it is opened again first');
  assert.equal(await there('open'), 0, 'read');
  await ok(officer.post(`/api/v1/cases/${of}/reopen`, { reason: 'Raportuesi shkroi përsëri.' }));
  await ok(officer.post(`/api/v1/cases/${of}/reports/${id}/answer`, { text: 'E hapëm përsëri.' }));
});

test('a case is not handed over while a verdict waits for its second person', async () => {
  const police = await site.signIn('contact');
  const unit = (await ok(police.get('/api/v1/account'))).units[0].id;
  const { id } = await taken({ category: 'CSAM' });
  const of = await opened(id);
  const illegal = ['risk_kind:content', 'risk_nature:sexual', 'incident:CSAM', 'verdict:illegal_baseline', 'age_group:unknown', 'severity:A1'];
  const sent = (await ok(refer(of, unit), 201)).id; // before there was a verdict
  await ok(officer.post(`/api/v1/reports/${id}/assessment`, { answers: illegal }));
  const early = await police.post(`/api/v1/referrals/${sent}/accept`);
  assert.equal(early.status, 409);
  assert.match(early.text, /personit të dytë/);
  await ok(officer.post(`/api/v1/referrals/${sent}/revoke`, { reason: 'Pret personin e dytë.' }));
  assert.equal((await refer(of, unit)).status, 409);
  await ok(refer(of, unit, { kind: 'referral' }), 201); // to share is not to hand over
  await ok(analyst.post(`/api/v1/reports/${id}/assessment/second`, { answers: illegal }));
  const again = (await ok(refer(of, unit), 201)).id;
  await ok(police.post(`/api/v1/referrals/${again}/accept`));
});
