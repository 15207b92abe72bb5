// One timeline shows it all: what was written into the case, what other institutions did with it, what was written with whoever
// reported, what was taken out of it; in one order, with who and for which institution. And each act of the history has its sentence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';
import { until } from '../lib/instance.mjs';

let t;
before(async () => { t = await Cases.start(); });
after(() => t.site.remove());

const source = path.join(import.meta.dirname, '../../src');
const table = [...fs.readFileSync(path.join(source, 'casework/kinds.c'), 'utf8').matchAll(/^    \{"(\w+)", MSG_(\w+)/gm)].map(([, kind, m]) => ({ kind, message: m.toLowerCase() }));
const texts = (lang) => Object.fromEntries([...fs.readFileSync(path.join(source, '../po', lang, 'casework.po'), 'utf8').matchAll(/^msgid "(\w+)"\nmsgstr "(.*)"$/gm)].map((m) => [m[1], m[2]]));

// All that can be done around a case, in this order; each: who, the sentence's kind, the call.
async function everything() {
  const known = new Set((await t.officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const { receipt } = await ok(t.site.report({ category: 'SEXT', in_danger: true, text: 'më kërcënon' }), 201);
  const report = await until('it at the desk', async () => (await t.officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id))?.id);
  const id = (await ok(t.officer.post('/api/v1/cases', { reports: [report] }), 201)).id, c = `/api/v1/cases/${id}`;
  const did = [['officer', 'opened']];
  const act = async (who, kind, promise, status = 200) => { did.push([who, kind]); return ok(promise, status); };
  await act('officer', 'assessment', t.officer.post(`${c}/assessment`, { risk: 'high', text: 'x' }), 201);
  await ok(t.officer.post(`/api/v1/reports/${report}/answer`, { text: 'Jemi këtu.' }));
  did.push(['officer', 'answer']);
  await t.later(60);
  assert.equal((await t.site.messages(receipt, 'fshehtësi e fëmijës')).status, 201);
  did.push([null, 'message']);
  await until('it there', async () => (await ok(t.officer.get(c))).timeline.some((l) => l.kind === 'message'));
  await t.later(60);
  const send = async (more = {}) => (await act('officer', more.kind ? 'transfer_sent' : 'referral_sent', t.refer(id, { note: 'fshehtësi e referimit', ...more }), 201)).id;
  const then = async (who, r, name, json = {}, kind = 'referral') => act(who, `${kind}_${name}`, t[who].post(`/api/v1/referrals/${r}/${name}`, json));
  const one = await send();
  await then('police', one, 'ask', { text: 'fshehtësi e pyetjes' });
  await act('analyst', 'note', t.analyst.post(`${c}/notes`, { text: 'policia pyeti' }), 201);
  await then('officer', one, 'answer', { text: 'fshehtësi' });
  await then('police', one, 'accept');
  await then('police', one, 'done', { outcome: 'proceedings', text: 'fshehtësi' });
  await then('police', await send(), 'decline', { reason: 'fshehtësi, kështu u pa' });
  const third = await send();
  await then('police', third, 'accept');
  await then('police', third, 'return', { reason: 'fshehtësi, kështu u pa' });
  await then('officer', await send({ unit: t.worksUnit }), 'revoke', { reason: 'fshehtësi, kështu u pa' });
  await t.later(60);
  const file = (more) => t.officer.post(`${c}/casefile`, { way: 'print', recipient: 'Gjykata', ground: 'criminal_procedure', reason: 'Vendim i gjykatës.', compared: true, ...more });
  await act('officer', 'casefile_printed', file());
  const sealed = (await act('officer', 'casefile_sealed', file({ way: 'unit', unit: t.policeUnit }), 201)).id;
  await act('police', 'casefile_opened', t.police.post(`/api/v1/casefiles/${sealed}/open`));
  const outside = (await act('officer', 'casefile_outside', file({ way: 'outside', recipient: 'Avokati' }), 201)).id;
  did.push(['officer', 'casefile_taken']);
  assert.equal((await t.officer.get(`/api/v1/casefiles/${outside}/file`)).status, 200);
  await act('officer', 'casefile_revoked', t.officer.post(`/api/v1/casefiles/${outside}/revoke`));
  await t.later(60);
  const moving = await send({ kind: 'transfer' });
  await then('police', moving, 'ask', { text: 'x' }, 'transfer');
  await then('officer', moving, 'answer', { text: 'x' }, 'transfer');
  await then('police', moving, 'decline', { reason: 'Arsye e provës.' }, 'transfer');
  await then('officer', await send({ kind: 'transfer' }), 'revoke', { reason: 'Arsye e provës.' }, 'transfer');
  return { id, c, did, report, one };
}

let all;
test('the timeline holds it all, in its order', async () => {
  all = await everything();
  const { timeline } = await ok(t.officer.get(all.c));
  const who = { ...Object.fromEntries(['officer', 'analyst', 'police', 'works'].map((n) => [t[n].id, n])), null: null };
  const seen = timeline.filter((l) => l.kind !== 'key' && l.kind !== 'address').map((l) => [who[l.person], l.kind]);
  assert.deepEqual(seen, all.did);
  assert.deepEqual([...timeline].sort((a, b) => a.at.localeCompare(b.at)), timeline);
  assert.ok(!JSON.stringify(timeline).includes('fshehtësi'), 'words under other keys stay there');
  const asked = timeline.find((l) => l.kind === 'referral_ask');
  assert.equal(asked.thing, all.one);
  assert.equal(asked.unit, t.policeUnit);
  assert.equal(asked.text, null);
  assert.equal(timeline.find((l) => l.kind === 'message').thing, all.report);
});

test('the page tells each in words, with the institution, newest first, and leads to where the words are', async () => {
  for (const lang of ['sq', 'en']) {
    const page = (await t.officer.get(`/cases/${all.id}?lang=${lang}`)).text, said = texts(lang);
    const line = page.slice(page.indexOf('id="line"'), page.indexOf('id="people"')).replace(/\s+/g, ' ');
    let at = -1;
    for (const [, kind] of [...all.did].reverse()) {
      const text = said[table.find((k) => k.kind === kind).message].replace(/’/g, '’');
      at = line.indexOf(text, at + 1);
      assert.ok(at >= 0, `${lang}: ${kind} ("${text}") in its place`);
    }
    assert.ok(!page.includes(said.casework_kind_other), lang);
    assert.ok(!page.includes('fshehtësi'));
    assert.match(line, new RegExp(`${{ sq: 'Policia e Shtetit', en: 'State Police' }[lang]}\\) <a href="/referrals/${all.one}">`));
    assert.match(line, new RegExp(`href="/reports/${all.report}">${said.casework_kind_message}`));
  }
});

test('after a transfer the new owner reads the same timeline, the former owner nothing', async () => {
  const r = (await ok(t.refer(all.id, { kind: 'transfer' }), 201)).id;
  const before = (await ok(t.officer.get(all.c))).timeline.length;
  await ok(t.police.post(`/api/v1/referrals/${r}/accept`));
  assert.equal((await t.officer.get(all.c)).status, 403);
  const { timeline } = await ok(t.police.get(all.c));
  assert.deepEqual(timeline.slice(before).map((l) => l.kind).sort(), ['key', 'transfer_accept']);
  const page = (await t.police.get(`/cases/${all.id}`)).text, line = page.slice(page.indexOf('id="line"'), page.indexOf('id="people"'));
  const elsewhere = t.rows('select @(id) id, @(to_unit) unit from desk.referral where case_id = $id', all.id).find((x) => x.unit === t.worksUnit).id;
  assert.ok(line.includes(`/referrals/${all.one}`) && !line.includes(`/referrals/${elsewhere}`), 'no link that leads nowhere');
});

// What is written into a case's history, read from the sources: each has a row in kinds.c, and each row is written somewhere.
test('each act of the history has its sentence', async () => {
  const files = fs.readdirSync(source, { recursive: true }).filter((f) => /^(casework|exchange|casefile|retention)\/.*\.c$/.test(f)).map((f) => fs.readFileSync(path.join(source, f), 'utf8'));
  const acts = new Set();
  for (const text of files) {
    for (const [, args] of text.matchAll(/case_history_db\(([^;]*)\);/g)) for (const [, a] of args.matchAll(/"(\w+)"/g)) acts.add(a);
    for (const [, a, b] of text.matchAll(/\.history = (?:\w+ \? )?"(\w+)"(?: : "(\w+)")?/g)) [a, b].filter(Boolean).forEach((x) => acts.add(x));
    for (const [, words] of text.matchAll(/const char \*kind = ([^;]*);/g)) for (const [, a] of words.matchAll(/"(\w+)"/g)) acts.add(a);
    for (const [, a] of text.matchAll(/\.kind = STR\("(\w+)"\)/g)) acts.add(a);
  }
  const rules = fs.readFileSync(path.join(source, 'exchange/states.c'), 'utf8');
  for (const [, act, transfer] of rules.matchAll(/\[REFERRAL_\w+\] = \{"(\w+)",\s+\w+,\s+[^,]+,\s+([^,]+),\s+REFERRAL_/g)) {
    acts.add(`referral_${act}`);
    if (transfer.trim() !== '0') acts.add(`transfer_${act}`);
  }
  for (const beside of ['sent', 'casefile']) acts.delete(beside); // entries of other homes
  for (const kind of ['message', 'answer']) acts.add(kind);      // of a report's thread
  assert.ok(acts.size > 40, [...acts].join(' '));
  assert.deepEqual([...acts].sort(), table.map((k) => k.kind).sort());
  for (const lang of ['sq', 'en']) {
    const said = texts(lang), sentences = table.map((k) => said[k.message]);
    assert.ok(sentences.every(Boolean), lang);
    assert.ok(sentences.every((s) => s !== said.casework_kind_other), lang);
  }
  // And in the store, after all that these tests did.
  const there = t.rows("select distinct action from desk.case_history where case_id = $id", all.id).map((r) => r.action);
  assert.deepEqual(there.filter((a) => !table.some((k) => k.kind === a)), []);
});
