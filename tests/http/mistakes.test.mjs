// Mistakes are taken back: a report put into the wrong case, a task, person, legal route or address written by mistake. The words and
// the reason stay; nothing counts on them any more, nothing that is handed out holds them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';
import { until } from '../lib/instance.mjs';

let t;
before(async () => { t = await Cases.start(); });
after(() => t.site.remove());

const why = 'ishte për një fëmijë tjetër';
const read = async (c, who = t.officer) => ok(who.get(c));
const field = (answer) => answer.json.errors?.map((e) => e.field);
async function two() { // a case of two reports, each with a page of its own
  const known = new Set((await t.officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id)), pages = ['a', 'b'].map((p) => `https://rrjeti.example/${p}${++t.sent}`), reports = [];
  for (const address of pages) {
    const { receipt } = await ok(t.site.report({ category: 'SEXT', where: 'page', address, text: `gabim ${++t.sent}` }), 201);
    const id = await until('it', async () => (await t.officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id))?.id);
    known.add(id);
    reports.push({ id, receipt, address });
  }
  const { id } = await ok(t.officer.post('/api/v1/cases', { reports: reports.map((r) => r.id) }), 201);
  return { id, c: `/api/v1/cases/${id}`, reports };
}

test('a report that does not belong to the case goes back to the queue, and the case opens it no more', async () => {
  const { id, c, reports: [stays, goes] } = await two(), out = (json, who = t.officer) => who.post(`${c}/reports/${goes.id}/remove`, json);
  await ok(t.officer.post(`${c}/assessment`, { risk: 'low', text: 'x' }), 201);
  const follow = async () => (await t.site.follow(goes.receipt)).json;
  await until('told', async () => (await follow()).steps.some((s) => s.code === 'considered'));
  const { version } = await read(c), wraps = () => t.rows('select count(*) n from desk.child_wrap where parent = $id', id)[0].n;
  assert.equal(wraps(), 2);
  assert.deepEqual(field(await out({})), ['reason']);
  assert.deepEqual(field(await out({ reason: '.' })), ['reason']);
  assert.equal((await out({ reason: why, version: version - 1 })).status, 409);
  assert.equal((await out({ reason: why }, t.police)).status, 404);
  await ok(t.officer.get(`${c}/reports/${goes.id}`));
  await ok(out({ reason: why, version }));
  const now = await read(c);
  assert.deepEqual(now.reports, [stays.id]);
  assert.deepEqual(now.addresses.map((a) => a.address), [stays.address], 'the page that it named went with it');
  const line = now.timeline.find((l) => l.kind === 'report_out');
  assert.deepEqual([line.text, line.thing, line.person], [why, goes.id, t.officer.id]);
  assert.equal(wraps(), 1, 'the way to its key is deleted');
  assert.equal((await t.officer.get(`${c}/reports/${goes.id}`)).status, 404);
  assert.equal((await out({ reason: why })).status, 404, 'once');
  // In the queue: with who took it out, to be dealt with; its reporter reads what is true.
  const report = await ok(t.officer.get(`/api/v1/reports/${goes.id}`));
  assert.equal(report.state, 'taken');
  assert.equal(t.rows('select @(taken_by) by_, act_due from desk.report where id = $id', goes.id)[0].by_, t.officer.id);
  await until('told otherwise', async () => (await follow()).state === 'taken');
  assert.ok(!(await follow()).steps.some((s) => s.code === 'considered'));
  assert.ok((await ok(t.officer.get('/api/v1/reports?state=taken'))).reports.some((r) => r.id === goes.id));
  await ok(t.officer.post('/api/v1/cases', { reports: [goes.id] }), 201);
  t.whole(id);
});

test('a page with which somebody has begun stays with the case', async () => {
  const { c, reports: [, goes] } = await two(), begun = (await read(c)).addresses.find((a) => a.address === goes.address);
  await ok(t.officer.call('PUT', `${c}/addresses/${begun.id}`, { stage: 'asked' }));
  await ok(t.officer.post(`${c}/reports/${goes.id}/remove`, { reason: why }));
  const { addresses } = await read(c);
  assert.deepEqual(addresses.map((a) => a.stage).sort(), ['asked', 'noted']);
});

