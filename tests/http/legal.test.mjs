// Legal routes: the day and the result of each decision, the body that changes with the stage, what was written by mistake, and
// whether an appeal can still come.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t, id, c;
before(async () => {
  t = await Cases.start();
  id = await t.open();
  c = `/api/v1/cases/${id}`;
});
after(() => t.site.remove());

const route = async (r) => (await ok(t.officer.get(c))).routes.find((x) => x.id === r);
const add = async (json = {}) => (await ok(t.officer.post(`${c}/routes`, { kind: 'criminal', body: 'Komisariati Korçë', number: '12/26', ...json }), 201)).id;
const put = (r, json, who = t.officer) => who.call('PUT', `${c}/routes/${r}`, json);
const correct = (r, json, who = t.officer) => who.post(`${c}/routes/${r}/correct`, json);
const field = (answer) => answer.json.errors?.map((e) => e.field);
const days = (steps) => steps.map((s) => [s.stage, s.day, s.result, s.body, s.number]);

test('each stage has its day, its result, and the body that has it then', async () => {
  const r = await add({ day: '2026-03-02' });
  await ok(put(r, { stage: 'registered' })); // as before: a program may say the stage alone
  await ok(put(r, { stage: 'investigation', body: 'Prokuroria Korçë', number: '88', day: '2026-03-09' }));
  await ok(put(r, { stage: 'prosecutor' }));
  await ok(put(r, { stage: 'court', body: 'Gjykata e Korçës' }));
  await ok(put(r, { stage: 'first_instance', day: '2026-10-05', result: 'conviction', appeal_due: '2099-01-01' }));
  const seen = await route(r);
  assert.deepEqual(days(seen.steps), [
    ['reported', '2026-03-02', null, 'Komisariati Korçë', '12/26'], ['registered', null, null, null, null], ['investigation', '2026-03-09', null, 'Prokuroria Korçë', '88'],
    ['prosecutor', null, null, null, null], ['court', null, null, 'Gjykata e Korçës', null], ['first_instance', '2026-10-05', 'conviction', null, null]]);
  assert.equal(seen.body, 'Gjykata e Korçës');
  assert.equal(seen.number, '88');
  assert.equal(seen.no_appeal, false);
  assert.match(seen.appeal_due, /^2099-01-01/);
  const page = (await t.officer.get(`/cases/${id}`)).text;
  for (const said of ['5 tetor 2026', 'Dënim', 'Gjykata e Korçës', '9 mars 2026']) assert.ok(page.includes(said), said);
  for (const [json, wrong] of [[{ day: '2099-01-01' }, 'day'], [{ day: 'dje' }, 'day'], [{ result: 'maybe' }, 'result'], [{ appeal_due: '2026-02-30' }, 'appeal_due']]) {
    const answer = await put(r, { stage: 'appeal', ...json });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(field(answer), [wrong]);
  }
});

test('body and number are corrected alone, with a reason; what was written stays', async () => {
  const r = await add(), { version } = await ok(t.officer.get(c));
  assert.equal((await correct(r, { number: '13/26' })).status, 422, 'a reason');
  assert.equal((await correct(r, { number: '13/26', reason: '.' })).status, 422, 'that says something');
  await ok(correct(r, { number: '13/26', reason: 'gabim në shtyp', version }));
  assert.equal((await correct(r, { body: 'Tjetër', reason: 'vonë, kështu u pa', version }, t.analyst)).status, 409);
  const seen = await route(r), lines = (await ok(t.officer.get(c))).timeline.filter((l) => l.thing === r);
  assert.deepEqual([seen.stage, seen.body, seen.number, seen.steps.length], ['reported', 'Komisariati Korçë', '13/26', 1]);
  assert.equal(lines.length, 2, 'both entries stand there');
  const page = (await t.officer.get(`/cases/${id}`)).text;
  assert.match(page, /12\/26/);
  assert.match(page, /gabim në shtyp/);
  assert.match(page, /ndreqi të dhënat e një rruge ligjore/);
  assert.equal((await correct('0123456789abcdef0123456789abcdef', { number: '1', reason: 'Arsye e provës.' })).status, 404);
  assert.equal((await correct(r, { number: '1', reason: 'Arsye e provës.' }, t.police)).status, 404);
});

