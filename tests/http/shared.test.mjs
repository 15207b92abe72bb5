// What left a case, at a glance: what was shared, and what was taken out of it as a case file; for whoever has the case, and nobody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t, id, made;
before(async () => {
  t = await Cases.start();
  id = await t.open();
  const make = async (more, status = 201) => (await ok(t.officer.post(`/api/v1/cases/${id}/casefile`, { ground: 'criminal_procedure', consent: true, ...more }), status)).id;
  made = { opened: await make({ way: 'unit', unit: t.policeUnit }) };
  t.site.advance(60);
  made.sealed = await make({ way: 'unit', unit: t.worksUnit });
  t.site.advance(60);
  made.outside = await make({ way: 'outside', recipient: 'Gjykata e Korçës' });
  t.site.advance(60);
  made.printed = await make({ way: 'print', recipient: 'Prokuroria' }, 200);
  t.site.advance(60);
  made.revoked = await make({ way: 'unit', unit: t.policeUnit });
  await ok(t.police.post(`/api/v1/casefiles/${made.opened}/open`));
  assert.equal((await t.officer.get(`/api/v1/casefiles/${made.outside}/file`)).status, 200);
  await ok(t.officer.post(`/api/v1/casefiles/${made.revoked}/revoke`));
});
after(() => t.site.remove());

const files = async (who) => (await ok(who.get(`/api/v1/cases/${id}/shared`))).files;
const rows = (page) => [...page.matchAll(/<tr>\s*<td data-label[^]*?<\/tr>/g)].map((m) => m[0].replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '));

test('each case file: to whom, when, and whether it was opened', async () => {
  const all = await files(t.officer);
  assert.deepEqual(all.map((f) => [f.id, f.way, f.to, f.opened]), [[made.opened, 'unit', t.policeUnit, 1], [made.sealed, 'unit', t.worksUnit, 0],
    [made.outside, 'outside', null, 1], [made.printed, 'printed', null, 0], [made.revoked, 'unit', t.policeUnit, 0]]);
  for (const f of all) {
    assert.equal(f.from, all[0].from);
    assert.ok(f.from_name, `${f.way}: whose it was`);
    assert.match(f.made_at, /^20\d\d-/);
    assert.equal(f.opened_at !== null, f.opened > 0);
    assert.equal(f.revoked_at !== null, f.id === made.revoked);
    assert.equal(Boolean(f.to_name), f.to !== null);
  }
  assert.ok(!JSON.stringify(all).includes('Gjykata') && !JSON.stringify(all).includes('Prokuroria'), 'for whom outside is sealed in the case');
});

test('the page shows it, in both languages, and so does the page before something is shared', async () => {
  const [police, works] = (await files(t.officer)).map((f) => f.to_name);
  for (const [lang, words] of [['sq', ['E hapur', 'E vulosur, ende e pahapur', 'E shkarkuar', 'E printuar', 'E marrë mbrapsht', 'shkruhet te rasti']],
    ['en', ['Opened', 'Sealed, not opened yet', 'Downloaded', 'Printed', 'Taken back', 'written in the case']]]) {
    const shown = rows((await t.officer.get(`/cases/${id}/shared?lang=${lang}`)).text);
    assert.equal(shown.length, 5);
    for (const [i, word] of words.slice(0, 5).entries()) assert.ok(shown[i].includes(word), `${word}: ${shown[i]}`);
    for (const i of [2, 3]) assert.ok(shown[i].includes(words[5]), shown[i]);
    if (lang === 'sq') assert.ok(shown[0].includes(police) && shown[1].includes(works) && shown[4].includes(police));
    const form = (await t.officer.get(`/cases/${id}/refer?lang=${lang}`)).text.match(/<details>[^]*?<\/details>/)[0];
    for (const word of words) assert.ok(form.includes(word), `${lang}: ${word}`);
  }
  const none = await t.open();
  assert.deepEqual((await ok(t.officer.get(`/api/v1/cases/${none}/shared`))).files, []);
  assert.match((await t.officer.get(`/cases/${none}/shared`)).text, /Nga ky rast nuk është bërë ende asnjë dosje/);
});

test('who does not have the case does not see it, also with a file of it; the new owner sees all', async () => {
  for (const who of [t.police, t.works]) assert.equal((await who.get(`/api/v1/cases/${id}/shared`)).status, 404);
  const transfer = (await ok(t.refer(id, { kind: 'transfer', unit: t.worksUnit, purpose: 'protection', more_reason: 'Duhet për mbrojtjen.' }), 201)).id;
  const before = await files(t.officer);
  await ok(t.works.post(`/api/v1/referrals/${transfer}/accept`));
  assert.deepEqual((await files(t.works)).map((f) => f.id), before.map((f) => f.id));
  assert.equal(rows((await t.works.get(`/cases/${id}/shared`)).text).length, 5);
  assert.equal((await t.officer.get(`/api/v1/cases/${id}/shared`)).status, 404);
});