test('of a case that was handed over the report stays: it opens with the case alone', async () => {
  const { id, c, reports: [, goes] } = await two(), r = (await ok(t.refer(id, { kind: 'transfer' }), 201)).id;
  await ok(t.police.post(`/api/v1/referrals/${r}/accept`));
  const path = `/cases/${id}/reports/${goes.id}/remove`;
  assert.ok(!(await t.police.get(`/cases/${id}`)).text.includes(path));
  const refused = await t.form(t.police, path, { reason: why });
  assert.equal(refused.status, 409);
  assert.match(refused.text, /hapet vetëm me rastin/);
  await ok(t.police.get(`${c}/reports/${goes.id}`));
});

test('of a case that was only offered the report stays too, and opens', async () => {
  const { id, c, reports: [, goes] } = await two(), r = (await ok(t.refer(id, { kind: 'transfer' }), 201)).id;
  await ok(t.police.post(`/api/v1/referrals/${r}/decline`, { reason: 'Nuk është jona.' }));
  assert.equal((await t.officer.post(`${c}/reports/${goes.id}/remove`, { reason: why })).status, 409);
  await ok(t.officer.post(`${c}/notes`, { text: 'Vazhdojmë vetë.' }), 201);
  await ok(t.officer.get(`/api/v1/reports/${goes.id}`));
  await t.later(200); // the keeper opens only so much in a minute
});

test('nothing is taken out of a closed case', async () => {
  const id = await t.at('closed'), [report] = (await read(`/api/v1/cases/${id}`)).reports;
  assert.equal((await t.officer.post(`/api/v1/cases/${id}/reports/${report}/remove`, { reason: why })).status, 409);
});

test('a task is corrected until it is done, and its day is not one that is over', async () => {
  const id = await t.open(), c = `/api/v1/cases/${id}`, add = (json) => t.officer.post(`${c}/tasks`, { title: 'Telefononi', due: '2099-01-01', ...json });
  const past = await add({ due: '2020-01-01' });
  assert.equal(past.status, 422);
  assert.deepEqual(past.json.errors, [{ field: 'due', message: 'Kjo ditë ka kaluar. Zgjidhni sot ose një ditë që vjen.' }]);
  const { id: task } = await ok(add(), 201), put = (json, who = t.officer) => who.call('PUT', `${c}/tasks/${task}`, json);
  const { version } = await read(c);
  await ok(put({ title: 'Telefononi gjyshes', due: '2099-02-02', worker: t.analyst.id, version }));
  const stale = await put({ title: 'x', due: '2099-03-03', version }, t.analyst);
  assert.equal(stale.status, 409);
  assert.deepEqual(field(await put({ title: 'x', due: '2020-01-01' })), ['due']);
  assert.deepEqual(field(await put({ title: 'x', due: '2099-01-01', worker: t.police.id })), ['worker']);
  let [seen] = (await read(c)).tasks;
  assert.deepEqual([seen.title, seen.worker, seen.due.slice(0, 10)], ['Telefononi gjyshes', t.analyst.id, '2099-02-02']);
  const lines = (await read(c)).timeline.filter((l) => l.thing === task);
  assert.equal(lines.length, 2, 'the earlier words stay');
  const form = (await t.officer.get(`/cases/${id}/tasks/${task}`)).text;
  for (const said of ['value="Telefononi gjyshes"', 'value="2099-02-02"', `value="${t.analyst.id}" selected`]) assert.ok(form.includes(said), said);
  assert.equal((await t.form(t.officer, `/cases/${id}/tasks/${task}`, { title: 'Telefononi nënës', due: '2099-02-02' })).status, 303);
  [seen] = (await read(c)).tasks;
  assert.deepEqual([seen.title, seen.worker], ['Telefononi nënës', null]);
  const page = (await t.officer.get(`/cases/${id}`)).text;
  assert.match(page, /ndreqi një detyrë/);
  await ok(t.officer.post(`${c}/tasks/${task}/done`));
  assert.equal((await put({ title: 'x', due: '2099-01-01' })).status, 409);
  assert.equal((await t.officer.call('PUT', `${c}/tasks/0123456789abcdef0123456789abcdef`, { title: 'x', due: '2099-01-01' })).status, 404);
});

