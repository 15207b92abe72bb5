// Every route with every role, without a session, with a foreign id; CSRF, fixation, replay, redirects, injection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, totp, until } from '../lib/instance.mjs';
import { may } from '../lib/may.mjs';
import { routes } from '../lib/routes.mjs';

const confidential = new Set(['report_list', 'report_read', 'report_take', 'report_assess', 'report_answer']);

let site, all;
before(async () => {
  site = await Instance.start();
  all = routes();
  assert.ok(all.length > 20, `${all.length} routes`);
});
after(() => site.remove());

// A body that the row's shape accepts, so that the answer is about the id and the role, not about the fields.
const body = (r) => r.method === 'GET' ? undefined
  : r.path.endsWith('/urgency') ? { urgency: 'U4', reason: 'Arsye e provës.' } : r.path.endsWith('/state') ? { state: 'spam' }
    : r.path.endsWith('/answer') ? { text: 'x' } : /\/assessment/.test(r.path) ? { answers: r.api ? ['verdict:not_illegal'] : 'verdict:not_illegal' }
      : r.path.endsWith('/lift') ? { hours: 1, reason: 'Arsye e provës.' } : r.path.endsWith('/handover/{id}/decline') ? { reason: 'Arsye e provës.' } : {};
const fill = (target) => target.replace('{code}', '1').replace(/\{id2?\}/g, '0123456789abcdef0123456789abcdef');

test('no desk route answers without a session', async () => {
  for (const r of all.filter((x) => x.program === 'desk' && x.permission !== 'public')) {
    const answer = await request(site.desk, r.method, fill(r.path), { headers: r.api ? { accept: 'application/json' } : {} });
    if (r.api) assert.equal(answer.status, 401, `${r.method} ${r.path}: ${answer.status}`);
    else assert.ok([303, 401].includes(answer.status), `${r.method} ${r.path}: ${answer.status}`);
    if (answer.headers.location) assert.match(answer.headers.location, /^\/sign-in/);
  }
});

test('each role may exactly what the table says', async () => {
  for (const account of site.accounts) {
    const session = await site.signIn(account.role);
    for (const r of all.filter((x) => x.program === 'desk' && x.api && !['public', 'signed_in'].includes(x.permission))) {
      const answer = await session.call(r.method, fill(r.path), r.method === 'GET' ? undefined : {}, r.path.endsWith('/events') ? { accept: 'text/html', connection: 'close', range: 'bytes=0-0' } : {})
        .catch((e) => ({ status: `broken: ${e.message}` }));
      const allowed = may[r.permission];
      assert.notEqual(allowed, undefined, `permission ${r.permission} of ${r.path} is not in tests/lib/may.mjs`);
      if (allowed.includes(account.role)) assert.ok(![401, 403].includes(answer.status), `${account.role} ${r.method} ${r.path}: ${answer.status} ${answer.text}`);
      else assert.equal(answer.status, 403, `${account.role} ${r.method} ${r.path}`);
    }
  }
});

test('administrator and oversight read no report, whatever they ask', async () => {
  const officer = await site.signIn('duty_officer');
  const [report] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  for (const role of ['administrator', 'oversight', 'helpline', 'contact']) {
    const session = await site.signIn(role);
    for (const r of all.filter((x) => confidential.has(x.permission) && x.api && !x.path.endsWith('/events'))) {
      const answer = await session.call(r.method, r.path.replace('{code}', '1').replace('{id}', report.id), body(r));
      assert.ok([403, 404].includes(answer.status), `${role} ${r.method} ${r.path}: ${answer.status}`);
    }
  }
});

test('a foreign id is not found', async () => {
  const officer = await site.signIn('duty_officer');
  for (const r of all.filter((x) => x.api && x.path.includes('{id}') && confidential.has(x.permission))) {
    const answer = await officer.call(r.method, fill(r.path), body(r));
    assert.equal(answer.status, 404, `${r.method} ${r.path}: ${answer.status} ${answer.text}`);
  }
});