test('a stage set by mistake is taken back, also one that ended the route; then the way goes on from there', async () => {
  const r = await add(), held = () => t.picture(id).holds.some((h) => h.id === r);
  await ok(put(r, { stage: 'registered', day: '2026-03-03' }));
  await ok(put(r, { stage: 'dismissed', day: '2026-04-01', result: 'dropped', body: 'Gabim' }));
  assert.equal(held(), false);
  await ok(correct(r, { stage: 'registered', reason: 'ishte një çështje tjetër' }));
  let seen = await route(r);
  assert.equal(held(), true, 'it is open again');
  assert.deepEqual(days(seen.steps), [['reported', null, null, 'Komisariati Korçë', '12/26'], ['registered', '2026-03-03', null, null, null]]);
  assert.equal(seen.body, 'Komisariati Korçë');
  assert.equal((await put(r, { stage: 'court' })).status, 409);
  await ok(put(r, { stage: 'investigation' }));
  // Also the first one, and to any stage of its kind, but of no other.
  const second = await add({ stage: 'court' });
  await ok(correct(second, { stage: 'prosecutor', reason: 'nuk ka shkuar në gjykatë' }));
  seen = await route(second);
  assert.deepEqual([seen.stage, seen.steps.length], ['prosecutor', 1]);
  assert.equal((await correct(second, { stage: 'hearing', reason: 'Arsye e provës.' })).status, 422);
  t.whole(id);
});

test('the form shows what stands there, keeps what was typed and what a colleague wrote meanwhile', async () => {
  const r = await add(), path = `/cases/${id}/routes/${r}/correct`, form = (await t.officer.get(path)).text;
  for (const said of ['value="Komisariati Korçë"', 'value="12/26"', 'value="reported" selected']) assert.ok(form.includes(said), said);
  const { version } = await ok(t.officer.get(c)), typed = { stage: 'reported', body: 'E shkruar prej meje', number: '1', reason: 'sepse po, kështu u pa', version: String(version) };
  await ok(correct(r, { body: 'E shkruar nga tjetri', reason: 'më parë, kështu u pa' }, t.analyst));
  const second = await t.form(t.officer, path, typed);
  assert.equal(second.status, 409);
  for (const said of ['E shkruar prej meje', 'E shkruar nga tjetri', 'sepse po']) assert.ok(second.text.includes(said), said);
  assert.equal((await t.form(t.officer, path, { ...typed, reason: '' })).status, 422);
  assert.equal((await t.form(t.officer, path, { ...typed, version: '' })).status, 303);
});

test('the page asks when and how it was decided, and before it is final, whether an appeal can come', async () => {
  const r = await add({ kind: 'civil' }), path = `/cases/${id}/routes/${r}`;
  const asks = async (fields, words, status = 422) => {
    const answer = await t.form(t.officer, path, fields);
    assert.equal(answer.status, status, answer.text);
    for (const w of words) assert.ok(answer.text.includes(w), w);
  };
  await asks({ stage: 'decided' }, ['Shkruani ditën kur u vendos.', 'Zgjidhni çfarë u vendos.']);
  await asks({ stage: 'decided', day: '2026-05-04', result: 'in_favour' }, [], 303);
  await asks({ stage: 'final' }, ['Shkruani deri kur mund të ankohej dikush']);
  await asks({ stage: 'final', appeal_due: '2099-01-01' }, ['Afati i ankimit nuk ka mbaruar ende']);
  await asks({ stage: 'final', no_appeal: '1' }, [], 303);
  assert.equal((await route(r)).no_appeal, true);
  // With a day that is over nothing more is asked.
  const second = await add({ kind: 'civil', stage: 'decided', appeal_due: '2026-06-01' });
  assert.equal((await t.form(t.officer, `/cases/${id}/routes/${second}`, { stage: 'final' })).status, 303);
  // A program may leave it out; then the page says that it is missing, until it is written.
  const third = await add({ kind: 'civil' });
  for (const stage of ['decided', 'final']) await ok(put(third, { stage }));
  const missing = 'Nuk është shkruar deri kur mund të ankohej dikush.';
  assert.ok((await t.officer.get(`/cases/${id}`)).text.includes(missing));
  await ok(correct(third, { no_appeal: true, reason: 'palët u pajtuan' }));
  assert.ok(!(await t.officer.get(`/cases/${id}`)).text.includes(missing));
});

