// Between sending and the outcome: both sides write, each hears of the other at once and by mail, and who accepted owes its outcome by a day.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';
import { until } from '../lib/instance.mjs';

let t, id, referral;
before(async () => {
  t = await Cases.start();
  id = await t.open();
  await until('nothing is told of before', () => t.rows('select @(id) id from desk.referral where news_from = 1 or news_to = 1').length === 0);
});
after(() => t.site.remove());
const act = (who, name, body = {}) => who.post(`/api/v1/referrals/${referral}/${name}`, body);
const waits = async (who) => (await ok(who.get('/api/v1/referrals?state=waiting'))).referrals.filter((r) => r.id === referral);
const news = async (who) => (await ok(who.get('/api/v1/referrals'))).referrals.find((r) => r.id === referral).news;
const row = () => t.rows('select state, answer_due, climbed, climb_at, news_from, news_to from desk.referral where id = $id', referral)[0];
const page = async (who) => (await who.get('/referrals', { accept: 'text/html' })).text;

test('it rings at the receiver, waits there, and not at the sender', async () => {
  const hears = t.police.events(), sender = t.officer.events();
  await new Promise((done) => setTimeout(done, 300));
  referral = (await ok(t.officer.post(`/api/v1/cases/${id}/referrals`,
    { unit: t.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Duhet për rastin.' }), 201)).id;
  const rang = await hears.next((e) => e.event === 'referral');
  assert.equal(rang.data.id, referral);
  assert.deepEqual(Object.keys(rang.data).sort(), ['id', 'urgency'], 'nothing else');
  assert.ok(!sender.list.some((e) => e.event === 'referral'));
  assert.equal((await waits(t.police)).length, 1);
  assert.equal((await waits(t.officer)).length, 0);
  assert.ok(await news(t.police));
  assert.match(await page(t.police), /class="badge"/);
  await ok(t.police.get(`/api/v1/referrals/${referral}`));
  assert.ok(!await news(t.police), 'it was opened');
  assert.equal((await waits(t.police)).length, 1, 'and still owes an answer');
  hears.close();
  sender.close();
});

test('accepted: the sender hears; until a day the outcome is owed, and then it climbs', async () => {
  const hears = t.officer.events();
  await new Promise((done) => setTimeout(done, 300));
  await ok(act(t.police, 'accept'));
  assert.equal((await hears.next((e) => e.event === 'referral')).data.id, referral);
  hears.close();
  assert.equal((await waits(t.officer)).length, 1, 'something new');
  await until('the contact of the sender is told', () => row().news_from === 2);
  await ok(t.officer.get(`/api/v1/referrals/${referral}`));
  assert.equal(row().news_from, 0);
  assert.equal((await waits(t.officer)).length, 0);
  const r = row();
  assert.equal(r.climbed, -1);
  assert.equal(r.climb_at, r.answer_due, 'nobody is reminded before');
  const hours = (r.answer_due / 1e6 - t.site.now()) / 3600;
  assert.ok(hours > 23.9 && hours <= 24.1, `U1: a day, ${hours} h`);
});

test('an intermediate result starts the clock anew, is read by the sender, and is one though sent twice', async () => {
  await t.later(3600);
  const due = row().answer_due, submission = 'ab'.repeat(16);
  for (let i = 0; i < 2; i++) assert.equal((await ok(act(t.police, 'progress', { text: 'Folëm me shkollën.', submission }))).state, 'accepted');
  assert.ok(row().answer_due > due);
  const said = await ok(t.officer.get(`/api/v1/referrals/${referral}`));
  assert.deepEqual(said.entries.map((e) => [e.kind, e.text ?? '']), [['accept', ''], ['progress', 'Folëm me shkollën.']]);
  assert.equal((await act(t.officer, 'progress', { text: 'x' })).status, 403, 'the receiver\'s');
  assert.equal((await act(t.police, 'progress', { text: '' })).status, 422);
  const { timeline } = await ok(t.officer.get(`/api/v1/cases/${id}`));
  assert.ok(timeline.some((l) => l.kind === 'referral_progress'));
});

test('two say how far it is at once: the second reads what the first wrote, and sends its own then', async () => {
  const say = (text) => t.form(t.police, `/referrals/${referral}/progress`, { text });
  let lost, won;
  for (let round = 0; round < 30 && !lost; round++) {
    const texts = [0, 1, 2, 3].map((i) => `Fjalë ${round}-${i} e punonjësit.`);
    const answers = await Promise.all(texts.map(say));
    const i = answers.findIndex((a) => a.status === 409);
    if (i >= 0) [lost, won] = [{ text: texts[i], page: answers[i].text }, texts.filter((_, k) => answers[k].status === 303)];
  }
  assert.ok(lost, 'somebody was second');
  assert.match(lost.page, /në të njëjtin çast/);
  assert.ok(new RegExp(`<textarea[^>]*>\n?${lost.text}<`).test(lost.page), 'what was typed stands in a form');
  assert.ok(won.some((text) => lost.page.includes(text)), 'and what another wrote beside it');
  assert.ok(lost.page.includes(`action="/referrals/${referral}/progress"`));
  assert.equal((await say(lost.text)).status, 303);
});

test('a reason is a sentence: to decline, hand back and take back', async () => {
  for (const [who, name] of [[t.police, 'decline'], [t.police, 'return'], [t.officer, 'revoke']])
    for (const reason of ['x', 'nëntë zz.', '         .', '. . . . . . .']) {
      const answer = await act(who, name, { reason });
      assert.equal(answer.status, 422, `${name} ${reason}`);
      assert.match(answer.text, /Shkruani arsyen me të paktën 10 shenja/);
    }
});

test('the sender adds something: the receiver hears, the clock goes on', async () => {
  await ok(t.police.get(`/api/v1/referrals/${referral}`));
  const { answer_due: due, climb_at: climb } = row();
  await ok(act(t.officer, 'add', { text: 'Fëmija na shkroi përsëri.' }));
  assert.equal(row().answer_due, due);
  assert.equal(row().climb_at, climb);
  assert.ok(row().news_to > 0);
  await until('the contact is told', () => row().news_to === 2);
  await ok(act(t.officer, 'add', { text: 'Dhe edhe një herë.' }));
  assert.equal(row().news_to, 2, 'told once, until it is opened');
  assert.ok(await news(t.police));
  assert.equal((await ok(t.police.get(`/api/v1/referrals/${referral}`))).entries.at(-1).text, 'Dhe edhe një herë.');
  assert.equal(row().news_to, 0);
  assert.equal((await act(t.works, 'add', { text: 'x' })).status, 404, 'not theirs');
});

test('late: the contact is reminded, then the deputy; the coordinator sees it with the others', async () => {
  t.site.advance(25 * 3600);
  await t.people();
  await until('the contact', () => row().climbed >= 0);
  const late = await ok((await t.site.signIn('coordinator')).get('/api/v1/referrals/late'));
  assert.ok(late.referrals.some((r) => r.state === 'accepted'));
  assert.match((await t.police.get(`/referrals/${referral}`, { accept: 'text/html' })).text, /me vonesë/);
  t.site.advance(2 * 3600 + 60);
  await until('the next place', () => row().climbed >= 1);
  await t.people();
  await ok(act(t.police, 'done', { outcome: 'other', text: 'U krye.' }));
  const r = row();
  assert.equal(r.climb_at, null, 'it owes nothing more');
  assert.ok(r.news_from > 0);
  assert.equal((await waits(t.police)).length, 0);
  assert.equal((await act(t.officer, 'add', { text: 'x' })).status, 409);
});

test('declined: nothing of it is new to who cannot open it any more', async () => {
  referral = (await ok(t.officer.post(`/api/v1/cases/${id}/referrals`,
    { unit: t.worksUnit, purpose: 'protection', ground: 'child_protection', fields: ['category'], note: 'Duhet për rastin.' }), 201)).id;
  await ok(act(t.works, 'decline', { reason: 'Nuk është jona.' }));
  assert.equal(row().news_to, 0);
  assert.ok(row().news_from > 0);
  assert.equal((await waits(t.works)).length, 0);
  assert.equal((await waits(t.officer)).length, 1);
});

test('taken back: who had it hears that it came and that it was taken back', async () => {
  const hears = t.police.events();
  await hears.opened;
  const send = async (fields) => (await ok(t.officer.post(`/api/v1/cases/${id}/referrals`,
    { unit: t.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', fields, note: 'Duhet për rastin.' }), 201)).id;
  const first = await send(['category', 'county']);
  await ok(t.officer.post(`/api/v1/referrals/${first}/revoke`, { reason: 'U dërgua gabim.' }));
  const second = await send(['category', 'age_band']);
  await hears.next((e) => e.data.id === second);
  assert.equal(hears.list.filter((e) => e.data.id === first).length, 2);
  hears.close();
});
