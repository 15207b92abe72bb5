// Cases through the running programs: the real keeper links, seals and opens; two people close; two editors; forms without script.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, analyst, supervisor, contact;
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  analyst = await site.signIn('analyst');
  supervisor = await site.signIn('supervisor');
  contact = await site.signIn('contact');
});
after(() => site.remove());

let sent = 0;
async function report() {
  const text = `raporti ${++sent} i testit`;
  const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const answer = await site.report({ category: 'SEXT', in_danger: true, text });
  assert.equal(answer.status, 201, answer.text);
  const found = await until('it at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id) && r.urgency === 'U1'));
  return { id: found.id, receipt: answer.json.receipt };
}
async function opened(...reports) {
  const answer = await officer.post('/api/v1/cases', { reports: reports.map((r) => r.id) });
  assert.equal(answer.status, 201, answer.text);
  return `/api/v1/cases/${answer.json.id}`;
}
const ok = async (promise, status = 201) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};

test('from a report to the closed case, and the reporter sees each step', async () => {
  const r = await report();
  const c = await opened(r);
  await until('in a case', async () => (await site.follow(r.receipt)).json.state === 'in_case');
  const seen = await ok(officer.get(c), 200);
  assert.equal(seen.state, 'registered');
  assert.equal(seen.urgency, 'U1');
  assert.deepEqual(seen.reports, [r.id]);
  assert.deepEqual(seen.holds, []);
  assert.match(seen.number, /^20\d\d-\d{4}$/);
  await ok(officer.post(`${c}/notes`, { text: 'Fola me nënën.\nËshtë e qetë. “Ç” <b>' }));
  await ok(analyst.post(`${c}/people`, { role: 'suspect', name: 'Njerku', relation: 'njerk', must_not_be_told: true }));
  await ok(officer.post(`${c}/assessment`, { risk: 'high', text: 'Jeton me të.' }));
  await ok(officer.post(`${c}/plan`, { text: 'Te gjyshja që sot.' }));
  assert.equal((await officer.post(`${c}/state`, { state: 'planned' })).status, 403, 'nobody approves his own plan');
  await ok(supervisor.post(`${c}/state`, { state: 'planned' }), 200);
  await ok(officer.post(`${c}/state`, { state: 'implementing' }), 200);
  const route = await ok(officer.post(`${c}/routes`, { kind: 'criminal', body: 'Policia e Shtetit', number: '12/26', stage: 'reported' }));
  const held = await officer.post(`${c}/close`, { outcome: 'child_safe' });
  assert.equal(held.status, 409, held.text);
  assert.deepEqual(held.json.holds.map((h) => [h.track, h.thing]), [['justice', route.id]]);
  assert.ok(held.json.message.length > 10);
  const [{ name, path }] = held.json.holds;
  assert.match(name, /: Kallëzuar$/);
  assert.equal(path, `/cases/${c.split('/').at(-1)}#${route.id}`);
  assert.ok((await officer.get(path.split('#')[0])).text.includes(`id="${route.id}"`), 'where it stands');
  assert.equal((await officer.call('PUT', `${c}/routes/${route.id}`, { stage: 'court' })).status, 409);
  for (const stage of ['registered', 'investigation', 'prosecutor', 'court', 'first_instance', 'final'])
    await ok(officer.call('PUT', `${c}/routes/${route.id}`, { stage }), 200);
  assert.equal((await supervisor.post(`${c}/close/approve`)).status, 409, 'nobody has asked');
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe' }), 200);
  assert.equal((await officer.post(`${c}/close/approve`)).status, 403, 'nobody approves himself');
  assert.equal((await ok(supervisor.post(`${c}/close/approve`), 200)).state, 'closed');
  const whole = await ok(analyst.get(c), 200);
  assert.equal(whole.state, 'closed');
  assert.equal(whole.routes[0].stage, 'final');
  assert.equal(whole.routes[0].body, 'Policia e Shtetit');
  assert.equal(whole.people[0].must_not_be_told, true);
  assert.ok(whole.timeline.some((l) => l.text === 'Fola me nënën.\nËshtë e qetë. “Ç” <b>'));
  assert.ok(whole.timeline.every((l) => !l.altered));
  assert.ok(whole.history.some((h) => h.action === 'read'), 'reads stand there too');
  await until('closed for the reporter', async () => (await site.follow(r.receipt)).json.state === 'closed');
  assert.equal((await officer.post(`${c}/notes`, { text: 'vonë' })).status, 409);
  assert.equal((await officer.post('/api/v1/cases', { reports: [r.id] })).status, 409, 'a closed report comes back with its own case only');
  await ok(officer.post(`${c}/reopen`, { reason: 'U kthye, kështu u pa' }), 200);
  assert.equal((await ok(officer.get(c), 200)).state, 'review');
  assert.equal((await ok(officer.get(`/api/v1/reports/${r.id}`), 200)).state, 'in_case');
  await until('worked on again for the reporter', async () => (await site.follow(r.receipt)).json.state === 'in_case');
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe' }), 200);
  await ok(supervisor.post(`${c}/close/approve`), 200);
  await until('closed once more', async () => (await site.follow(r.receipt)).json.state === 'closed');
});