// Each kind of thing: how it is written, and that nothing of it is left but the words.
const things = {
  person: { path: 'people', json: { role: 'suspect', name: 'Gabim Gabimi', must_not_be_told: true }, list: 'people' },
  task: { path: 'tasks', json: { title: 'Gabim Gabimi', due: '2099-01-01' }, list: 'tasks' },
  route: { path: 'routes', json: { kind: 'civil', body: 'Gabim Gabimi' }, list: 'routes' },
  address: { path: 'addresses', json: { address: 'https://gabim.example/gabimi' }, list: 'addresses' },
};
for (const [kind, thing] of Object.entries(things))
  test(`a ${kind} written by mistake is taken back, with the reason, once`, async () => {
    const id = await t.open(), c = `/api/v1/cases/${id}`, add = () => t.officer.post(`${c}/${thing.path}`, thing.json);
    const { id: x } = await ok(add(), 201), retract = (json, who = t.officer) => who.post(`${c}/things/${x}/retract`, json), { version } = await read(c);
    assert.equal((await read(c))[thing.list].filter((y) => y.id === x).length, 1);
    assert.deepEqual(field(await retract({})), ['reason']);
    assert.equal((await retract({ reason: why, version: version - 1 })).status, 409);
    assert.equal((await retract({ reason: why }, t.police)).status, 404);
    const path = `/cases/${id}/things/${x}/retract`;
    assert.ok((await t.officer.get(`/cases/${id}`)).text.includes(`href="${path}"`));
    assert.equal((await t.officer.get(path)).status, 200);
    if (kind === 'task') assert.equal((await t.form(t.officer, path, { reason: why })).status, 303);
    else await ok(retract({ reason: why, version }));
    const now = await read(c);
    assert.equal(now[thing.list].filter((y) => y.id === x).length, 0);
    assert.deepEqual(now.holds, []);
    const lines = now.timeline.filter((l) => l.thing === x);
    assert.deepEqual(lines.map((l) => [l.kind, l.retracted]), [[kind, true], ['retracted', false]]);
    assert.equal(lines[1].text, why);
    assert.equal((await retract({ reason: why })).status, 409, 'once');
    assert.match((await t.officer.get(`/cases/${id}`)).text, /u hoq më pas/);
    // Nothing that is handed out holds it.
    const file = await t.officer.post(`${c}/casefile`, { way: 'print', recipient: 'Gjykata', ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', parts: ['tasks', 'routes', 'addresses', 'notes', 'timeline'] });
    assert.equal(file.status, 200, file.text);
    assert.ok(!/Gabim Gabim|gabim\.example/.test(file.text), file.text);
    const sent = (await ok(t.refer(id, { fields: ['category', 'person_suspect'], more_reason: 'Duhet për hetimin.' }), 201)).id;
    const got = (await t.police.get(`/api/v1/referrals/${sent}`));
    assert.ok(!/Gabim/.test(got.text) && !got.json.not_told);
    await ok(add(), 201); // and it may be written again
    t.whole(id);
  });

test('a page that was gone is taken back while another is only asked about: its reporter reads no more that something is gone', async () => {
  const { c, reports: [one, other] } = await two(), all = (await read(c)).addresses, codes = async () => (await t.site.follow(one.receipt)).json.steps.map((s) => s.code);
  const page = (r) => all.find((a) => a.address === r.address).id, stage = (id, to) => ok(t.officer.call('PUT', `${c}/addresses/${id}`, { stage: to }));
  await stage(page(one), 'asked');
  await stage(page(one), 'gone');
  await stage(page(other), 'asked');
  await until('told', async () => (await codes()).includes('removed'));
  await ok(t.officer.post(`${c}/things/${page(one)}/retract`, { reason: why }));
  await until('told otherwise', async () => !(await codes()).includes('removed'));
  assert.ok((await codes()).includes('removal_asked'), 'that is true of the other');
});

test('a person who was taken back is corrected no more, and what else hangs on a case cannot be taken back so', async () => {
  const id = await t.open(), c = `/api/v1/cases/${id}`;
  const { id: person } = await ok(t.officer.post(`${c}/people`, { role: 'child', name: 'Ana' }), 201), { id: note } = await ok(t.officer.post(`${c}/notes`, { text: 'x' }), 201);
  await ok(t.officer.post(`${c}/things/${person}/retract`, { reason: why }));
  const { version } = await read(c);
  assert.equal((await t.officer.post(`${c}/people`, { person, role: 'child', name: 'Ana', version })).status, 404);
  assert.equal((await t.officer.get(`/cases/${id}/people?person=${person}`)).status, 404);
  for (const thing of [note, id, '0123456789abcdef0123456789abcdef']) assert.equal((await t.officer.post(`${c}/things/${thing}/retract`, { reason: why })).status, 404);
});

test('what the reporter was told of a route or an address that was a mistake is taken away too', async () => {
  const id = await t.open(), c = `/api/v1/cases/${id}`;
  const told = () => t.rows("select code from desk.step s join desk.case_report r on r.report = s.report where r.case_id = $id and code in ('decided', 'deciding', 'removal_asked')", id).map((x) => x.code).sort();
  const route = (await ok(t.officer.post(`${c}/routes`, { kind: 'civil', stage: 'decided' }), 201)).id;
  const address = (await ok(t.officer.post(`${c}/addresses`, { address: 'https://rrjeti.example/gabim2' }), 201)).id;
  await ok(t.officer.call('PUT', `${c}/addresses/${address}`, { stage: 'asked' }));
  assert.deepEqual(told(), ['decided', 'deciding', 'removal_asked']);
  await ok(t.officer.post(`${c}/things/${route}/retract`, { reason: why }));
  assert.deepEqual(told(), ['removal_asked']);
  await ok(t.officer.post(`${c}/things/${address}/retract`, { reason: why }));
  assert.deepEqual(told(), []);
});

test('whatever holds a case says what it is and where', async () => {
  const id = await t.open(), c = `/api/v1/cases/${id}`, made = {};
  for (const [kind, thing] of Object.entries(things)) if (kind !== 'person') made[kind] = (await ok(t.officer.post(`${c}/${thing.path}`, thing.json), 201)).id;
  made.referral = (await ok(t.refer(id), 201)).id;
  const held = await t.officer.post(`${c}/close`, { outcome: 'other' });
  assert.equal(held.status, 409);
  assert.deepEqual(held.json.holds.map((h) => h.thing).sort(), Object.values(made).sort());
  const page = (await t.officer.get(`/cases/${id}`)).text, closing = (await t.officer.get(`/cases/${id}/close`)).text;
  for (const h of held.json.holds) {
    assert.ok(h.name.length > 5 && !/[Gg]abimi/.test(h.name), `${h.track}: ${h.name}`);
    assert.equal(h.path, `/cases/${id}#${h.thing}`);
    assert.ok(page.includes(`id="${h.thing}"`) && page.includes(`href="${h.path}"`), h.track);
    assert.ok(closing.includes(`href="${h.path}">`), h.track);
  }
  const names = Object.fromEntries((await read(c)).holds.map((h) => [h.track, h.name]));
  assert.equal(names.task, 'Gabim Gabimi', 'of a case that is read: the title');
  assert.equal(names.content, 'https://gabim.example/gabimi');
});

test('who approves the closing sees what came since it was asked for', async () => {
  const id = await t.at('closing'), c = `/api/v1/cases/${id}`, page = async () => (await t.supervisor.get(`/cases/${id}`)).text;
  assert.match(await page(), /Asgjë nuk është shtuar/);
  await ok(t.analyst.post(`${c}/notes`, { text: 'prisni' }), 201);
  const now = await page(), since = now.slice(now.indexOf('Çfarë u shtua që kur'), now.indexOf('</ul>', now.indexOf('Çfarë u shtua që kur')));
  assert.match(since, /<li>[^<]* shënoi<\/li>/);
  assert.equal(since.split('<li>').length, 2);
  assert.equal((await t.supervisor.post(`${c}/close/approve`, { version: (await read(c)).version - 1 })).status, 409, 'who has not seen it is told');
  await ok(t.supervisor.post(`${c}/close/approve`, { version: (await read(c)).version }));
});

test('asked already, the form shows who asked and what waits; closed, that it is', async () => {
  const own = await t.at('closing'), path = `/cases/${own}/close`;
  const waits = (await t.analyst.get(path, { accept: 'text/html' })).text;
  assert.match(waits, /Mbyllja është kërkuar nga .* dhe pret një tjetër/);
  assert.ok(!waits.includes('name="outcome"'), 'nothing to ask for once more');
  const late = await t.form(t.analyst, path, { outcome: 'other', text: 'u shkrua gjatë' });
  assert.equal(late.status, 409);
  assert.ok(late.text.includes('u shkrua gjatë'));
  await ok(t.supervisor.post(`/api/v1${path}/approve`));
  const closed = (await t.analyst.get(path, { accept: 'text/html' })).text;
  assert.ok(closed.includes('Rasti është i mbyllur.') && !closed.includes('name="outcome"'));
  for (const reason of ['x', '         .']) assert.equal((await t.officer.post(`/api/v1/cases/${own}/reopen`, { reason })).status, 422, reason);
});

test('the page that corrects a person says whom', async () => {
  const own = await t.open(), { id: person } = await ok(t.officer.post(`/api/v1/cases/${own}/people`, { role: 'witness', name: 'Dritan Shembulli' }), 201);
  const page = (await t.officer.get(`/cases/${own}/people?person=${person}`, { accept: 'text/html' })).text;
  assert.match(page, /<title>Ndreqni të dhënat e një personi/);
  assert.match(page, /<h1>Ndreqni të dhënat e një personi: [^<]+ – Dritan Shembulli<\/h1>/);
});

test('where nobody else could approve, the pages say so before', async () => {
  const alone = /vetëm një person/, id = await t.open(), refer = (unit) => t.officer.get(`/cases/${id}/refer?unit=${unit}&purpose=protection`);
  for (const page of ['', '/plan', '/close']) assert.doesNotMatch((await t.officer.get(`/cases/${id}${page}`)).text, alone, page);
  const able = new Map(t.rows(`select @(m.unit) unit, count(*) n from desk.member m join desk.person p on p.id = m.person where p.disabled = 0 group by m.unit`).map((r) => [r.unit, r.n]));
  const units = (await ok(t.officer.get('/api/v1/units'))).units.filter((u) => u.id !== t.rows('select @(owner) o from desk.case_file where id = $id', id)[0].o && u.members > 0);
  assert.ok(units.some((u) => able.get(u.id) === 1));
  for (const u of units.slice(0, 6)) assert.equal(alone.test((await refer(u.id)).text), able.get(u.id) === 1, u.id);
  assert.equal(able.get(t.worksUnit), 1, 'the sample: one person there');
  const r = (await ok(t.refer(id, { kind: 'transfer', unit: t.worksUnit, purpose: 'protection', ground: 'child_protection', consent: true, more_reason: 'Duhet për mbrojtjen.' }), 201)).id;
  await ok(t.works.post(`/api/v1/referrals/${r}/accept`));
  for (const page of ['', '/plan', '/close']) assert.match((await t.works.get(`/cases/${id}${page}`)).text, alone, page);
});

test('the trail is whole', () => {
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});
