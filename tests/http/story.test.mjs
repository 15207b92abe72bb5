// The main job, whole, through the API: a report is sent, rings, is opened, answered and followed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

test('a report rings within a second, is opened, taken, answered and followed', async () => {
  const officer = await site.signIn('duty_officer');
  const stream = officer.events();
  assert.equal((await stream.opened).status ?? (await stream.opened).statusCode, 200);
  const sent = performance.now();
  const answer = await site.report({
    language: 'sq', where: 'page', address: 'Shiko: hxxps://rrjeti[.]example/u/ana?utm_source=x&p=1#k', category: 'SEXT', reporter: 'child',
    age_band: '13-15', county: 'Korçë', in_danger: true, text: 'Më kërcënon me fotot e mia.', contact: 'ana@posta.example', safe_to_contact: 'vetëm me shkrim',
  });
  assert.equal(answer.status, 201, answer.text);
  const { receipt } = answer.json;
  assert.match(receipt, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$/);
  const event = await stream.next((e) => e.event === 'report' && e.data.category === 'SEXT' && e.data.urgency === 'U1' && e.at >= sent);
  assert.ok(event.at - sent < 1000, `rang after ${event.at - sent} ms`);
  assert.deepEqual(Object.keys(event.data).sort(), ['category', 'id', 'urgency']);
  stream.close();
  const { id } = event.data;

  const queue = await officer.get('/api/v1/reports?state=new');
  assert.equal(queue.status, 200, queue.text);
  const row = queue.json.reports.find((r) => r.id === id);
  assert.equal(row.urgency, 'U1');
  assert.equal(row.state, 'new');
  assert.equal(row.same_page_count, 0);
  assert.ok(!JSON.stringify(queue.json).includes('rrjeti'), 'the queue shows metadata only');
  const order = queue.json.reports.map((r) => r.urgency);
  assert.deepEqual(order, [...order].sort(), 'most urgent first');

  const opened = await officer.get(`/api/v1/reports/${id}`);
  assert.equal(opened.status, 200, opened.text);
  assert.equal(opened.json.typed, 'Shiko: hxxps://rrjeti[.]example/u/ana?utm_source=x&p=1#k');
  assert.equal(opened.json.address, 'https://rrjeti.example/u/ana?utm_source=x&p=1#k');
  assert.equal(opened.json.page, 'http://rrjeti.example/u/ana?p=1');
  for (const [field, value] of Object.entries({ category: 'SEXT', urgency: 'U1', language: 'sq', reporter: 'child', age_band: '13-15', county: 'Korçë', text: 'Më kërcënon me fotot e mia.' }))
    assert.equal(opened.json[field], value, field);
  assert.match(opened.json.received_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/, 'to the minute');

  assert.equal((await officer.post(`/api/v1/reports/${id}/take`)).status, 200);
  assert.equal((await officer.post(`/api/v1/reports/${id}/take`)).status, 409);
  await until('the reporter to see it taken', async () => (await site.follow(receipt)).json.state === 'taken');

  const answered = await officer.post(`/api/v1/reports/${id}/answer`, { text: 'Të dëgjojmë. Mos i përgjigj më. A je në shtëpi?' });
  assert.ok([200, 201].includes(answered.status), answered.text);
  const seen = await until('the answer', async () => {
    const f = await site.follow(receipt);
    return f.json.messages.length ? f : null;
  });
  assert.equal(seen.json.messages.at(-1).text, 'Të dëgjojmë. Mos i përgjigj më. A je në shtëpi?');
  assert.ok(!seen.text.includes('kërcënon'), 'the code never opens the report itself');
  assert.equal((await site.messages(receipt, 'Po, jam në shtëpi.')).status < 300, true);
  await until('the message at the desk', async () => (await officer.get(`/api/v1/reports/${id}`)).text.includes('Po, jam në shtëpi.'));

  const history = (await officer.get(`/api/v1/reports/${id}`)).json.history.map((h) => h.action);
  for (const action of ['opened', 'taken', 'answered']) assert.ok(history.includes(action), `${action} in ${history}`);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole: \d+ entries/);
});

test('the same page is known again, and the receipt is read as people type it', async () => {
  const analyst = await site.signIn('analyst');
  const first = await site.report({ where: 'page', address: 'https://E.Njejta.example:443/a/./b/?fbclid=1', category: 'HARM' });
  const second = await site.report({ where: 'page', address: 'e.njejta.example/a/b', category: 'HARM' });
  assert.equal(second.status, 201, second.text);
  const both = await until('two tagged reports', async () => {
    const list = (await analyst.get('/api/v1/reports?state=new')).json.reports.filter((r) => r.category === 'HARM' && r.same_page_count === 1);
    return list.length >= 2 ? list : null;
  });
  const opened = (await analyst.get(`/api/v1/reports/${both[0].id}`)).json;
  assert.equal(opened.same_page.length, 1);
  const typed = first.json.receipt.replaceAll('-', ' ').toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
  assert.equal((await site.follow(typed)).status, 200);
});

test('a repeated send is one report; a different one under the same submission is refused', async () => {
  const submission = '00112233445566778899aabbccddeeff';
  const one = await site.report({ submission, text: 'një' });
  const two = await site.report({ submission, text: 'një' });
  assert.equal(one.status, 201, one.text);
  assert.equal(two.status, 201);
  assert.equal(one.json.receipt, two.json.receipt);
  assert.equal((await site.report({ submission, text: 'tjetër' })).status, 409);
  const officer = await site.signIn('duty_officer');
  await until('its way through the mailbox', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.some((r) => r.category === 'BULLY'));
  await new Promise((done) => setTimeout(done, 600));
  assert.equal((await site.report({ submission, text: 'një' })).json?.receipt, one.json.receipt, 'also after the desk took it in');
});

test('an unknown receipt is 404, a garbled one too, and neither says more', async () => {
  const unknown = await site.follow('0000-0000-0000-0000-0000');
  const garbled = await site.follow('what');
  assert.equal(unknown.status, 404);
  assert.equal(garbled.status, unknown.status);
});

test('messages: the same once more is one, other words under the same number are another', async () => {
  const { receipt } = (await site.report({ text: 'me mesazhe' })).json;
  const send = (text) => request(site.portal, 'POST', '/api/v1/report/messages', { headers: { authorization: `Receipt ${receipt}`, 'content-type': 'application/json' }, body: JSON.stringify({ text, submission: 'ab'.repeat(16) }) });
  for (const text of ['një', 'një', 'dy']) assert.ok((await send(text)).status < 300);
  assert.deepEqual((await site.follow(receipt)).json.messages.map((m) => m.text), ['një', 'dy']);
  assert.doesNotMatch((await site.follow('0000-0000-0000-0000-0000')).json.message, /faqe/);
});

test('health answers on both', async () => {
  for (const base of [site.portal, site.desk]) assert.equal((await request(base, 'GET', '/health')).status, 200);
});