test('a duty officer of another unit, with a real report\'s id, finds nothing on any route', async () => {
  const officer = await site.signIn('duty_officer');
  const [report] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  const admin = site.account('administrator');
  site.advance(60);
  const out = site.run(['user', 'add', '--data', site.data, '--as', admin.username, '--user', 'tjeter', '--name', 'Tjetër Njësi', '--institution', 'POLICIA', '--roles', 'duty_officer,supervisor', '--mail', 'tjeter@posta.example'],
    { input: `${admin.password}\n${totp(admin.totp_secret, site.now())}\n` });
  admin.step = Math.floor(site.now() / 30);
  const [, password, secret] = /password (\S+)\s+TOTP secret (\S+)/.exec(out);
  const other = await site.signIn({ username: 'tjeter', password, totp_secret: secret });
  assert.deepEqual((await other.get('/api/v1/reports?state=new')).json.reports, []);
  for (const r of all.filter((x) => x.path.startsWith('/api/v1/reports/{id}') || x.path.startsWith('/reports/{id}'))) {
    const answer = r.api ? await other.call(r.method, r.path.replace('{code}', '1').replace('{id}', report.id), body(r))
      : await request(site.desk, r.method, r.path.replace('{code}', '1').replace('{id}', report.id), { headers: { cookie: other.cookies, 'content-type': 'application/x-www-form-urlencoded' },
        body: r.method === 'GET' ? undefined : new URLSearchParams({ csrf: other.csrf, ...body(r) }).toString() });
    assert.equal(answer.status, 404, `${r.method} ${r.path}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  const stream = other.events();
  await stream.opened;
  assert.equal((await site.report({ in_danger: true, text: 'jo për të tjerët' })).status, 201);
  await until('it in the queue of its own unit', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.some((r) => r.urgency === 'U1' && r.category === 'BULLY'));
  await new Promise((done) => setTimeout(done, 300));
  assert.deepEqual(stream.list, [], 'nothing rings in another unit');
  stream.close();
});

test('a state-changing call without the CSRF token, or with another\'s, is refused', async () => {
  const officer = await site.signIn('duty_officer');
  const other = await site.signIn('analyst');
  const [report] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  for (const token of [undefined, '', other.csrf, 'f'.repeat(32)]) {
    const answer = await request(site.desk, 'POST', `/api/v1/reports/${report.id}/take`, { headers: { cookie: officer.cookies, 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-csrf-token': token }) }, body: '{}' });
    assert.equal(answer.status, 403, `token ${token}`);
    const form = await request(site.desk, 'POST', `/reports/${report.id}/take`, { headers: { cookie: officer.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: token === undefined ? '' : `csrf=${token}` });
    assert.equal(form.status, 403, `form, token ${token}`);
  }
  assert.equal((await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.id === report.id).state, 'new');
});

test('sign-in: foreign origin refused, cookie given beforehand ignored, step used once, faults look alike', async () => {
  const a = site.account('analyst');
  site.advance(60);
  const code = totp(a.totp_secret, site.now());
  const post = (body, headers = {}) => request(site.desk, 'POST', '/api/v1/session', { headers: { 'content-type': 'application/json', origin: site.desk, ...headers }, body: JSON.stringify(body) });
  assert.equal((await post({ username: a.username, password: a.password, totp: code }, { origin: 'https://evil.example' })).status, 403);
  assert.equal((await post({ username: a.username, password: a.password, totp: code }, { origin: 'http://evil.example', host: 'evil.example' })).status, 403, 'a foreign name for our address');
  const planted = 'ab'.repeat(32);
  const good = await post({ username: a.username, password: a.password, totp: code }, { cookie: `desk=${planted}` });
  assert.equal(good.status, 200, good.text);
  assert.ok(!JSON.stringify(good.headers['set-cookie']).includes(planted), 'a new session, not the one brought along');
  assert.equal((await request(site.desk, 'GET', '/api/v1/reports', { headers: { cookie: `desk=${planted}` } })).status, 401);
  const replay = await post({ username: a.username, password: a.password, totp: code });
  assert.equal(replay.status, 401, 'a code works once');
  const wrong = await post({ username: a.username, password: 'wrong wrong wrong', totp: totp(a.totp_secret, site.now() + 30) }, { cookie: 'x=1' });
  const unknown = await post({ username: 'nobody', password: 'wrong wrong wrong', totp: '000000' }, { cookie: 'x=2' });
  assert.equal(wrong.status, 401);
  assert.deepEqual(Object.keys(wrong.json).sort(), Object.keys(unknown.json).sort());
  assert.equal(wrong.text, unknown.text);
});

test('backoff slows guessing and locks nobody out for good', async () => {
  const m = site.account('monitor');
  const guess = () => request(site.desk, 'POST', '/api/v1/session', { headers: { 'content-type': 'application/json', origin: site.desk }, body: JSON.stringify({ username: m.username, password: 'nope', totp: '111111' }) });
  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await guess()).status);
  assert.ok(statuses.includes(429), `${statuses}`);
  site.advance(3600);
  await site.signIn('monitor');
});

test('signing out everywhere ends the other session', async () => {
  const one = await site.signIn('editor');
  const two = await site.signIn('editor');
  assert.equal((await one.get('/api/v1/session')).status < 400 || true, true);
  const out = await two.call('DELETE', '/api/v1/session?everywhere=true', { everywhere: true });
  assert.ok(out.status < 300, out.text);
  await until('the other to end', async () => (await one.call('DELETE', '/api/v1/session')).status === 401, 10000);
});

test('no open redirect, no header from outside', async () => {
  for (const target of ['/sign-in?next=https://evil.example/', '/sign-in?next=//evil.example', '/?lang=en%0d%0aset-cookie:%20x=1', '//evil.example/..', '/%2e%2e/%2e%2e/etc/passwd', '/static/../../etc/passwd', '/static/%2e%2e/x']) {
    for (const base of [site.portal, site.desk]) {
      const answer = await request(base, 'GET', target).catch(() => ({ status: 400, headers: {}, text: '' }));
      assert.ok(!/evil\.example/.test(answer.headers.location ?? ''), `${target} → ${answer.headers.location}`);
      assert.ok(!JSON.stringify(answer.headers).includes('x=1'), target);
      assert.ok(!answer.text.includes('root:'), target);
    }
  }
});

test('pages are closed to strangers: policy, frames, sniffing, referrer, cache', async () => {
  for (const [base, target] of [[site.portal, '/'], [site.portal, '/raporto'], [site.desk, '/sign-in']]) {
    const { headers } = await request(base, 'GET', target);
    assert.match(headers['content-security-policy'], /default-src 'none'/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*|https?:/);
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers.server, undefined);
  }
  const form = await request(site.portal, 'GET', '/raporto');
  assert.match(form.headers['cache-control'], /no-store/);
});
