// Triage over HTTP with the real keeper: the second person, hand-over, many at once, load and its limits; forms as a browser
// without script sends them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, analyst, boss;
before(async () => {
  site = await Instance.start();
  [officer, analyst, boss] = [await site.signIn('duty_officer'), await site.signIn('analyst'), await site.signIn('supervisor')];
});
after(() => site.remove());

const form = (session, path, pairs) => request(site.desk, 'POST', path, { headers: { cookie: session.cookies, 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams([['csrf', session.csrf], ...pairs]).toString() });
const news = async () => (await officer.get('/api/v1/reports?state=new')).json.reports;
async function fresh(category, more = {}) {
  const known = new Set((await news()).map((r) => r.id));
  assert.equal((await site.report({ where: 'page', address: `https://shembull.example/${category}`, category, text: 'Fjalë.', ...more })).status, 201);
  return until('it at the desk', async () => (await news()).find((r) => !known.has(r.id)));
}
const illegal = ['risk_kind:content', 'risk_nature:sexual', 'incident:CSAM', 'verdict:illegal_baseline', 'age_group:unknown', 'severity:A1'];

test('illegal takes two different persons, and the version of the questions is kept', async () => {
  const report = await fresh('CSAM'), at = `/api/v1/reports/${report.id}/assessment`;
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const first = await officer.post(at, { answers: illegal, note: 'SHENJE7' });
  assert.equal(first.status, 200, first.text);
  assert.equal(first.json.status, 'second');
  assert.equal((await officer.post(`${at}/second`, { answers: illegal })).status, 403);
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/state`, { state: 'closed' })).status, 409);
  const before = await analyst.get(at);
  assert.deepEqual(before.json.assessments.map((a) => [a.version, a.verdict, a.answers]), [[1, null, []]]);
  assert.ok(!before.text.includes('SHENJE7'), 'who has not answered sees nothing');
  const missing = await form(analyst, `/reports/${report.id}/assessment/second`, [['answers', 'verdict:illegal_baseline'], ['note', 'Kjo mbetet <b>']]);
  assert.equal(missing.status, 422);
  assert.match(missing.text, /Përgjigjuni të gjitha pyetjeve/);
  assert.match(missing.text, /id="q-risk_kind-error"/, 'at the question that is not answered');
  assert.match(missing.text, /aria-describedby="q-risk_kind-error"/);
  assert.ok(!missing.text.includes('id="q-verdict-error"'), 'not at the one that is');
  assert.equal(missing.text.match(/<fieldset class="axis"><legend>/g).length, 3);
  assert.match(missing.text, /Kjo mbetet &lt;b/, 'what was typed stays');
  assert.match(missing.text, /<option value="verdict:illegal_baseline" selected/);
  const second = await form(analyst, `/reports/${report.id}/assessment/second`, illegal.map((a) => ['answers', a]));
  assert.equal(second.status, 303, second.text);
  const settled = (await officer.get(at)).json;
  assert.equal(settled.status, 'settled');
  assert.equal(settled.verdict, 'illegal_baseline');
  assert.equal(settled.assessments[0].note, 'SHENJE7');
  assert.deepEqual(settled.assessments[1].answers, illegal);
  assert.equal((await officer.get(`/api/v1/reports/${report.id}`)).json.state, 'assessed');
});

test('a taken report shows its clock, and late ones stand first', async () => {
  const urgent = await fresh('SEXT', { in_danger: true }), plain = await fresh('BULLY');
  for (const r of [urgent, plain]) assert.equal((await officer.post(`/api/v1/reports/${r.id}/take`)).status, 200);
  const held = async () => (await officer.get('/api/v1/reports?state=taken')).json.reports;
  const [first] = await held();
  assert.equal(first.id, urgent.id, 'the most urgent, while none is late');
  assert.equal(first.late, false);
  assert.ok(Math.abs(Date.parse(first.act_due) / 1000 - site.now() - 3600) < 180, `U1 is assessed within an hour: ${first.act_due}`);
  const cell = (page, id) => page.text.match(new RegExp(`data-report="${id}"[^]*?data-label="Afati">([^]*?)</td>`))[1];
  assert.match(cell(await officer.get('/reports?state=taken'), urgent.id), /edhe \d+ minuta/);
  site.advance(3 * 86400 + 7200); // U3 within three days: both are late
  for (const name of ['duty_officer', 'analyst', 'supervisor']) ({ duty_officer: (s) => (officer = s), analyst: (s) => (analyst = s), supervisor: (s) => (boss = s) })[name](await site.signIn(name));
  const soon = await fresh('SEXT', { in_danger: true });
  assert.equal((await officer.post(`/api/v1/reports/${soon.id}/take`)).status, 200);
  const now = await held();
  assert.deepEqual(now.filter((r) => [urgent.id, plain.id, soon.id].includes(r.id)).map((r) => [r.id, r.late]), [[urgent.id, true], [plain.id, true], [soon.id, false]]);
  assert.match(cell(await officer.get('/reports?state=taken'), urgent.id), /<b>[^<]* me vonesë<\/b>/);
  assert.match((await officer.get(`/reports/${urgent.id}`)).text, /Afati për ta vlerësuar<\/dt><dd><b>[^<]* me vonesë<\/b>/);
});

test('what waits for a second person is a list, of what one has not answered oneself', async () => {
  const report = await fresh('CSAM'), at = `/api/v1/reports/${report.id}/assessment`;
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const waits = async (who) => {
    const { reports, second } = (await who.get('/api/v1/reports?state=second')).json;
    assert.equal(second, reports.length, 'the number is that of the list');
    return reports.some((r) => r.id === report.id);
  };
  assert.equal(await waits(analyst), false, 'nobody has said anything');
  assert.equal((await officer.post(at, { answers: illegal })).status, 200);
  assert.deepEqual([await waits(officer), await waits(analyst), await waits(boss)], [false, true, true]);
  const page = (await analyst.get('/reports')).text;
  assert.match(page, /href="\/reports\?state=second"[^>]*>Pret personin e dytë <b>\(1\)<\/b>/);
  assert.doesNotMatch((await officer.get('/reports')).text, /Pret personin e dytë <b>/);
  assert.match((await analyst.get('/reports?state=second')).text, new RegExp(`data-report="${report.id}"`));
  const other = illegal.map((a) => (a.startsWith('verdict:') ? 'verdict:illegal_national' : a));
  assert.equal((await analyst.post(`${at}/second`, { answers: other })).status, 200);
  assert.deepEqual([await waits(officer), await waits(analyst), await waits(boss)], [false, false, true], 'they differ: a third may say');
  assert.equal((await boss.post(`${at}/second`, { answers: illegal })).status, 200);
  assert.deepEqual([await waits(officer), await waits(analyst), await waits(boss)], [false, false, false]);
});

test('an urgency is lowered with a reason, and not while a verdict waits for its second person', async () => {
  const report = await fresh('CSAM'), at = `/api/v1/reports/${report.id}`;
  assert.equal((await officer.post(`${at}/take`)).status, 200);
  const lower = (reason, urgency = 'U4') => officer.post(`${at}/urgency`, { urgency, reason });
  for (const reason of ['x', '........x', 'nëntë të.', '         .']) assert.equal((await lower(reason)).status, 422, reason);
  for (const reason of ['x', '         .']) {
    const page = await form(officer, `/reports/${report.id}/urgency`, [['urgency', '4'], ['reason', reason]]);
    assert.equal(page.status, 422);
    assert.match(page.text, /me të paktën 10 shenja/);
  }
  assert.match((await lower('         .', 'U1')).text, /Thoni pse, me pak fjalë/);
  assert.equal((await officer.post(`${at}/assessment`, { answers: illegal })).status, 200);
  const refused = await lower('Është parë dhe nuk është e ngutshme.');
  assert.equal(refused.status, 409, refused.text);
  assert.match(refused.text, /pret personin e dytë/);
  assert.equal((await officer.get(at)).json.urgency, 'U3');
  assert.equal((await lower('x', 'U1')).status, 200, 'to raise it is never held up');
  assert.equal((await analyst.post(`${at}/assessment/second`, { answers: illegal })).status, 200);
  assert.equal((await lower('Faqja u mbyll, fëmija është i sigurt.', 'U3')).status, 200);
  assert.equal((await officer.get(at)).json.urgency, 'U3');
});

test('many at once want a reason that somebody has chosen', async () => {
  const report = await fresh('HARM');
  const page = (await officer.get('/reports')).text;
  assert.match(page, /<select id="reason"[^>]* required><option value="">–<\/option>/);
  assert.doesNotMatch(page.match(/<select id="reason"[^]*?<\/select>/)[0], / selected/);
  const none = await form(officer, '/bulk', [['reports', report.id], ['reason', '']]);
  assert.equal(none.status, 422);
  assert.ok((await news()).some((r) => r.id === report.id), 'it is left as it was');
});

test('duty is handed over and confirmed', async () => {
  const report = await fresh('BULLY');
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const to = (await analyst.get('/api/v1/account')).json.id;
  const given = await form(officer, '/handover', [['reports', report.id], ['to', to], ['note', 'Nëna pret telefonatë.']]);
  assert.equal(given.status, 303, given.text);
  const [waiting] = (await analyst.get('/api/v1/handover')).json.waiting;
  assert.ok(waiting.mine);
  assert.match((await analyst.get('/handover')).text, /E marr në dorëzim/);
  assert.equal((await boss.post(`/api/v1/handover/${waiting.id}/confirm`)).status, 404);
  assert.equal((await form(analyst, `/handover/${waiting.id}/confirm`, [])).status, 303);
  const read = (await analyst.get(`/api/v1/reports/${report.id}`)).json;
  assert.equal(read.taken_by, to);
  assert.equal(read.notes[0].text, 'Nëna pret telefonatë.');
});

test('handed over again to somebody else, nothing is left for the first to confirm', async () => {
  const report = await fresh('BULLY'), other = await fresh('BULLY');
  for (const r of [report, other]) assert.equal((await officer.post(`/api/v1/reports/${r.id}/take`)).status, 200);
  const me = async (who) => (await who.get('/api/v1/account')).json.id;
  const waiting = async (who) => (await who.get('/api/v1/handover')).json.waiting.filter((w) => w.mine);
  assert.equal((await officer.post('/api/v1/handover', { reports: [report.id, other.id], to: await me(analyst) })).status, 200);
  assert.equal((await officer.post('/api/v1/handover', { reports: [report.id], to: await me(boss) })).status, 200);
  const [left] = await waiting(analyst);
  assert.equal(left.reports, 1, 'the other one is still offered');
  assert.equal((await officer.post('/api/v1/handover', { reports: [other.id], to: await me(boss) })).status, 200);
  assert.deepEqual(await waiting(analyst), []);
  assert.equal((await analyst.post(`/api/v1/handover/${left.id}/confirm`)).status, 404);
  assert.deepEqual((await waiting(boss)).map((w) => w.reports), [1, 1]);
  for (const w of await waiting(boss)) assert.equal((await boss.post(`/api/v1/handover/${w.id}/confirm`)).status, 200);
  assert.equal((await officer.get(`/api/v1/reports/${other.id}`)).json.taken_by, await me(boss));
});

test('a hand-over is declined with a reason, and stays with who gave it', async () => {
  const report = await fresh('BULLY');
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const to = (await analyst.get('/api/v1/account')).json.id;
  assert.equal((await officer.post('/api/v1/handover', { reports: [report.id], to })).status, 200);
  const { id } = (await analyst.get('/api/v1/handover')).json.waiting.find((w) => w.mine);
  const empty = await form(analyst, `/handover/${id}/decline`, [['reason', '']]);
  assert.equal(empty.status, 422);
  assert.match(empty.text, /id="reason-error"/);
  assert.equal((await form(boss, `/handover/${id}/decline`, [['reason', 'Arsye e provës.']])).status, 404);
  assert.equal((await form(analyst, `/handover/${id}/decline`, [['reason', 'Jam te një rast <tjetër>.']])).status, 303);
  assert.match((await officer.get('/handover')).text, /Jam te një rast &lt;tjetër/);
  assert.match((await officer.get('/reports')).text, /nuk u mor/);
  assert.notEqual((await officer.get(`/api/v1/reports/${report.id}`)).json.taken_by, to);
});

test('many at once: spam and back, and several gathered into one case', async () => {
  const a = await fresh('HARM'), b = await fresh('HARM');
  const done = await form(officer, '/bulk', [['reports', a.id], ['reports', b.id], ['reason', 'advert']]);
  assert.equal(done.status, 303, done.text);
  const [act] = (await officer.get('/api/v1/bulk')).json.acts;
  assert.equal(act.reports, 2);
  assert.ok(!(await news()).some((r) => r.id === a.id));
  assert.equal((await form(officer, `/bulk/${act.id}/undo`, [])).status, 303);
  assert.ok((await news()).some((r) => r.id === a.id));
  assert.equal((await officer.post(`/api/v1/bulk/${act.id}/undo`)).status, 409);
  assert.equal((await form(officer, '/bulk', [['reason', 'advert']])).status, 422);
  const merged = await form(officer, '/cases', [['reports', a.id], ['reports', b.id], ['reason', 'advert']]);
  assert.equal(merged.status, 303, merged.text);
  assert.deepEqual((await officer.get(`/api/v1${merged.headers.location}`)).json.reports.sort(), [a.id, b.id].sort());
});

test('exposure has a limit, danger none, and a supervisor lifts it for somebody else', async () => {
  const report = await fresh('CSAM'), open = () => officer.get(`/api/v1/reports/${report.id}`);
  let status = 200;
  for (let i = 0; i < 20 && status === 200; i++) { site.advance(280); ({ status } = await open()); }
  assert.equal(status, 429, 'an hour without a break');
  const told = await officer.get(`/reports/${report.id}`);
  assert.equal(told.status, 429);
  assert.match(told.text, /pushim/);
  const danger = await fresh('SEXT', { in_danger: true });
  assert.equal((await officer.get(`/api/v1/reports/${danger.id}`)).status, 200);
  boss = await site.signIn('supervisor'); // an hour has gone by
  const load = await boss.get('/api/v1/load'), me = (await officer.get('/api/v1/account')).json.id;
  assert.ok(load.json.workers.find((w) => w.person === me).today >= 3600, load.text);
  assert.ok(!load.text.includes(report.id));
  assert.equal((await officer.get('/api/v1/load')).status, 403);
  assert.equal((await boss.post(`/api/v1/load/${(await boss.get('/api/v1/account')).json.id}/lift`, { hours: 1, reason: 'Arsye e provës.' })).status, 403);
  assert.equal((await boss.post(`/api/v1/load/${me}/lift`, { hours: 1, reason: 'Vetëm ai është në punë.' })).status, 200);
  assert.equal((await open()).status, 200);
});
