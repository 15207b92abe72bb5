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
  assert.match((await officer.get(`/cases/${of}`)).text, /kërkon ta fshijmë raportimin/);
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
