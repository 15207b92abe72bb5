// Every route of the desk × every role × one's own unit and a foreign one × what there is, what there is not, and no id at all.
// Whoever may not, is told so whatever the id; to a foreign unit a thing that is not its own answers exactly as one that does
// not exist, shows no word of it, is as it was afterwards, and the trail knows no opening. Who owns it gets in with the same call.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { may } from '../lib/may.mjs';
import { routes } from '../lib/routes.mjs';
import { table } from '../lib/route_table.mjs';
import { World, ok } from '../lib/world.mjs';

let w, rows;
const all = routes().filter((r) => r.program === 'desk');
const plain = (r) => r.path.replace('/api/v1', '');
const key = (r) => `${r.method} ${plain(r)}`;
before(async () => {
  w = await World.start();
  for (const s of [...w.foreign, ...w.own]) s.friend = (w.foreign.includes(s) ? w.foreign : w.own)[1].id;
  w.officer.friend = w.analyst.id;
  rows = table(w);
});
after(() => w?.remove());

const things = new Set(); // ids of all that the duty unit has; units and persons stand in lists of the whole country
const add = (t) => { for (const [k, id] of Object.entries(t)) if (!['unit', 'version'].includes(k) && (k !== 'person' || t.kase)) things.add(id); };
const random = () => randomBytes(16).toString('hex');
const like = (t) => Object.fromEntries(Object.entries(t).map(([k, v]) => [k, /^[0-9a-f]{32}$/.test(v) ? random() : v]));
const malformed = ['x', '0'.repeat(31), '0'.repeat(33), `${'0'.repeat(31)}G`, "'--", '%00', '%2e%2e', 'é'.repeat(8)];
function target(r, row, t, ids = row.at?.(t) ?? []) {
  let n = 0;
  const query = row.query?.(t);
  return r.path.replace('{code}', '1').replace(/\{id2?\}/g, () => encodeURIComponent(ids[n++] ?? random())) + (query ? `?${new URLSearchParams(query)}` : '');
}
const ask = (session, r, row, t, ids) => w.call(session, r, target(r, row, t, ids), row.body?.(t, session ?? w.officer));
const may_ = (r, role) => {
  assert.ok(r.permission === 'public' || may[r.permission], `permission ${r.permission} of ${r.path} is not in tests/lib/may.mjs`);
  return r.permission === 'public' || may[r.permission].includes(role);
};
// All of an answer but the ids that were asked for.
const same = (a) => `${a.status} ${a.headers.location ?? ''} ${a.text}`.replace(/[0-9a-f]{32}/g, 'ID');
function equal(there, not, what) {
  const [a, b] = [same(there), same(not)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  assert.ok(a === b, `${what}: what is not one's own answers otherwise than what does not exist: ${there.status} ${a.slice(Math.max(0, at - 40), at + 160)} | ${not.status} ${b.slice(Math.max(0, at - 40), at + 160)}`);
}
function shows(answer, what, t, words = w.words) {
  for (const word of words) assert.ok(!answer.text.includes(word), `${what} shows ${word}`);
  for (const id of Object.values(t ?? {})) if (id?.length === 32) assert.ok(!JSON.stringify(answer.headers).includes(id) || answer.status === 303, `${what}: ${id} in its head`);
}

// All that there is of a thing, as its owners see it, without who has looked.
async function seen(t) {
  await w.opened(4);
  const get = async (session, path) => (await session.get(`/api/v1${path}`)).json;
  const parts = [];
  if (t.kase) for (const path of ['', '/files', '/shared']) parts.push(await get(w.officer, `/cases/${t.kase}${path}`));
  else if (t.report) parts.push(await get(w.officer, `/reports/${t.report}`));
  for (const f of parts[2]?.files ?? []) f.opened = f.opened_at = null; // who opened one stands in the trail, below
  if (t.report && !t.kase) parts.push(await get(w.officer, `/reports/${t.report}/assessment`));
  if (t.referral) for (const s of [w.officer, w.worker]) parts.push(await get(s, `/referrals/${t.referral}`));
  if (t.casefile) parts.push((await get(w.officer, '/casefiles')).files.find((f) => f.id === t.casefile).revoked_at); // who opened it stands in the trail, below
  if (t.handover) parts.push(await get(w.analyst, '/handover'));
  if (t.bulk) parts.push((await get(w.officer, '/bulk')).acts.find((a) => a.id === t.bulk));
  if (t.access) parts.push((await get(w.officer, '/access')).requests.find((a) => a.id === t.access));
  if (t.view) parts.push(await get(w.officer, '/search/views'));
  if (t.topic) parts.push(await get(w.officer, `/topics/${t.topic}`));
  if (t.unit) parts.push(await get(w.supervisor, `/units/${t.unit}`), await get(w.supervisor, `/contacts/${t.unit}`), await get(w.supervisor, `/roster?unit=${t.unit}`));
  if (t.person && !t.kase) parts.push((await get(w.supervisor, '/load')).workers.find((p) => p.person === t.person)?.lifted, (await get(w.officer, '/directory')).entries);
  if (t.report) parts.push((await get(w.oversight, '/retention')).holds.filter((h) => h.thing === t.report));
  const strangers = new Set(w.foreign.map((s) => s.id));
  for (const part of parts) for (const h of part?.history ?? []) assert.ok(!strangers.has(h.person), `a stranger stands in the history: ${h.action}`);
  return JSON.stringify(parts, (k, v) => ['history', 'unread', 'today', 'week', 'openings', 'gaps'].includes(k) ? undefined : k === 'timeline' ? v.filter((l) => l.kind !== 'casefile_taken') : v); // carrying a file out is reading, and an act
}

test('this test sees it when an answer is not what it must be', async () => {
  const row = rows['GET /cases/{id}'], thing = await row.make(), r = all.find((x) => x.api && key(x) === 'GET /cases/{id}');
  await assert.rejects(refused(w.own[0], r, row, thing), /shows FSHEHTESI/, 'a member of the unit reads');
  await assert.rejects(refused(w.own[0], all.find((x) => x.api && key(x) === 'POST /cases/{id}/worker'), rows['POST /cases/{id}/worker'], thing), /answers otherwise/, 'and writes');
});

test('there is a case for every route, and no case without a route', () => {
  const known = new Set(Object.keys(rows));
  for (const r of all) assert.ok(known.has(key(r)), `no case for route ${key(r)}: write one in tests/lib/route_table.mjs`);
  for (const k of known) assert.ok(all.some((r) => key(r) === k), `${k} is no route any more`);
  assert.deepEqual([...new Set(all.map((r) => r.permission))].filter((p) => p !== 'public' && !may[p]), []);
});

test('without a session nothing, whatever the id', async () => {
  const t = { ...await w.full(), ...await w.referral() };
  for (const r of all.filter((x) => x.permission !== 'public')) {
    const ids = /\{id2\}/.test(r.path) ? [t.kase, t.route] : [plain(r).startsWith('/referrals') ? t.referral : plain(r).startsWith('/cases') ? t.kase : t.report];
    const [there, not] = await Promise.all([ids, ids.map(random)].map((list) => w.call(null, r, target(r, {}, t, list), {})));
    if (r.api) assert.equal(there.status, 401, `${key(r)}: ${there.status}`);
    else assert.ok([303, 401, 403].includes(there.status), `${key(r)}: ${there.status}`);
    equal(there, not, key(r));
    shows(there, key(r));
  }
});

// Times of the answers to foreign ids and to random ones, in ms: an answer that takes long only where there is something tells that there is.
const times = [];
async function timed(call) {
  const at = performance.now();
  const answer = await call();
  return { answer, ms: performance.now() - at };
}

// A foreign session with the thing itself, with one that does not exist, and with what is no id.
async function refused(s, r, row, t) {
  const what = `${s.name} ${r.api ? 'api' : 'page'} ${key(r)}`;
  const allowed = may_(r, s.role);
  const there = await timed(() => ask(s, r, row, t));
  const not = await timed(() => ask(s, r, row, like(t)));
  shows(there.answer, what, t);
  equal(there.answer, not.answer, what);
  const { status } = there.answer;
  if (!allowed) assert.equal(status, 403, what);
  else if (row.lists || row.told) assert.ok(status === 200 || status === 303 || status === 404 || status === 422, `${what}: ${status}`);
  else assert.ok(status === 404 || (row.at(t).length === 0 && [403, 422].includes(status)), `${what}: ${status} ${there.answer.text.slice(0, 300)}`);
  if (allowed) times.push({ key: key(r), there: there.ms, not: not.ms });
  return allowed;
}

test('a foreign unit finds nothing, on any route, in any role; its owner does', async (t) => {
  for (const [name, row] of Object.entries(rows).filter(([, x]) => x.make && !x.shown)) await t.test(name, async () => {
    const faces = all.filter((r) => key(r) === name);
    const thing = await row.make();
    add(thing);
    const before_ = await seen(thing);
    for (const r of faces) {
      for (const s of w.foreign) {
        if (row.others?.includes(s.role)) continue;
        const allowed = await refused(s, r, row, thing);
        const ids = row.at?.(thing) ?? [];
        if (ids.length) for (const bad of allowed ? malformed : malformed.slice(0, 1)) {
          const answer = await ask(s, r, row, thing, [...ids.slice(0, -1), bad]);
          assert.ok(answer.status >= 400 && answer.status < 500 && answer.status !== 401, `${s.name} ${key(r)} ${bad}: ${answer.status}`);
          shows(answer, key(r));
        }
      }
      // In one's own unit the role alone decides; what is written is written once, below.
      for (const s of w.own) {
        if (!may_(r, s.role)) assert.equal((await ask(s, r, row, thing)).status, 403, `${s.name} ${key(r)}`);
        else if (r.method === 'GET' && !row.only) { await w.opened(); assert.equal((await ask(s, r, row, thing)).status, r.api || !row.query || row.inner || name !== 'GET /cases' ? 200 : 303, `${s.name} ${key(r)}`); }
      }
    }
    assert.equal(await seen(thing), before_, 'nothing has changed');
    const r = faces.find((x) => x.api) ?? faces[0];
    const done = await ask(w[row.as ?? 'officer'], r, row, thing);
    assert.ok(done.status < 400, `the owner: ${done.status} ${done.text.slice(0, 300)}`);
  });
});

test('what everybody sees is changed by its own and by who may everywhere', async (t) => {
  for (const [name, row] of Object.entries(rows).filter(([, x]) => x.shown)) await t.test(name, async () => {
    const thing = await row.make(), before_ = await seen(thing);
    for (const r of all.filter((x) => key(x) === name)) for (const s of [...w.foreign, ...(row.only ? w.own : w.own.filter((x) => !may_(r, x.role)))]) {
      if (!row.others?.includes(s.role)) assert.equal((await ask(s, r, row, thing)).status, 403, `${s.name} ${key(r)}`);
      const not = await ask(s, r, row, like(thing));
      assert.equal(not.status, may_(r, s.role) ? 404 : 403, `${s.name} ${key(r)}: ${not.text.slice(0, 200)}`);
    }
    assert.equal(await seen(thing), before_, 'nothing has changed');
    const done = await ask(w[row.as ?? 'officer'], all.find((x) => x.api && key(x) === name), row, thing);
    assert.ok(done.status < 400, done.text);
  });
});

test('in one\'s own case, ids of another\'s answer like ids of nothing', async (t) => {
  const mine = await w.theirs(), from = w.words.length, foreign = await w.full();
  add(foreign);
  const before_ = await seen(foreign), words = w.words.slice(from);
  const { version } = await ok(w.police.get(`/api/v1/cases/${mine.kase}`));
  const contact = w.foreign.find((s) => s.role === 'contact');
  for (const [name, row] of Object.entries(rows)) {
    const part = row.at?.(foreign)?.[1];
    if (!name.includes('/cases/{id}') || (!row.inner && !part)) continue;
    await t.test(name, async () => {
      for (const r of all.filter((x) => key(x) === name)) {
        await w.opened(4);
        const one = row.inner ? { ...row, [r.method === 'GET' ? 'query' : 'body']: row.inner } : row;
        const call = (of) => ask(contact, r, one, { ...of, version }, [mine.kase, part ? row.at(of)[1] : undefined]);
        const there = await call(foreign), not = await call(like(foreign));
        assert.ok([404, 422].includes(there.status), `${there.status} ${there.text.slice(0, 200)}`);
        equal(there, not, name);
        shows(there, name, {}, words);
      }
    });
  }
  assert.equal(await seen(foreign), before_, 'nothing has changed');
});

test('belongs to all who have the permission: nobody else, and what is not there is not there', async (t) => {
  for (const [name, row] of Object.entries(rows).filter(([, x]) => x.all)) await t.test(name, async () => {
    for (const r of all.filter((x) => key(x) === name)) for (const s of [...w.foreign, ...w.own]) {
      const answer = await w.call(s, r, target(r, {}, {}), {});
      if (!may_(r, s.role)) assert.equal(answer.status, 403, `${s.name} ${key(r)}: ${answer.status}`);
      else assert.ok([200, 404, 422].includes(answer.status) || (name === 'POST /retention/run' && answer.status === 303) , `${s.name} ${key(r)}: ${answer.status} ${answer.text.slice(0, 200)}`);
      shows(answer, key(r));
    }
  });
});

test('lists hold nothing of another unit', async (t) => {
  for (const [name, row] of Object.entries(rows).filter(([, x]) => x.lists)) await t.test(name, async () => {
    for (const r of all.filter((x) => key(x) === name)) for (const s of w.foreign) {
      const answer = await w.call(s, r, r.path, undefined);
      if (!may_(r, s.role)) { assert.equal(answer.status, 403, `${s.name} ${key(r)}`); continue; }
      assert.ok([200, 422, 404].includes(answer.status), `${s.name} ${key(r)}: ${answer.status}`);
      shows(answer, key(r));
      if (row.others?.includes(s.role) || name === 'GET /audit') continue;
      for (const id of things) assert.ok(!answer.text.includes(id), `${s.name} ${key(r)} shows ${id}`);
    }
  });
});

test('the trail has no opening of a foreign thing by anybody of the other unit', async () => {
  for (const s of w.foreign) {
    for (let before_ = ''; ;) {
      const { entries, next } = await ok(w.oversight.get(`/api/v1/audit?person=${s.id}${before_ ? `&before=${before_}` : ''}`));
      for (const e of entries) assert.ok(!(things.has(e.object) && e.status === 'ok'), `${s.name}: ${JSON.stringify(e)}`);
      if (!next) break;
      before_ = next;
    }
  }
  assert.match(w.site.run(['audit', 'verify', '--data', w.site.data]), /^whole/);
});

test('no answer takes longer because there is something', () => {
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  for (const name of new Set(times.map((x) => x.key))) {
    const of = times.filter((x) => x.key === name), there = median(of.map((x) => x.there)), not = median(of.map((x) => x.not));
    assert.ok(Math.max(there, not) < 10 * Math.min(there, not) + 20, `${name}: ${there} ms where there is something, ${not} ms where there is nothing`);
  }
});