test('a person is corrected: nothing typed is lost, and who is second sees what was written meanwhile', async () => {
  const c = await opened(await report());
  const path = c.replace('/api/v1', '');
  const form = (session, at, fields) => request(site.desk, 'POST', at, { headers: { cookie: session.cookies, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: session.csrf, ...fields }).toString() });
  const { id } = await ok(officer.post(`${c}/people`, { role: 'child', name: 'Ana Provë', school: 'Shkolla 1', text: 'E qetë.' }));
  const shown = await officer.get(`${path}/people?person=${id}`);
  assert.equal(shown.status, 200);
  for (const said of ['value="Ana Provë"', 'value="Shkolla 1"', 'E qetë.', `value="${id}"`]) assert.ok(shown.text.includes(said), said);
  assert.ok((await officer.get(path)).text.includes(`${path}/people?person=${id}`));
  const { version } = await ok(officer.get(c), 200);
  const fields = { person: id, role: 'child', name: 'Ana Provë', school: 'Shkolla 2', version: String(version) };
  assert.equal((await form(officer, `${path}/people`, fields)).status, 303);
  const second = await form(analyst, `${path}/people`, { ...fields, school: 'Shkolla 3' });
  assert.equal(second.status, 409);
  assert.match(second.text, /value="Shkolla 3"/);
  assert.match(second.text, /Shkolla 2/, 'what is written now');
  assert.match(second.text, new RegExp(`name="person" value="${id}"`));
  const whole = await ok(officer.get(c), 200);
  assert.deepEqual(whole.people.map((p) => p.school), ['Shkolla 2']);
  assert.equal(whole.timeline.filter((l) => l.kind === 'person' && l.thing === id).length, 2, 'the earlier one stays in the timeline');
  assert.equal((await officer.get(`${path}/people?person=${'0'.repeat(31)}1`)).status, 404);
  assert.equal((await contact.get(`${path}/people?person=${id}`)).status, 404);
});

test('a task and a case are given to members of the unit only', async () => {
  const c = await opened(await report());
  const path = c.replace('/api/v1', '');
  const [theirs, ours] = await Promise.all([contact, analyst].map(async (s) => (await s.get('/api/v1/account')).json.id));
  for (const worker of [theirs, '0123456789abcdef0123456789abcdef']) {
    assert.equal((await officer.post(`${c}/tasks`, { title: 'x', due: '2099-01-01', worker })).status, 422, worker);
    assert.equal((await officer.post(`${c}/worker`, { worker })).status, 422, worker);
  }
  assert.deepEqual((await ok(officer.get(c), 200)).tasks, []);
  await ok(officer.post(`${c}/tasks`, { title: 'x', due: '2099-01-01', worker: ours }));
  await ok(officer.post(`${c}/worker`, { worker: ours }), 200);
  assert.equal((await ok(officer.get(c), 200)).tasks[0].worker, ours);
  const page = (await officer.get(`${path}/tasks`)).text;
  assert.ok(page.includes(`value="${ours}"`) && !page.includes(theirs));
});

