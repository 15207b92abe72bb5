// Persons, units and the roster, driven as an administrator and a supervisor drive them, with the keeper's real keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, admin, supervisor, unit, institutions;
before(async () => {
  site = await Instance.start();
  site.morning();
  admin = await site.signIn('administrator');
  supervisor = await site.signIn('supervisor');
  unit = (await admin.get('/api/v1/units')).json.units.find((u) => u.room === 'desk').id;
  institutions = (await admin.get('/api/v1/institutions')).json.institutions;
});
after(() => site.remove());

const institution = (code) => institutions.find((i) => i.code === code).id;
const fields = (answer) => answer.json.errors?.map((e) => e.field).sort() ?? `${answer.status} ${answer.text}`;

async function add(username, roles, more = {}) {
  const answer = await admin.post('/api/v1/people', { username, name: `Test ${username}`, institution: institution('ISIGURT'), roles, ...more });
  assert.equal(answer.status, 201, answer.text);
  return { username, ...answer.json };
}

test('whatever is wrong at sign-in looks the same; too many tries are told to wait', async () => {
  const post = (username, password, totp) => request(site.desk, 'POST', '/api/v1/session', {
    headers: { 'content-type': 'application/json', origin: site.desk }, body: JSON.stringify({ username, password, totp }) });
  const { username, password } = site.account('editor');
  const answers = [await post('nobody', 'x', '000000'), await post(username, 'wrong', '000000'), await post(username, password, '000000')];
  for (const answer of answers) {
    assert.equal(answer.status, 401);
    assert.equal(answer.text, answers[0].text);
    assert.ok(!(answer.headers['set-cookie'] ?? []).some((c) => /^(__Host-)?desk=/.test(c)), 'no session');
  }
  const limited = await until('the wait', async () => {
    const answer = await post(username, 'wrong', '000000');
    return answer.status === 429 ? answer : null;
  });
  assert.match(limited.headers['retry-after'], /^[1-9]\d*$/);
});

