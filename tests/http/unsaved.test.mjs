// Nothing typed is lost: a session that ended, a form that is too old, a keeper that is away. Without script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, sleep, totp } from '../lib/instance.mjs';

let site, officer, report, kase;
const words = 'Rreshti <parë> & "i dytë".\nNumri im është 069.';
const shown = words.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replaceAll('"', '&#34;');
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  report = (await officer.get('/api/v1/reports?state=new')).json.reports[0].id;
  assert.equal((await officer.post(`/api/v1/reports/${report}/take`)).status, 200);
});
after(() => site.remove());

const post = (target, fields, { cookie = officer.cookies, ...headers } = {}) => request(site.desk, 'POST', target, {
  headers: { ...(cookie ? { cookie } : {}), origin: site.desk, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(fields).toString() });
const plain = (s) => s.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#34;', '"').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
// What a browser would send of the page's form: {action, fields}.
function form(text) {
  const [, action, inside] = /<form method="post" action="([^"]*)"(?! ?class)[^>]*>((?:(?!<\/form>)[^])*)<\/form>(?![^]*<form)/.exec(text.slice(text.indexOf('<main'))) ?? assert.fail(text);
  const fields = {};
  for (const [tag] of inside.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1];
    if (name) fields[name] = plain(/value="([^"]*)"/.exec(tag)?.[1] ?? '');
  }
  for (const [, name, value] of inside.matchAll(/<textarea[^>]* name="([^"]*)"[^>]*>\n?([^<]*)<\/textarea>/g)) fields[name] = plain(value);
  return { action, fields };
}
const answers = async (who) => (await who.get(`/api/v1/reports/${report}`)).json.messages.filter((m) => m.text === words).length;

test('an old form: 403 with what was typed and a fresh token; a press sends it', async () => {
  const old = await post(`/reports/${report}/answer`, { csrf: '0'.repeat(32), text: words });
  assert.equal(old.status, 403);
  assert.equal(old.headers['cache-control'], 'no-store');
  assert.match(old.text, /Nuk është ruajtur ende/);
  const again = form(old.text);
  assert.equal(again.action, `/reports/${report}/answer`);
  assert.deepEqual(again.fields, { csrf: officer.csrf, text: words });
  assert.equal(await answers(officer), 0, 'nothing was done by itself');
  assert.equal((await post(again.action, again.fields)).status, 303);
  assert.equal(await answers(officer), 1);
});

test('the session has ended: the sign-in carries what was typed, also past a wrong password; then a form waits for a press', async () => {
  const account = site.account('duty_officer');
  const before = await answers(officer);
  assert.equal((await officer.call('DELETE', '/api/v1/session')).status, 200);
  const gone = await post(`/reports/${report}/answer`, { csrf: officer.csrf, text: words });
  assert.equal(gone.status, 401);
  assert.equal(gone.headers['cache-control'], 'no-store');
  assert.match(gone.text, /Seanca juaj ka mbaruar/);
  let sign = form(gone.text);
  assert.equal(sign.action, '/sign-in');
  assert.ok(!gone.text.includes(officer.csrf), 'the old token does not come back');
  site.advance(30);
  const wrong = await post(sign.action, { ...sign.fields, username: account.username, password: 'jo kjo', totp: totp(account.totp_secret, site.now()) }, { cookie: '' });
  assert.equal(wrong.status, 422);
  assert.ok(!wrong.text.includes('jo kjo'), 'a password is never shown again');
  sign = form(wrong.text);
  site.advance(120);
  account.step = Math.floor(site.now() / 30);
  const back = await post(sign.action, { ...sign.fields, username: account.username, password: account.password, totp: totp(account.totp_secret, site.now()) }, { cookie: '' });
  assert.equal(back.status, 200, back.text);
  assert.ok(back.text.includes(shown) || form(back.text).fields.text === words);
  officer.cookies = back.headers['set-cookie'].map((c) => c.split(';')[0]).join('; ');
  const again = form(back.text);
  officer.csrf = again.fields.csrf;
  assert.deepEqual(again, { action: `/reports/${report}/answer`, fields: { csrf: officer.csrf, text: words } });
  assert.equal(await answers(officer), before, 'nothing was done by itself');
  assert.equal((await post(again.action, again.fields)).status, 303);
  assert.equal(await answers(officer), before + 1);
});

test('the keeper is away: 503 with what was typed; the same press works when it is back', async () => {
  const made = await officer.post('/api/v1/cases', { reports: [report] });
  assert.equal(made.status, 201, made.text);
  kase = made.json.id;
  const notes = `/cases/${kase}/notes`;
  site.kill('keeper', 'SIGSTOP');
  let away;
  try {
    await sleep(5500); // who is signed in was known for five seconds
    away = await post(notes, { csrf: officer.csrf, version: '1', text: words });
  } finally {
    site.kill('keeper', 'SIGCONT');
  }
  assert.equal(away.status, 503, away.text);
  assert.ok(away.headers['retry-after']);
  const again = form(away.text);
  assert.deepEqual(again, { action: notes, fields: { csrf: officer.csrf, version: '1', text: words } });
  assert.match(away.text, /Nuk është ruajtur ende/);
  const sent = await post(again.action, again.fields);
  assert.equal(sent.status, 303, sent.text);
});

