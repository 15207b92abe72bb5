// Whoever works here no more holds nothing: what was taken can be taken by others, a case says that its worker has gone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';
import { ok } from '../lib/cases.mjs';

let site, officer, analyst, boss, administrator, oversight;
const id = {};
before(async () => {
  site = await Instance.start();
  site.morning();
  for (const role of ['duty_officer', 'analyst', 'supervisor', 'administrator', 'oversight']) {
    const session = await site.signIn(role);
    id[role] = (await ok(session.get('/api/v1/account'))).id;
    [officer, analyst, boss, administrator, oversight] = [role === 'duty_officer' ? session : officer, role === 'analyst' ? session : analyst,
      role === 'supervisor' ? session : boss, role === 'administrator' ? session : administrator, role === 'oversight' ? session : oversight];
  }
});
after(() => site.remove());

const row = async (report) => (await ok(officer.get('/api/v1/reports?state=all'))).reports.find((r) => r.id === report);
const form = (session, path) => request(site.desk, 'POST', path, { headers: { cookie: session.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ csrf: session.csrf }).toString() });
async function taken(by) {
  const known = new Set((await ok(officer.get('/api/v1/reports?state=new'))).reports.map((r) => r.id));
  assert.equal((await site.report({ category: 'THREAT', text: `Fjalë ${known.size}` })).status, 201);
  const report = await until('it at the desk', async () => (await ok(officer.get('/api/v1/reports?state=new'))).reports.find((r) => !known.has(r.id)));
  await ok(by.post(`/api/v1/reports/${report.id}/take`));
  return report.id;
}
const disable = (person, disabled) => ok(administrator.post(`/api/v1/people/${person}/disable`, { disabled }));
const takes = async () => (await ok(oversight.get('/api/v1/audit?action=report_take'))).entries;

test('reports of somebody who was disabled are taken by others; the trail says who', async () => {
  const held = await taken(analyst), answered = await taken(analyst), mine = await taken(officer);
  await ok(analyst.post(`/api/v1/reports/${answered}/answer`, { text: 'Ju dëgjojmë.' }));
  for (const report of [held, answered]) assert.equal((await officer.post(`/api/v1/reports/${report}/take`)).status, 409, 'somebody has it');
  assert.equal((await officer.post(`/api/v1/reports/${held}/answer`, { text: 'x' })).status, 409);
  const before_ = await row(held);
  assert.equal(before_.holder_left, false);
  await disable(id.analyst, true);
  const left = await row(held);
  assert.deepEqual([left.state, left.holder_left, left.taken_by, left.act_due], ['taken', true, id.analyst, before_.act_due]);
  assert.equal((await row(mine)).holder_left, false);
  const page = (await officer.get('/reports?state=taken')).text;
  const cell = page.match(new RegExp(`data-report="${held}"[^]*?</tr>`))[0];
  assert.match(cell, /nuk punon më këtu/);
  assert.match(cell, new RegExp(`action="/reports/${held}/take"`));
  assert.doesNotMatch(page.match(new RegExp(`data-report="${mine}"[^]*?</tr>`))[0], /nuk punon më këtu|\/take"/);
  const its = (await officer.get(`/reports/${held}`)).text;
  assert.match(its, /nuk punon më këtu/);
  assert.match(its, new RegExp(`action="/reports/${held}/take"`));

  const entries = (await takes()).length;
  assert.equal((await form(officer, `/reports/${held}/take`)).status, 303);
  await ok(officer.post(`/api/v1/reports/${answered}/take`));
  const [a, b] = [await row(held), await row(answered)];
  assert.deepEqual([a.state, a.taken_by, a.holder_left, a.act_due], ['taken', id.duty_officer, false, before_.act_due], 'its clock runs on');
  assert.deepEqual([b.state, b.taken_by, b.holder_left], ['answered', id.duty_officer, false], 'its state stays');
  assert.equal((await takes()).length, entries + 2);
  assert.ok((await takes()).slice(0, 2).every((e) => e.person === id.duty_officer && [held, answered].includes(e.object)));
  assert.equal((await boss.post(`/api/v1/reports/${held}/take`)).status, 409, 'now somebody has it again');
  await disable(id.analyst, false);
  assert.equal((await row(held)).taken_by, id.duty_officer, 'and who comes back finds what others took with them');
});

test('a case says that its worker has gone, and whoever takes it has its reports', async () => {
  analyst = await site.signIn('analyst');
  const report = await taken(analyst);
  const of = (await ok(analyst.post('/api/v1/cases', { reports: [report] }), 201)).id;
  await disable(id.analyst, true);
  const read = await ok(officer.get(`/api/v1/cases/${of}`));
  assert.deepEqual([read.worker, read.worker_left], [id.analyst, true]);
  assert.equal((await ok(officer.get('/api/v1/cases'))).cases.find((c) => c.id === of).worker_left, true);
  for (const path of ['/cases', `/cases/${of}`]) assert.match((await officer.get(path)).text, /nuk punon më këtu/, path);
  await ok(officer.post(`/api/v1/cases/${of}/worker`, {}));
  assert.equal((await ok(officer.get(`/api/v1/cases/${of}`))).worker_left, false);
  const now = await row(report);
  assert.deepEqual([now.state, now.taken_by, now.holder_left], ['in_case', id.duty_officer, false]);
  await ok(officer.post(`/api/v1/reports/${report}/answer`, { text: 'Tani jemi ne.' }));
  await disable(id.analyst, false);
});

test('whoever left the unit holds nothing of it either', async () => {
  analyst = await site.signIn('analyst');
  const report = await taken(analyst);
  const unit = (await ok(boss.get('/api/v1/account'))).units[0].id;
  await ok(boss.post(`/api/v1/units/${unit}/members/${id.analyst}/remove`));
  assert.equal((await row(report)).holder_left, true);
  await ok(officer.post(`/api/v1/reports/${report}/take`));
});
