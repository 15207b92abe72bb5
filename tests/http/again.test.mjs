// The link of a mail leads where it says, past the sign-in; and nobody else's link leads anywhere but to a page of ours.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, totp } from '../lib/instance.mjs';

let site, officer, report;
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  report = (await officer.get('/api/v1/reports?state=new')).json.reports[0].id;
});
after(() => site.remove());

const get = (target) => request(site.desk, 'GET', target);
const again = (page) => /<input type="hidden" name="again" value="([^"]*)"/.exec(page.text)?.[1];
async function signIn(fields) {
  const account = site.account('duty_officer');
  site.advance(120);
  account.step = Math.floor(site.now() / 30);
  const body = { username: account.username, password: account.password, totp: totp(account.totp_secret, site.now()), ...fields };
  return request(site.desk, 'POST', '/sign-in', { headers: { origin: site.desk, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(body).toString() });
}

test('a link without a session: the sign-in, also past a wrong password, and then the page', async () => {
  for (const path of [`/reports/${report}`, `/referrals/${'a'.repeat(32)}`, `/cases/${'b'.repeat(32)}`, '/reports', '/account']) {
    const sent = await get(path);
    assert.equal(sent.status, 303);
    assert.equal(sent.headers.location, `/sign-in?again=${path}`);
    assert.equal(again(await get(sent.headers.location)), path);
    const wrong = await signIn({ password: 'jo kjo', again: path });
    assert.equal(wrong.status, 422);
    assert.equal(again(wrong), path);
    const there = await signIn({ again: path });
    assert.equal(there.status, 303, there.text);
    assert.equal(there.headers.location, path);
  }
});

test('words of a query are not carried along; what is no page is not asked for again', async () => {
  assert.equal((await get('/reports?state=new&lang=en')).headers.location, '/sign-in?again=/reports');
  assert.equal((await get('/')).headers.location, '/sign-in');
  assert.equal((await get('/api/v1/reports')).status, 401);
  const posted = await request(site.desk, 'POST', `/reports/${report}/take`, { headers: { origin: site.desk, 'content-type': 'application/x-www-form-urlencoded' }, body: 'csrf=x' });
  assert.equal(posted.headers.location, '/sign-in');
});

test('of a query only the codes that the page names are carried along: the period of a sheet', async () => {
  const cases = [['/plan/entry?period=2019-Q2', '/plan/entry?period=2019-Q2'], ['/plan/entry?period=2019-06&institution=ALO116&lang=en', '/plan/entry?period=2019-06&institution=ALO116'],
    ['/plan/gaps?year=2019', '/plan/gaps?year=2019'], ['/plan/entry?note=fjal&period=2019', '/plan/entry?period=2019'], ['/plan/entry?period=20%2019', '/plan/entry'],
    ['/plan/entry?period=%2F%2Fevil.example', '/plan/entry'], ['/plan/entry?period=', '/plan/entry'], [`/plan/entry?period=${'2'.repeat(41)}`, '/plan/entry']];
  for (const [asked, kept] of cases) {
    const { location } = (await get(asked)).headers;
    assert.equal(location, `/sign-in?again=${kept.replace(/[?&=]/g, encodeURIComponent)}`);
    assert.equal(again(await get(location)).replaceAll('&amp;', '&'), kept);
    const there = await signIn({ again: kept });
    assert.equal(there.headers.location, kept);
  }
  for (const where of ['/plan/entry?', '/plan/entry?period=2019&', '/plan/entry?period=2019&&institution=A', '/plan/entry?note=x', '/plan/entry?period=//evil.example',
    '/plan/entry?period=a\r\nb', '/plan/entry?period=2019#x', '/plan/entry?period', '/plan/entry?period=2019?period=2020', '/nowhere?period=2019', '/plan/entry?period=<b>']) {
    const answer = await signIn({ again: where });
    assert.ok([303, 422].includes(answer.status), `${where}: ${answer.status}`);
    if (answer.status === 303) assert.equal(answer.headers.location, '/reports', where);
  }
});

test('no open redirect: other hosts, schemes, made-up, long and double ways lead home', async () => {
  for (const where of ['https://evil.example/', '//evil.example', '//evil.example/reports', '/\\evil.example', '\\\\evil.example', '/%2fevil.example',
    'javascript:alert(1)', 'reports', '/reports/../../evil', '/reports//', '/reports?x=https://evil.example', '/reports#x', '/reports\r\nSet-Cookie: a=b', '/sign-in',
    '/sign-in?again=//evil.example', '/nowhere', '/api/v1/reports', '/health', '/', '/static/desk.css', `/reports/${report}/take`, `/reports@evil.example`]) {
    const answer = await signIn({ again: where });
    assert.ok([303, 422].includes(answer.status), `${where}: ${answer.status}`);
    if (answer.status === 303) assert.equal(answer.headers.location, '/reports', where);
    assert.ok(!String(answer.headers['set-cookie']).includes('a=b'), where);
  }
  const long = `/reports/${'a'.repeat(300)}`;
  assert.equal((await get(`/sign-in?again=${long}`)).headers.location, '/sign-in');
  assert.equal((await get(`/sign-in?again=${encodeURIComponent('"><script>')}`)).text.includes('"><script>'), false);
});