test('the days of a route run forward, and no time for an appeal ends before the decision', async () => {
  const early = 'Kjo ditë është para asaj të një hapi më të hershëm', short = 'Afati i ankimit nuk mund të mbarojë para ditës së vendimit.';
  assert.deepEqual(field(await t.officer.post(`${c}/routes`, { kind: 'civil', stage: 'decided', day: '2026-05-04', appeal_due: '2026-05-03' })), ['appeal_due']);
  const r = await add({ kind: 'civil', day: '2026-05-04' }), path = `/cases/${id}/routes/${r}`;
  assert.deepEqual(field(await put(r, { stage: 'decided', day: '2026-05-03' })), ['day']);
  const typed = await t.form(t.officer, path, { stage: 'decided', day: '2026-05-03', result: 'in_favour', body: 'Gjykata e Tiranës' });
  assert.equal(typed.status, 422);
  for (const said of [early, 'value="2026-05-03"', 'Gjykata e Tiranës']) assert.ok(typed.text.includes(said), said);
  assert.ok((await t.form(t.officer, path, { stage: 'decided', day: '2026-05-09', result: 'in_favour', appeal_due: '2026-05-08' })).text.includes(short));
  await ok(put(r, { stage: 'decided', day: '2026-05-04' })); // on the same day
  assert.deepEqual(field(await put(r, { stage: 'final', appeal_due: '2026-05-03' })), ['appeal_due'], 'the day was written before');
  assert.deepEqual(field(await correct(r, { day: '2026-05-03', reason: 'ishte një ditë më parë' })), ['day']);
  await ok(correct(r, { day: '2026-05-05', reason: 'ishte një ditë më vonë' }));
  // Taken back, it is compared with what stood before that.
  assert.deepEqual(field(await correct(r, { stage: 'filed', day: '2099-01-01', reason: 'nuk u vendos ende' })), ['day']);
  await ok(correct(r, { stage: 'filed', day: '2026-05-01', reason: 'nuk u vendos ende' }));
  await ok(put(r, { stage: 'decided', day: '2026-05-02' }));
  await ok(put(r, { stage: 'final', day: '2026-07-01', appeal_due: '2026-06-01' })); // the time ran out before that
});

test('what the reporter reads stays true where a decision is taken back', async () => {
  const own = await t.open(), told = () => t.rows("select code from desk.step s join desk.case_report r on r.report = s.report where r.case_id = $id and code in ('decided', 'deciding')", own).map((x) => x.code).sort();
  const r = (await ok(t.officer.post(`/api/v1/cases/${own}/routes`, { kind: 'civil' }), 201)).id, at = `/api/v1/cases/${own}/routes/${r}`;
  await ok(t.officer.call('PUT', at, { stage: 'decided' }));
  assert.deepEqual(told(), ['decided', 'deciding']);
  await ok(t.officer.post(`${at}/correct`, { stage: 'filed', reason: 'ende jo, kështu u pa' }));
  assert.deepEqual(told(), ['deciding']);
  await ok(t.officer.post(`${at}/correct`, { stage: 'decided', reason: 'po, u vendos' }));
  assert.deepEqual(told(), ['decided', 'deciding']);
});

test('the trail is whole', () => {
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});