test('what was told of sexual abuse is collapsed', async () => {
  const c = await opened(await report());
  await ok(officer.post(`${c}/notes`, { text: 'shënim i rëndë' }));
  assert.match((await officer.get(c.replace('/api/v1', ''))).text, /<details><summary>[^<]+<\/summary><p class="lines">shënim i rëndë/);
});

test('two write at once: notes are all kept, of two plans one is told', async () => {
  const c = await opened(await report());
  const { version } = await ok(officer.get(c), 200);
  const answers = await Promise.all([officer.post(`${c}/plan`, { text: 'i pari', version }), analyst.post(`${c}/plan`, { text: 'i dyti', version })]);
  assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409], answers.map((a) => a.text).join('\n'));
  const notes = await Promise.all([1, 2, 3].map((n) => (n % 2 ? officer : analyst).post(`${c}/notes`, { text: `shënimi ${n}` })));
  assert.deepEqual(notes.map((a) => a.status), [201, 201, 201], notes.map((a) => a.text).join('\n'));
  const { timeline } = await ok(officer.get(c), 200);
  assert.equal(timeline.filter((l) => l.kind === 'note').length, 3);
  assert.equal(timeline.filter((l) => l.kind === 'plan').length, 1);
});

test('a report is in one case', async () => {
  const [a, b] = [await report(), await report()];
  const c = await opened(a);
  assert.equal((await analyst.post('/api/v1/cases', { reports: [a.id] })).status, 409);
  await ok(officer.post(`${c}/reports`, { reports: [b.id] }));
  assert.deepEqual((await ok(officer.get(c), 200)).reports.sort(), [a.id, b.id].sort());
  const found = await ok(officer.get(`/api/v1/cases?report=${b.id}`), 200);
  assert.equal(`/api/v1/cases/${found.cases[0].id}`, c);
});

