// Oversight's seat: the audit trail a page at a time, by person, action and day; never content; the looking is in it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';

let site, officer, oversight;
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  oversight = await site.signIn('oversight');
});
after(() => site.remove());
const trail = async (query = '') => {
  const answer = await oversight.get(`/api/v1/audit${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};

test('what an officer did and read stands there, with the look itself, and no word of it', async () => {
  const [report] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  const read = (await officer.get(`/api/v1/reports/${report.id}`)).json;
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const { entries } = await trail();
  assert.equal(entries[0].action, 'trail', 'this look is the newest entry');
  assert.ok(entries.every((e, i) => i === 0 || e.seq < entries[i - 1].seq), 'newest first');
  const taken = entries.find((e) => e.action === 'report_take' && e.object === report.id);
  const opened = entries.find((e) => e.action === 'open' && e.object === report.id);
  assert.ok(taken && opened);
  assert.equal(taken.person, opened.person);
  assert.equal(taken.status, 'ok');
  const all = JSON.stringify(entries);
  for (const word of [read.text, read.contact, read.address].filter((w) => w && w.length > 5)) assert.ok(!all.includes(word), word);
});

test('by person, by action, refusals too', async () => {
  const first = (await trail()).entries.find((e) => e.action === 'report_take');
  const his = (await trail(`?person=${first.person}`)).entries;
  assert.ok(his.length > 1 && his.every((e) => e.person === first.person));
  assert.equal((await officer.get('/api/v1/audit')).status, 403, 'nobody else looks');
  assert.equal((await (await site.signIn('administrator')).get('/api/v1/audit')).status, 403);
  const signed = (await trail('?action=sign_in')).entries;
  assert.ok(signed.length >= 3 && signed.every((e) => e.action === 'sign_in'));
  for (const [query, field] of [['?action=nothing', 'action'], ['?until=2026-02-30', 'until'], ['?until=x', 'until']]) {
    const refused = await oversight.get(`/api/v1/audit${query}`);
    assert.equal(refused.status, 422, query);
    assert.equal(refused.json.errors[0].field, field);
  }
  for (const query of ['?person=xyz', '?before=-1', '?before=99999999999999999999']) assert.ok([200, 400, 422].includes((await oversight.get(`/api/v1/audit${query}`)).status), query);
});

test('page by page each entry comes once, down to the first', async () => {
  for (let i = 0; i < 110; i++) await oversight.get('/api/v1/audit?action=init');
  const seen = new Set();
  let query = '', pages = 0, last;
  do {
    last = await trail(query);
    for (const e of last.entries) {
      assert.ok(!seen.has(e.seq), `entry ${e.seq} twice`);
      seen.add(e.seq);
    }
    query = `?before=${last.next}`;
    pages++;
  } while (last.next && pages < 100);
  assert.ok(pages > 2, `${pages} pages`);
  const most = Math.max(...seen);
  assert.equal(Math.min(...seen), 1);
  assert.equal(seen.size, most, 'without a gap');
});

test('up to a day', async () => {
  const day = (at) => new Date(at).toISOString().slice(0, 10);
  const now = site.now() * 1000;
  assert.equal((await trail(`?until=${day(now - 3 * 86400e3)}`)).entries.length, 0, 'nothing was then');
  site.advance(2 * 86400);
  oversight = await site.signIn('oversight');
  const before = await trail(`?until=${day(now)}`);
  assert.ok(before.entries.length > 0 && before.entries.every((e) => Date.parse(e.at) < now + 86400e3));
  assert.ok((await trail()).entries[0].seq > before.entries[0].seq);
});

test('the page reads without script, filters, and leads on', async () => {
  const page = await oversight.get('/audit?action=sign_in', { accept: 'text/html' });
  assert.equal(page.status, 200);
  assert.match(page.text, /<table class="queue">/);
  assert.match(page.text, /value="sign_in" selected/);
  const person = /href="\/audit\?person=([0-9a-f]{32})"/.exec(page.text)[1];
  const his = await oversight.get(`/audit?person=${person}`, { accept: 'text/html' });
  assert.match(his.text, new RegExp(`name="person" value="${person}"`));
  assert.equal((await request(site.desk, 'GET', '/audit')).status, 303);
});
