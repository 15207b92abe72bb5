// Two work on one thing: the second is told (409), sees what stands there now and what was typed, and can send it again. Walked over
// every writing route of the desk: each compares what the writer has seen, or says here why there is nothing to compare.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { routes } from '../lib/routes.mjs';
import { table } from '../lib/route_table.mjs';
import { World, ok } from '../lib/world.mjs';

let w, rows;
before(async () => { w = await World.start(); rows = table(w); });
after(() => w?.remove());

const writing = routes().filter((r) => r.program === 'desk' && r.method !== 'GET' && r.permission !== 'public');
const key = (r) => `${r.method} ${r.path.replace('/api/v1', '')}`;

// What a route takes, from docs/openapi.yaml (a test holds it to the programs' tables): {"POST /cases": ["reports"]}.
function inputs() {
  const refs = {}, schemas = {};
  let at, method, body, schema;
  for (const line of fs.readFileSync(path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../docs/openapi.yaml'), 'utf8').split('\n')) {
    const [, indent, name] = /^( *)([^ :#-][^:]*):/.exec(line) ?? [];
    if (!name) continue;
    if (indent.length === 2 && name.startsWith('/')) at = name.replace('/api/v1', '');
    else if (indent.length === 4 && at && /^(get|post|put|delete)$/.test(name)) { method = name.toUpperCase(); body = false; }
    else if (indent.length === 4) { schema = name; schemas[schema] = []; }
    else if (indent.length === 6) body = name === 'requestBody';
    else if (indent.length === 8 && schemas[schema]) schemas[schema].push(name);
    if (body && name === '$ref') refs[`${method} ${at}`] = /schemas\/(\w+)/.exec(line)[1];
    if (indent.length === 0 && name === 'components') at = undefined;
  }
  return Object.fromEntries(Object.entries(refs).map(([route, s]) => [route, schemas[s] ?? []]));
}

// The version of these is of something else: of the questions, of the protocol.
const other = new Set(['POST /reports/{id}/assessment', 'POST /reports/{id}/assessment/second', 'POST /protocol', 'POST /units/{id}/protocol']);
const added = 'it only adds; nothing that somebody wrote is replaced';
const once = 'it can be done once: whoever is second finds another state and is told (409 or 404)';
const own = 'only oneself writes it';
const exact = 'it sets what it names, whatever stood there: nobody\'s words are lost by it';
const nothing = {
  'POST /reports/{id}/take': once, 'POST /reports/{id}/release': once, 'POST /reports/{id}/state': once, 'POST /reports/{id}/answer': added,
  'POST /reports/{id}/assessment': added, 'POST /reports/{id}/assessment/second': added, 'POST /flaggers': added, 'POST /flaggers/{id}/revoke': once,
  'POST /handover': once, 'POST /handover/{id}/confirm': once, 'POST /handover/{id}/decline': once, 'POST /bulk': once, 'POST /bulk/{id}/undo': once,
  'POST /load/{id}/lift': added, 'POST /cases': once, 'POST /cases/{id}/files': added, 'POST /cases/{id}/files/{id2}/remove': once,
  'POST /cases/{id}/referrals': added, 'POST /cases/{id}/reports/{id2}/answer': added, 'POST /referrals/{id}/accept': once, 'POST /referrals/{id}/decline': once, 'POST /referrals/{id}/ask': once,
  'POST /referrals/{id}/answer': once, 'POST /referrals/{id}/return': once, 'POST /referrals/{id}/done': once, 'POST /referrals/{id}/revoke': once, 'POST /referrals/{id}/progress': once, 'POST /referrals/{id}/add': once,
  'POST /cases/{id}/referrals/{id2}/revoke': once, 'POST /referrals/{id}/notes': added, 'POST /protocol': once, 'POST /units/{id}/protocol': once, 'POST /search/views': added,
  'POST /search/views/{id}/delete': once, 'POST /directory': own, 'POST /directory/{id}/remove': once, 'POST /topics': added, 'POST /topics/{id}/posts': added,
  'POST /topics/{id}/posts/{id2}/remove': once, 'POST /topics/{id}/close': once, 'POST /sign-out': own, 'DELETE /session': own, 'POST /account/password': own,
  'POST /account/end': own, 'POST /people': added, 'POST /people/{id}/disable': exact, 'POST /people/{id}/reset': exact, 'POST /people/{id}/end': exact,
  'POST /institutions': added, 'POST /units': added, 'POST /units/{id}/members': added, 'POST /units/{id}/first': once, 'POST /units/{id}/confirm': once,
  'POST /units/{id}/members/{id2}/remove': once, 'POST /units/{id}/rotate': exact, 'POST /roster': added, 'POST /roster/{id}/remove': once,
  'POST /retention/erasures': once, 'POST /retention/erasures/{id}/approve': once, 'POST /retention/erasures/{id}/refuse': once, 'POST /retention/holds': once,
  'POST /retention/holds/{id}/free': once, 'POST /retention/run': exact, 'POST /access': once, 'POST /access/{id}/approve': once, 'POST /access/{id}/refuse': once,
  'POST /access/{id}/file': exact, 'POST /cases/{id}/casefile': added, 'POST /casefiles/{id}/open': added, 'POST /casefiles/{id}/revoke': once,
  'POST /pack/reload': exact,
  'POST /plan/versions': added, 'POST /plan/targets/import': 'a file is looked through before it is written, and what stood there is kept', // the others compare: tests/http/plan.test.mjs
  'POST /plan/entry': 'each field compares its own version: tests/http/plan_values.test.mjs', 'POST /plan/approvals': 'each value compares the version that was looked at: tests/http/plan_values.test.mjs',
  'POST /plan/import': 'a file is looked through before it is written, and what stood there is kept', 'POST /plan/periods/lock': exact, 'POST /plan/periods/open': exact, 'POST /plan/periods/unlock': exact,
  'POST /plan/reports': added, ...Object.fromEntries(['refresh', 'open', 'comment', 'approve', 'present', 'publish'].map((step) => [`POST /plan/reports/{id}/${step}`, 'it compares `changes`: tests/http/plan_reports.test.mjs'])),
  'POST /plan/values/{id}/files': added, 'POST /plan/values/{id}/files/{id2}/remove': once, 'POST /registers/entries/{id}/files': added, 'POST /registers/entries/{id}/files/{id2}/remove': once,
  'POST /registers/entries': added, 'POST /registers/import': added, // the others compare: tests/http/register.test.mjs
};

// Of the others: what a colleague does meanwhile, and what is typed on top of the old state. `now`: words of his that the page must show.
const words = { typed: 'FJALËT E MIA', theirs: 'FJALËT E TJETRIT' };
const note = { path: (t) => `/cases/${t.kase}/notes`, body: () => ({ text: words.theirs }) };
const self = (name) => ({ path: (t) => name.replace(/^\w+ /, '').replace('{id}', rows[name].at(t)[0]).replace('{id2}', rows[name].at(t)[1]) });
const meanwhile = {
  'POST /cases/{id}/people': { first: (t) => ({ person: t.person, role: 'child', name: words.theirs, version: t.version }), second: (t) => ({ person: t.person, role: 'child', name: 'Ana', text: words.typed }), now: true },
  'POST /cases/{id}/assessment': { first: () => ({ risk: 'low', text: words.theirs }), second: () => ({ risk: 'high', text: words.typed }), now: true },
  'POST /cases/{id}/plan': { first: () => ({ text: words.theirs }), second: () => ({ text: words.typed }), now: true },
  'PUT /cases/{id}/routes/{id2}': { first: () => ({ stage: 'hearing', text: words.theirs }), second: () => ({ stage: 'decided', text: words.typed }) },
  'POST /cases/{id}/routes/{id2}': { first: () => ({ stage: 'hearing', text: words.theirs }), second: () => ({ stage: 'decided', day: '2026-03-02', result: 'other', text: words.typed }), now: true },
  'POST /cases/{id}/routes/{id2}/correct': { method: 'POST', first: () => ({ body: words.theirs, reason: 'Gabim, kështu u pa' }), second: () => ({ body: words.typed, reason: 'Gabim, kështu u pa' }), now: true },
  'PUT /cases/{id}/addresses/{id2}': { first: () => ({ stage: 'asked', text: words.theirs }), second: () => ({ stage: 'gone', text: words.typed }) },
  'POST /cases/{id}/addresses/{id2}': { first: () => ({ stage: 'asked', text: words.theirs }), second: () => ({ stage: 'gone', text: words.typed }), now: true },
  'POST /cases/{id}/notes': { ...note, second: () => ({ text: words.typed }) },
  'POST /cases/{id}/tasks': { ...note, second: () => ({ title: words.typed, due: '2099-01-01' }) },
  'PUT /cases/{id}/tasks/{id2}': { first: () => ({ title: words.theirs, due: '2099-01-01' }), second: () => ({ title: words.typed, due: '2099-02-01' }) },
  'POST /cases/{id}/tasks/{id2}': { first: () => ({ title: words.theirs, due: '2099-01-01' }), second: () => ({ title: words.typed, due: '2099-02-01' }), now: true },
  'POST /cases/{id}/things/{id2}/retract': { ...note, second: () => ({ reason: words.typed }) },
  'POST /cases/{id}/reports/{id2}/remove': { ...note, second: () => ({ reason: words.typed }) },
  'POST /cases/{id}/routes': { ...note, second: () => ({ kind: 'civil', body: words.typed }) },
  'POST /cases/{id}/addresses': { ...note, second: () => ({ address: 'https://e.example/1', text: words.typed }) },
  'POST /cases/{id}/close': { ...note, second: () => ({ outcome: 'other', text: words.typed }) },
  'POST /cases/{id}/reopen': { path: (t) => `/cases/${t.kase}/steps`, body: () => ({ steps: 'hidden' }), second: () => ({ reason: words.typed }) },
};
// Things that hold no version: how they are read, who reads and who is faster.
const seen = {
  'POST /reports/{id}/urgency': { field: 'was', make: async () => ({ ...await w.report(), urgency: undefined }), read: async (t) => (await ok(w.officer.get(`/api/v1/reports/${t.report}`))).urgency, as: ['officer', 'analyst'],
    path: (t) => `/reports/${t.report}/urgency`, first: () => ({ urgency: 'U3', reason: words.theirs }), second: () => ({ urgency: 'U4', reason: words.typed }), now: 'U3' },
  'POST /contacts/{id}/duty': { make: () => ({ unit: w.W }), read: async (t) => (await ok(w.worker.get(`/api/v1/contacts/${t.unit}`))).seen, as: ['worker', 'worker'],
    path: (t) => `/contacts/${t.unit}/duty`, first: () => ({ hours: words.theirs, phone: '129' }), second: () => ({ hours: words.typed, phone: '116' }), now: words.theirs },
  'POST /contacts': { make: () => ({ unit: w.P }), read: async (t) => (await ok(w.police.get(`/api/v1/contacts/${t.unit}`))).seen, as: ['police', 'police'],
    path: () => '/contacts', first: (t) => ({ unit: t.unit, person: w.foreign[0].id, place: 2 }), second: (t) => ({ unit: t.unit, person: w.foreign[1].id, place: 2 }), now: 'f.duty.officer', typed: w_typed },
  'POST /people/{id}': { make: () => ({ person: w.leaver }), read: async (t) => (await ok(w.administrator.get(`/api/v1/people/${t.person}`))).seen, as: ['administrator', 'administrator'],
    path: (t) => `/people/${t.person}`, first: (t, p) => ({ name: words.theirs, language: 'sq', institution: p }), second: (t, p) => ({ name: words.typed, language: 'en', institution: p }), now: words.theirs },
  'POST /people/{id}/roles': { make: () => ({ person: w.joiner }), read: async (t) => (await ok(w.administrator.get(`/api/v1/people/${t.person}`))).seen, as: ['administrator', 'administrator'],
    path: (t) => `/people/${t.person}/roles`, first: () => ({ roles: ['editor'] }), second: () => ({ roles: ['monitor'] }), now: 'value="monitor"', typed: () => [] },
};
function w_typed() { return []; }

test('every writing route compares, or says why not', () => {
  const takes = inputs();
  assert.ok(takes['POST /cases/{id}/plan'].includes('version'), 'the description is read');
  for (const r of writing.filter((x) => x.api)) {
    const compares = !other.has(key(r)) && (takes[key(r)] ?? []).some((f) => ['version', 'seen', 'was'].includes(f));
    if (compares) assert.ok(!nothing[key(r)], `${key(r)} compares and is listed as comparing nothing`);
    else assert.ok(nothing[key(r)], `no case for route ${key(r)}: it compares nothing, and this test does not say why that is right`);
  }
  for (const k of Object.keys(nothing)) assert.ok(writing.some((r) => key(r) === k), `${k} is no route any more`);
});

const hidden = (page, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1];
// Second comes with what was typed on top of `old`; then again with what the page shows.
async function second(name, session, target, field, old, body, typed, now) {
  const api = writing.find((r) => r.api && key(r) === name), page = writing.find((r) => !r.api && key(r) === name);
  if (api) {
    const told = await w.call(session, api, `/api/v1${target}`, { ...body, [field]: old });
    assert.equal(told.status, 409, `${name}: ${told.status} ${told.text.slice(0, 300)}`);
    assert.ok(told.json.message.length > 10);
  }
  if (!page) return;
  const told = await w.call(session, page, target, { ...body, [field]: old });
  assert.equal(told.status, 409, `${name}, the page: ${told.status}`);
  assert.match(told.text, /role="alert"/);
  const form = told.text.split('<form ').find((f) => f.includes(`action="${target}"`))?.split('</form>')[0];
  for (const word of typed) assert.ok(form?.includes(word), `${name}: ${word} was typed and is not in the form: ${form ?? told.text}`);
  if (now) assert.ok(told.text.includes(now), `${name}: the page does not show ${now}`);
  if (name === 'POST /cases/{id}/notes') return assert.equal((await w.call(session, page, target, body)).status, 303); // its form compares nothing: it only adds
  if (!typed.length && !form) return; // a button: one looks, and presses it again
  const fresh = hidden(form, field);
  assert.ok(fresh && fresh !== String(old), `${name}: ${field} ${old} is ${fresh}`);
  const done = await w.call(session, page, target, { ...body, [field]: fresh });
  assert.equal(done.status, 303, `${name}: sent again: ${done.status} ${done.text.slice(0, 500)}`);
}

test('two work on one case: the second is told, and nothing typed is lost', async (t) => {
  const takes = inputs();
  for (const [name, row] of Object.entries(rows)) {
    const compares = takes[name]?.includes('version') || meanwhile[name];
    if (!name.includes('/cases/{id}') || !compares) continue;
    await t.test(name, async () => {
      const thing = await row.make(), act = meanwhile[name] ?? { ...note, second: row.body };
      await w.opened(8);
      const version = async () => (await ok(w.officer.get(`/api/v1/cases/${thing.kase}`))).version;
      const old = await version();
      const target = self(name).path(thing), colleague = w.analyst;
      const faster = act.first ? colleague.call(act.method ?? (name.split(' ')[0] === 'PUT' || name.includes('{id2}') ? 'PUT' : 'POST'), `/api/v1${target}`, act.first({ ...thing, version: old })) : colleague.post(`/api/v1${act.path(thing)}`, act.body(thing));
      await ok(faster);
      assert.ok(await version() > old);
      const before_ = JSON.stringify(await ok(w.officer.get(`/api/v1/cases/${thing.kase}/files`))) + await version();
      const body = act.second?.(thing) ?? {};
      await second(name, w[row.as ?? 'officer'], target, 'version', old, body, Object.values(body).includes(words.typed) ? [words.typed] : [], act.now && words.theirs);
      if (name.startsWith('PUT')) assert.equal(JSON.stringify(await ok(w.officer.get(`/api/v1/cases/${thing.kase}/files`))) + await version(), before_, 'nothing has changed');
    });
  }
});

test('so it is with what holds no version', async (t) => {
  const institution = (await ok(w.administrator.get('/api/v1/institutions'))).institutions[0].id;
  for (const [name, act] of Object.entries(seen)) await t.test(name, async () => {
    await w.opened(8);
    const thing = await act.make(), [me, colleague] = act.as.map((n) => w[n]), target = act.path(thing), field = act.field ?? 'seen';
    const old = await act.read(thing);
    await ok(colleague.post(`/api/v1${target}`, { ...act.first(thing, institution), [field]: old }));
    assert.notEqual(await act.read(thing), old);
    const body = act.second(thing, institution);
    const api = await me.post(`/api/v1${target}`, { ...body, [field]: old });
    assert.equal(api.status, 409, api.text);
    await second(name, me, target, field, field === 'was' ? old.slice(1) : old, field === 'was' ? { ...body, urgency: '4' } : body, act.typed?.(thing) ?? [words.typed], act.now);
  });
});

test('every form that changes a case says what its writer has seen', async () => {
  const t = await w.full(), takes = inputs();
  const c = `/cases/${t.kase}`;
  for (const page of [c, ...['people', 'assessment', 'plan', 'tasks', 'routes', 'addresses', 'close'].map((p) => `${c}/${p}`), `${c}/routes/${t.route}`, `${c}/routes/${t.route}/correct`, `${c}/addresses/${t.address}`, `${c}/tasks/${t.task}`, `${c}/things/${t.person}/retract`, `${c}/reports/${t.report}/remove`]) {
    await w.opened();
    const { text, status } = await w.supervisor.get(page, { accept: 'text/html' });
    assert.equal(status, 200, page);
    for (const form of text.split('<form ').slice(1).map((f) => f.split('</form>')[0])) {
      const action = /action="([^"]*)"/.exec(form)?.[1] ?? '';
      const name = `POST ${action.replace(/[0-9a-f]{32}/, '{id}').replace(/[0-9a-f]{32}/, '{id2}')}`;
      if (!takes[name]?.includes('version') || /\/(notes|done)$/.test(name)) continue; // a note and a mark are added; nothing is replaced
      assert.match(form, /name="version" value="\d+"/, `${name} on ${page}`);
    }
  }
});