test('a person is added, signs in, and opens nothing until a colleague admits; a leaver opens nothing any more', async () => {
  const sent = await site.report({ where: 'page', address: 'https://rrjeti.example/njerez', category: 'SEXT', county: 'Kukës', text: 'Vetëm për njësinë.' });
  assert.equal(sent.status, 201, sent.text);
  const report = await until('the report at the desk', async () =>
    (await supervisor.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SEXT' && r.county === 'Kukës')?.id);

  const person = await add('new.analyst', ['analyst']);
  assert.match(person.password, /^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/);
  assert.match(person.otpauth, new RegExp(`^otpauth://totp/isigurt:new\\.analyst\\?secret=${person.totp_secret}&`));
  assert.deepEqual(fields(await admin.post('/api/v1/people', { username: 'new.analyst', name: 'Again', institution: institution('ISIGURT'), roles: ['analyst'] })), ['username']);

  let session = await site.signIn(person);
  assert.equal((await session.get(`/api/v1/reports/${report}`)).status >= 400, true, 'not before the unit\'s key is given');
  assert.equal((await admin.post(`/api/v1/units/${unit}/members`, { person: person.id })).status, 403, 'an administrator admits nobody');
  assert.equal((await admin.post(`/api/v1/units/${unit}/first`, { person: person.id })).status, 409, 'nor as a first member');
  assert.equal((await session.post(`/api/v1/units/${unit}/members`, { person: person.id })).status, 403, 'nor oneself');

  const admitted = await supervisor.post(`/api/v1/units/${unit}/members`, { person: person.id });
  assert.equal(admitted.status, 200, admitted.text);
  assert.ok(admitted.json.members.some((m) => m.id === person.id));
  session = await site.signIn(person);
  const opened = await session.get(`/api/v1/reports/${report}`);
  assert.equal(opened.status, 200, opened.text);
  assert.equal(opened.json.text, 'Vetëm për njësinë.');

  const left = await supervisor.post(`/api/v1/units/${unit}/members/${person.id}/remove`);
  assert.equal(left.status, 200, left.text);
  assert.ok(!left.json.members.some((m) => m.id === person.id));
  assert.equal((await session.get('/api/v1/account')).status, 401, 'sessions end with the membership');
  session = await site.signIn(person);
  assert.equal((await session.get(`/api/v1/reports/${report}`)).status >= 400, true);
  assert.equal((await supervisor.get(`/api/v1/reports/${report}`)).status, 200, 'who stays opens what was sealed before');
});

// The desk's own rows, as a write leaves them that the store lost: past the programs.
function deskRows(statements) {
  if (site.storeUrl) execFileSync('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', site.storeUrl], { input: statements.replaceAll(/x'([0-9a-f]+)'/g, "'\\x$1'"), stdio: 'pipe' });
  else execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 3000', path.join(site.data, 'desk', 'desk.db')], { input: statements.replaceAll('desk.', ''), stdio: 'pipe' });
}

test('what the keeper did and the desk did not write down is mended by asking again', async () => {
  const person = await add('half.done', ['analyst']);
  const members = async () => (await supervisor.get(`/api/v1/units/${unit}`)).json.members.map((m) => m.id);
  const admit = () => supervisor.post(`/api/v1/units/${unit}/members`, { person: person.id });
  assert.equal((await admit()).status, 200);
  assert.equal((await admit()).status, 409, 'a member already');
  deskRows(`delete from desk.member where person = x'${person.id}'`);
  assert.ok(!(await members()).includes(person.id));
  const again = await admit();
  assert.equal(again.status, 200, again.text);
  assert.ok((await members()).includes(person.id));

  const remove = () => supervisor.post(`/api/v1/units/${unit}/members/${person.id}/remove`);
  assert.equal((await remove()).status, 200);
  assert.equal((await remove()).status, 404, 'no member any more');
  deskRows(`insert into desk.member (unit, person) values (x'${unit}', x'${person.id}')`);
  deskRows(`insert into desk.roster (id, unit, person, starts, ends, place) values (x'${person.id}', x'${unit}', x'${person.id}', 0, null, 1)`);
  const gone = await remove();
  assert.equal(gone.status, 200, gone.text);
  assert.ok(!(await members()).includes(person.id));
  assert.ok(!(await supervisor.get(`/api/v1/roster?unit=${unit}`)).json.slots.some((s) => s.person === person.id), 'nor called');
});

test('the last of as many members as a unit may have is shown and can be removed', async () => {
  const person = await add('last.of.many', ['analyst'], { name: 'Zzz Last' });
  assert.equal((await supervisor.post(`/api/v1/units/${unit}/members`, { person: person.id })).status, 200);
  const from = (await supervisor.get(`/api/v1/units/${unit}`)).json.members.length;
  const rows = [...Array(256 - from).keys()].map((i) => `x'${'f'.repeat(24)}${i.toString(16).padStart(8, '0')}'`);
  const columns = 'username, name, fold, mail, language, institution, roles, disabled';
  const filler = (id, i) => `insert into desk.person (id, ${columns}) select ${id}, 'filler${i}', 'A', 'a', '', 'sq', institution, 0, 0 from desk.person where id = x'${person.id}'; insert into desk.member (unit, person) values (x'${unit}', ${id});`;
  deskRows(rows.map(filler).join(' '));
  try {
    const shown = (await supervisor.get(`/api/v1/units/${unit}`)).json.members;
    assert.equal(shown.length, 256);
    assert.equal(shown[255].id, person.id);
    const left = await supervisor.post(`/api/v1/units/${unit}/members/${person.id}/remove`);
    assert.equal(left.status, 200, left.text);
    assert.ok(!left.json.members.some((m) => m.id === person.id));
  } finally {
    deskRows(rows.map((id) => `delete from desk.member where person = ${id}; delete from desk.person where id = ${id};`).join(' '));
  }
});

test('roles, disabling, ending and resetting bite at once', async () => {
  const person = await add('new.clerk', ['clerk']);
  let session = await site.signIn(person);
  assert.equal((await session.get('/api/v1/people')).status, 403);
  const path = `/api/v1/people/${person.id}`;
  assert.deepEqual((await admin.post(`${path}/roles`, { roles: ['supervisor'] })).json.roles, ['supervisor']);
  session = await site.signIn(person);
  assert.equal((await session.get('/api/v1/people')).status, 200);
  assert.deepEqual(fields(await admin.post(`${path}/roles`, { roles: ['emperor'] })), ['roles']);

  assert.equal((await admin.post(`${path}/end`)).status, 200);
  await until('the session to be over', async () => (await session.get('/api/v1/account')).status === 401);
  session = await site.signIn(person);
  assert.equal((await admin.post(`${path}/disable`, { disabled: true })).json.disabled, true);
  await until('the session to be over', async () => (await session.get('/api/v1/account')).status === 401);
  await assert.rejects(site.signIn(person));
  assert.equal((await admin.post(`${path}/disable`, { disabled: false })).json.disabled, false);

  const reset = await admin.post(`${path}/reset`);
  assert.equal(reset.status, 200, reset.text);
  await assert.rejects(site.signIn({ ...person, step: undefined }), 'the old password is over');
  session = await site.signIn({ ...person, ...reset.json });
  assert.equal((await session.get('/api/v1/account')).json.username, 'new.clerk');

  const me = (await admin.get('/api/v1/account')).json.id;
  assert.equal((await admin.post(`/api/v1/people/${me}/roles`, { roles: ['supervisor'] })).status, 409, 'nobody raises oneself');
  assert.equal((await admin.post(`/api/v1/people/${me}/disable`, { disabled: true })).status, 409);
});

test('the own password is changed with the old one and a code; other sessions end', async () => {
  const person = await add('new.editor', ['editor']);
  const other = await site.signIn(person);
  const session = await site.signIn(person);
  const { totp } = await import('../lib/instance.mjs');
  const code = () => { site.advance(30); return totp(person.totp_secret, site.now()); };
  assert.deepEqual(fields(await session.post('/api/v1/account/password', { old: person.password, fresh: 'short', totp: code() })), ['fresh']);
  assert.deepEqual(fields(await session.post('/api/v1/account/password', { old: 'wrong', fresh: 'katër fjalë të rastit', totp: code() })), ['old']);
  site.advance(600);
  const changed = await session.post('/api/v1/account/password', { old: person.password, fresh: 'katër fjalë të rastit', totp: code() });
  assert.equal(changed.status, 200, changed.text);
  await until('the other session to be over', async () => (await other.get('/api/v1/account')).status === 401);
  site.advance(30);
  await site.signIn({ ...person, step: undefined, password: 'katër fjalë të rastit' });
});

test('a new unit gets its key by an administrator naming somebody else, once', async () => {
  const person = await add('new.contact', ['contact', 'supervisor']);
  const me = (await admin.get('/api/v1/account')).json.id;
  const made = await admin.post('/api/v1/units', { institution: institution('IZHA'), room: 'exchange' });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(fields(await admin.post('/api/v1/units', { institution: institution('IZHA'), room: 'exchange' })), ['room']);
  const other = made.json.units.find((u) => u.institution === 'IZHA').id;
  assert.equal((await admin.post(`/api/v1/units/${other}/first`, { person: me })).status, 409);
  assert.equal((await supervisor.post(`/api/v1/units/${other}/members`, { person: me })).status, 403, 'another unit\'s supervisor');
  assert.equal((await admin.post(`/api/v1/units/${other}/first`, { person: person.id })).status, 200);
  assert.equal((await admin.post(`/api/v1/units/${other}/first`, { person: person.id })).status, 409);
  assert.equal((await supervisor.post('/api/v1/roster', { unit: other, person: person.id, starts: '2026-11-23T08:00', place: 1 })).status, 403, 'nor the roster');
});

// One institution's own people, the demo's contacts: members of their own unit, strangers to the duty unit.
test('nobody admits into a foreign unit, by page or API', async () => {
  const person = await add('new.stranger', ['analyst', 'supervisor']);
  const police = await site.signIn('contact');
  const theirs = (await police.get('/api/v1/account')).json.units[0].id;
  const form = (session, target) => request(site.desk, 'POST', target, {
    headers: { cookie: session.cookies, 'content-type': 'application/x-www-form-urlencoded', origin: site.desk },
    body: new URLSearchParams({ csrf: session.csrf, person: person.id }).toString() });
  const tries = async (session, target, what) => {
    for (const answer of [await session.post(`/api/v1${target}`, { person: person.id }), await form(session, target)]) assert.ok([403, 409].includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  };
  await tries(admin, `/units/${unit}/members`, 'the administrator');
  await tries(admin, `/units/${unit}/first`, 'the administrator, as a first member');
  await tries(admin, `/units/${theirs}/members`, 'the administrator elsewhere');
  await tries(supervisor, `/units/${theirs}/members`, 'a member of another unit');
  await tries(police, `/units/${unit}/members`, 'a contact, into the duty unit');
  await tries(await site.signIn('duty_officer'), `/units/${unit}/members`, 'a member without the right');
  // Who left has the right and no key; who is disabled has no session.
  assert.equal((await supervisor.post(`/api/v1/units/${unit}/members`, { person: person.id })).status, 200);
  assert.equal((await supervisor.post(`/api/v1/units/${unit}/members/${person.id}/remove`)).status, 200);
  const left = await site.signIn(person);
  const target = (await admin.get('/api/v1/people')).json.people.find((p) => p.username === site.account('editor').username).id;
  assert.equal((await left.post(`/api/v1/units/${unit}/members`, { person: target })).status, 403);
  assert.equal((await admin.post(`/api/v1/people/${person.id}/disable`, { disabled: true })).status, 200);
  assert.equal((await left.post(`/api/v1/units/${unit}/members`, { person: target })).status, 401);
  assert.equal((await supervisor.post(`/api/v1/units/${unit}/members`, { person: person.id })).status, 422, 'nor is a disabled person admitted');
  const names = (await supervisor.get(`/api/v1/units/${unit}`)).json.members.map((m) => m.username);
  assert.ok(!names.includes('new.stranger') && !names.includes(site.account('editor').username));
});

test('a unit that an administrator founds receives nothing until somebody else has confirmed it', async () => {
  const puppet = await add('new.puppet', ['contact']);
  const target = (await admin.get('/api/v1/units')).json.units.find((u) => u.institution === 'AKEP' && u.room === 'exchange').id;
  assert.equal((await admin.post(`/api/v1/units/${target}/first`, { person: puppet.id })).status, 200);
  const page = await admin.get(`/units/${target}`, { accept: 'text/html' });
  assert.match(page.text, /nuk është konfirmuar ende/);
  const first = await site.signIn(puppet), { version } = (await first.get('/api/v1/protocol')).json;
  const agree = () => first.post(`/api/v1/units/${target}/protocol`, { version });
  assert.equal((await agree()).status, 409, 'not confirmed');
  const sent = await site.report({ category: 'SEXT', county: 'Dibër', text: 'Për rastin.' });
  assert.equal(sent.status, 201, sent.text);
  const report = await until('the report at the desk', async () =>
    (await supervisor.get('/api/v1/reports?state=new')).json.reports.find((r) => r.county === 'Dibër')?.id);
  assert.equal((await supervisor.post(`/api/v1/reports/${report}/take`)).status, 200);
  const kase = (await supervisor.post('/api/v1/cases', { reports: [report] })).json.id;
  const refer = () => supervisor.post(`/api/v1/cases/${kase}/referrals`, { unit: target, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Ju lutem shikojeni.' });
  assert.equal((await refer()).status, 409, 'nothing is sent there');
  const offered = async () => {
    const pages = await Promise.all(['refer', 'casefile'].map((form) => supervisor.get(`/cases/${kase}/${form}`, { accept: 'text/html' })));
    for (const page of pages) assert.equal(page.status, 200, page.text);
    return pages.map((page) => page.text.includes(`<option value="${target}"`));
  };
  assert.deepEqual(await offered(), [false, false], 'nor offered');
  const [coordinator, oversight] = [await site.signIn('coordinator'), await site.signIn('oversight')];
  const open = (await oversight.get('/api/v1/foundings')).json.foundings.find((f) => f.unit === target);
  assert.equal(open.person, 'Test new.puppet');
  assert.equal(open.confirmed, null);
  for (const [session, what] of [[admin, 'the founder'], [first, 'the first member'], [supervisor, 'a supervisor']]) {
    assert.equal((await session.post(`/api/v1/units/${target}/confirm`)).status, 403, what);
    assert.equal((await session.get('/api/v1/foundings')).status, 403, what);
  }
  const both = await site.signIn(await add('new.both', ['coordinator', 'administrator']));
  assert.equal((await both.post(`/api/v1/units/${target}/confirm`)).status, 403, 'whoever makes accounts, whatever else he is');
  assert.equal((await agree()).status, 409);
  const beside = await site.signIn(await add('new.beside', ['coordinator'], { institution: institution('AKEP') }));
  const own = await beside.post(`/api/v1/units/${target}/confirm`);
  assert.equal(own.status, 403, 'who works at the founded institution');
  assert.match(own.json.message, /institucionit tuaj/);
  assert.ok(!(await beside.get('/foundings', { accept: 'text/html' })).text.includes(`/units/${target}/confirm`), 'and is offered no button');
  assert.equal((await coordinator.post(`/api/v1/units/${unit}/confirm`)).status, 404, 'set up by init: nothing to confirm');
  assert.equal((await coordinator.post(`/api/v1/units/${target}/confirm`)).status, 200);
  assert.equal((await oversight.post(`/api/v1/units/${target}/confirm`)).status, 409, 'once');
  const done = (await oversight.get('/api/v1/foundings')).json.foundings.find((f) => f.unit === target);
  assert.ok(done.confirmed && done.confirmer);
  assert.deepEqual(await offered(), [false, false], 'confirmed, but nothing accepted yet');
  assert.equal((await agree()).status, 200);
  assert.deepEqual(await offered(), [true, true]);
  assert.equal((await refer()).status, 201);
  const shown = await admin.get(`/units/${target}`, { accept: 'text/html' });
  assert.ok(shown.text.includes(done.confirmer), 'the unit\'s page names who confirmed');
  const trail = (await oversight.get('/api/v1/audit?action=unit_confirm')).json.entries;
  assert.ok(trail.some((e) => e.object === target && e.status === 'ok') && trail.some((e) => e.status === 'not_permitted'));
  assert.match(site.log, /unit-founded/, 'and the log has an alarm for a human');
});

test('the roster says who is called, and when nobody is', async () => {
  const officer = (await admin.get('/api/v1/people')).json.people.find((p) => p.username === site.account('duty_officer').username).id;
  let roster = (await supervisor.get(`/api/v1/roster?unit=${unit}`)).json;
  assert.ok(roster.on_call.length >= 1);
  assert.deepEqual(roster.gaps, [], 'somebody is always on call in the demo');
  for (const slot of roster.slots) assert.equal((await supervisor.post(`/api/v1/roster/${slot.id}/remove`)).status, 200);
  roster = (await supervisor.get('/api/v1/roster')).json;
  assert.deepEqual([roster.on_call.length, roster.slots.length, roster.gaps.length], [0, 0, 1]);

  const iso = (seconds) => new Date(1000 * (Math.floor(site.now()) + seconds)).toISOString().replace('.000', '');
  const bad = await supervisor.post('/api/v1/roster', { unit, person: officer, starts: 'tomorrow', ends: iso(60), place: 10 });
  assert.deepEqual(fields(bad), ['place', 'starts']);
  assert.deepEqual(fields(await supervisor.post('/api/v1/roster', { unit, person: officer, starts: iso(60), ends: iso(0), place: 1 })), ['ends']);
  const nobody = (await admin.get('/api/v1/account')).json.id;
  assert.deepEqual(fields(await supervisor.post('/api/v1/roster', { unit, person: nobody, starts: iso(0), place: 1 })), ['person'], 'no member');
  const slot = (body) => supervisor.post('/api/v1/roster', { unit, person: officer, place: 1, ...body });
  for (const starts of ['2027-03-28T02:00', '2027-03-28T02:30', '2027-03-28T02:59:59']) { // Europe/Tirane: 01:59 is followed by 03:00
    const skipped = await slot({ starts, ends: '2027-03-28T08:00' });
    assert.deepEqual(fields(skipped), ['starts']);
    assert.match(skipped.text, /Kjo orë nuk ekziston/);
  }
  const over = await slot({ starts: iso(-7200), ends: iso(-3600) });
  assert.deepEqual(fields(over), ['ends']);
  assert.match(over.text, /ka mbaruar/);
  const begun = await slot({ starts: iso(-7200), ends: iso(3600) });
  assert.deepEqual(fields(begun), ['starts']);
  assert.match(begun.text, /Ky fillim ka kaluar/);
  const ends = iso(3600);
  const starts = iso(-60), made = await slot({ starts, ends });
  assert.equal(made.status, 201, made.text);
  assert.equal((await slot({ starts, ends })).status, 409, 'the same shift twice');
  assert.equal((await slot({ starts, ends, place: 2 })).status, 409, 'nor at another place');
  assert.equal((await supervisor.get(`/api/v1/roster?unit=${unit}`)).json.slots.length, 1);
  assert.deepEqual(made.json.on_call.map((s) => s.person), [officer]);
  assert.deepEqual(made.json.gaps.map((g) => g.from), [ends], 'from its end on nobody is');
  assert.equal((await site.signIn('duty_officer').then((s) => s.post('/api/v1/roster', { unit, person: officer, starts: iso(0), place: 1 }))).status, 403);
});