test('a unit without the key finds nothing, on any path', async () => {
  const c = await opened(await report());
  const thing = '0123456789abcdef0123456789abcdef';
  assert.ok(!JSON.stringify((await ok(contact.get('/api/v1/cases'), 200)).cases).includes(c.slice(-32)));
  const calls = [['GET', ''], ['POST', '/notes', { text: 'x' }], ['POST', '/people', { role: 'child', name: 'x' }], ['POST', '/assessment', { risk: 'low', text: 'x' }],
    ['POST', '/plan', { text: 'x' }], ['POST', '/tasks', { title: 'x', due: '2099-01-01' }], ['POST', `/tasks/${thing}/done`, {}],
    ['POST', '/routes', { kind: 'civil' }], ['PUT', `/routes/${thing}`, { stage: 'hearing' }], ['POST', '/state', { state: 'review' }],
    ['POST', '/worker', {}], ['POST', '/close', { outcome: 'other' }], ['POST', '/close/approve', {}], ['POST', '/reopen', { reason: 'Arsye e provës.' }]];
  for (const [method, path, json] of calls) {
    const answer = await contact.call(method, c + path, json);
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.status} ${answer.text}`);
  }
});

test('the pages do it all without script', async () => {
  const r = await report();
  const form = (session, path, fields) => request(site.desk, 'POST', path, { headers: { cookie: session.cookies, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: session.csrf, ...fields }).toString() });
  const page = (session, path) => request(site.desk, 'GET', path, { headers: { cookie: session.cookies } });
  assert.match((await page(officer, `/reports/${r.id}`)).text, /action="\/cases"/);
  const made = await form(officer, '/cases', { reports: r.id });
  assert.equal(made.status, 303, made.text);
  const c = made.headers.location;
  assert.match(c, /^\/cases\/[0-9a-f]{32}$/);
  assert.equal((await page(officer, `/cases?report=${r.id}`)).headers.location, c);
  assert.match((await page(officer, `/reports/${r.id}`)).text, /\/cases\?report=/);
  for (const [path, fields] of [['/notes', { text: 'një shënim' }], ['/people', { role: 'child', name: 'A.', version: '2' }], ['/assessment', { risk: 'low', text: 'pak' }],
    ['/tasks', { title: 'Telefono', due: '2099-01-01' }], ['/routes', { kind: 'civil', body: 'Gjykata' }], ['/worker', {}]]) {
    const answer = await form(officer, c + path, fields);
    assert.equal(answer.status, 303, `${path}: ${answer.status}`);
    assert.equal(answer.headers.location, c);
  }
  // The button to approve a plan is offered to those whom the server would let, and not to its author.
  assert.equal((await form(supervisor, `${c}/plan`, { text: 'plani' })).status, 303);
  assert.doesNotMatch((await page(supervisor, c)).text, /value="planned"/, 'nobody approves his own plan');
  assert.match((await page(analyst, c)).text, /value="planned"/);
  assert.equal((await form(analyst, `${c}/plan`, { text: 'plani, ndryshe' })).status, 303);
  assert.doesNotMatch((await page(analyst, c)).text, /value="planned"/, 'the newest plan counts');
  assert.match((await page(supervisor, c)).text, /value="planned"/);
  const stale = await form(analyst, `${c}/plan`, { text: 'plani i shkruar gjatë', version: '1' });
  assert.equal(stale.status, 409);
  assert.match(stale.text, /plani i shkruar gjatë/);
  assert.match(stale.text, /role="alert"/);
  const bad = await form(analyst, `${c}/routes`, { kind: '', number: '77/26' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /value="77\/26"/);
  const held = await form(officer, `${c}/close`, { outcome: 'other', text: 'mbyllet' });
  assert.equal(held.status, 409);
  assert.match(held.text, /mbyllet/);
  const shown = (await page(officer, c)).text;
  for (const said of ['një shënim', 'Telefono', 'Gjykata']) assert.ok(shown.includes(said), said);
  assert.match((await page(officer, '/cases')).text, new RegExp(c));
});

// SQL on the desk's tables, as whoever holds the database may write it.
const sql = (text) => site.storeUrl ? execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', site.storeUrl, '-c', text])
  : execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 3000', path.join(site.data, 'desk/desk.db')], { input: text.replaceAll('desk.', '') });
const bytes = (id) => site.storeUrl ? `'\\x${id}'::bytea` : `x'${id}'`;

test('an entry that was removed from the store is missed: on the page, in the API, before sharing, in the log', async () => {
  const c = await opened(await report());
  const home = `home = ${bytes(c.split('/').pop())}`;
  await ok(officer.post(`${c}/people`, { role: 'suspect', name: 'Njerku Një', must_not_be_told: true }));
  await ok(officer.post(`${c}/people`, { role: 'suspect', name: 'Njerku Dy', must_not_be_told: true }));
  const whole = await ok(officer.get(c), 200);
  assert.equal(whole.people.length, 2);
  assert.ok(!whole.warning);
  const alarms = () => site.log.split('\n').filter((l) => /case.tampered/.test(l)).length;
  const before = alarms();
  const missed = async (what) => {
    const seen = await ok(officer.get(c), 200);
    assert.match(seen.warning ?? '', /u hoq nga ky rast/, what);
    assert.match((await officer.get(c.replace('/api/v1', ''))).text, /role="alert">Diçka u hoq nga ky rast/, what);
    assert.ok(alarms() > before, what);
  };
  sql(`create table desk.kept as select * from desk.case_item; delete from desk.case_item where ${home} and kind = 'person' and seq = (select min(seq) from desk.case_item where ${home} and kind = 'person')`);
  await missed('one in between');
  assert.match((await officer.get(`${c.replace('/api/v1', '')}/refer`)).text, /u hoq nga ky rast/, 'before sharing');
  const file = await officer.post(`${c}/casefile`, { way: 'print', recipient: 'Gjykata', ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', compared: true });
  assert.ok(file.status >= 400, 'nothing is handed out');
  const back = `delete from desk.case_item where ${home}; insert into desk.case_item select * from desk.kept where ${home}`;
  sql(`${back}; delete from desk.case_item where ${home} and seq = (select max(seq) from desk.case_item where ${home})`);
  await missed('the newest');
  sql(`${back}; drop table desk.kept`);
  assert.ok(!(await ok(officer.get(c), 200)).warning);
});

test('what was done stands in the trail, whole', () => {
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});