test('the keeper goes away under the handler, and the form has lists of its own: what was typed comes back; the same press works', async () => {
  const action = `/cases/${kase}/casefile`, fields = { csrf: officer.csrf, way: 'outside', recipient: 'Gjykata e Korçës', ground: 'criminal_procedure', reason: words, parts: 'notes' };
  assert.equal((await officer.get('/api/v1/account')).status, 200); // who is signed in is known for five seconds
  site.kill('keeper', 'SIGSTOP');
  let away;
  try {
    away = await post(action, fields);
  } finally {
    site.kill('keeper', 'SIGCONT');
  }
  assert.equal(away.status, 503, away.text);
  assert.match(away.text, /Nuk është ruajtur ende/);
  assert.deepEqual(form(away.text), { action, fields });
  const sent = await post(action, form(away.text).fields);
  assert.equal(sent.status, 200, sent.text);
  assert.match(sent.text, /([0-9A-HJKMNP-TV-Z]{4}-){4}/);
});

test('what is no form of ours comes back nowhere: another site, secrets, made-up ways', async () => {
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }]) {
    for (const cookie of ['', officer.cookies]) {
      const laid = await post(`/reports/${report}/answer`, { csrf: 'x', text: 'fjala-e-huaj' }, { cookie, ...headers });
      assert.ok([303, 403].includes(laid.status), String(laid.status));
      assert.ok(!laid.text.includes('fjala-e-huaj'));
    }
  }
  const secret = await post('/account/password', { csrf: 'x', old: 'e-vjetra-1', fresh: 'e-reja-22222', totp: '123456' });
  for (const word of ['e-vjetra-1', 'e-reja-22222', '123456']) assert.ok(!secret.text.includes(word), word);
  assert.equal((await post(`/reports/${report}/take`, { csrf: officer.csrf }, { cookie: '' })).headers.location, '/sign-in', 'nothing typed: the sign-in as ever');
  const account = site.account('duty_officer');
  for (const where of ['https://evil.example/', '//evil.example', '/sign-in', '/nowhere', '']) {
    site.advance(120);
    account.step = Math.floor(site.now() / 30);
    const answer = await post('/sign-in', { username: account.username, password: account.password, totp: totp(account.totp_secret, site.now()), again: where, typed: 'text=a' }, { cookie: '' });
    assert.equal(answer.status, 303, `${where}: ${answer.status}`);
    assert.match(answer.headers.location, /^\/reports/);
  }
});

test('a reporter\'s message to a report that is not there: what was typed stays, with what to do', async () => {
  const made = (await site.report({ text: 'x' })).json.receipt;
  const write = (receipt) => request(site.portal, 'POST', '/ndiq?lang=sq', { headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ receipt, go: 'say', submission: 'ab'.repeat(16), text: words }).toString() });
  const swapped = made.slice(0, -1) + (made.endsWith('A') ? 'B' : 'A');
  const lost = await write(swapped);
  assert.equal(lost.status, 422);
  const kept = form(lost.text);
  assert.equal(kept.fields.text, words);
  assert.equal(kept.fields.submission, 'ab'.repeat(16));
  assert.match(lost.text, /mesazhi nuk u dërgua/);
  assert.match(lost.text, /href="\/raporto"/);
  assert.ok(lost.text.includes('116 111'));
  assert.equal((await write(made)).status, 200);
  assert.equal((await site.follow(made)).json.messages.filter((m) => m.text === words).length, 1);
});

test('a program that names a filter that is not there is told, a page is not', async () => {
  const typo = await officer.get('/api/v1/reports?sate=new');
  assert.equal(typo.status, 422, typo.text.slice(0, 200));
  assert.match(typo.text, /"sate"/);
  assert.equal((await officer.get('/api/v1/reports?state=new&lang=en')).status, 200);
  assert.equal((await officer.get('/reports?sate=new')).status, 200);
});

test('too long for its address: a form comes back, without secrets and not to a stranger; a file that was refused unread is named', async () => {
  const more = 'x'.repeat(64 * 1024), action = `/reports/${report}/answer`;
  const long = await post(action, { csrf: officer.csrf, text: words, more });
  assert.equal(long.status, 413);
  assert.equal(long.headers['cache-control'], 'no-store');
  assert.deepEqual(form(long.text), { action, fields: { csrf: officer.csrf, text: words } });
  const foreign = await post(action, { csrf: officer.csrf, text: 'fjala-e-huaj', more }, { 'sec-fetch-site': 'cross-site' });
  assert.equal(foreign.status, 413);
  assert.ok(!foreign.text.includes('fjala-e-huaj'));
  const secret = await post('/account/password', { csrf: officer.csrf, old: 'e-vjetra-1', fresh: 'e-reja-22222', totp: '123456', more: 'x'.repeat(4096) });
  assert.equal(secret.status, 413);
  for (const word of ['e-vjetra-1', 'e-reja-22222', '123456']) assert.ok(!secret.text.includes(word), word);
  const open = (headers) => request(site.portal, 'POST', '/raporto?lang=sq', { headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ step: 'text', text: words, more: 'x'.repeat(256 * 1024) }).toString() });
  assert.deepEqual(form((await open({ 'sec-fetch-site': 'same-origin' })).text), { action: '/raporto', fields: { step: 'text', text: words } });
  assert.ok(!(await open({ 'sec-fetch-site': 'cross-site' })).text.includes('i dytë'));
  const file = await request(site.desk, 'POST', `/cases/${kase}/files`, { headers: { cookie: officer.cookies, 'content-type': 'multipart/form-data; boundary=x', 'content-length': 30 << 20 }, body: 'x' });
  assert.equal(file.status, 413);
  assert.match(file.text, /një skedar duhet zgjedhur sërish/);
  assert.doesNotMatch((await request(site.desk, 'GET', '/nowhere')).text, /Prapa/);
});
