// The directory and the discussion through a running site: all who sign in, nobody else; moderation is the coordinator's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';

let site, editor, teacher, coordinator;
const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };
before(async () => {
  site = await Instance.start();
  editor = await site.signIn('editor');
  teacher = await site.signIn('ict_teacher');
  coordinator = await site.signIn('coordinator');
});
after(() => site.remove());

test('every role may look; nobody without a session', async () => {
  for (const path of ['/api/v1/directory', '/api/v1/topics']) assert.equal((await request(site.desk, 'GET', path, { headers: { accept: 'application/json' } })).status, 401);
  for (const role of ['helpline', 'monitor', 'clerk', 'duty_officer', 'oversight', 'administrator']) ok(await (await site.signIn(role)).get('/api/v1/directory'));
});

test('an entry is one\'s own: written with consent, found, taken away', async () => {
  const entry = { organisation: 'Shkolla e Provës', subject: 'education', county: 'Korçë', contact: 'shkolla@posta.example', about: 'Trajnim për mësues.' };
  assert.equal((await teacher.post('/api/v1/directory', entry)).status, 422, 'without consent');
  ok(await teacher.post('/api/v1/directory', { ...entry, agree: true }));
  const found = ok(await editor.get('/api/v1/directory?q=proves&county=' + encodeURIComponent('Korçë'))).entries;
  assert.deepEqual(found.map((e) => [e.organisation, e.contact]), [['Shkolla e Provës', 'shkolla@posta.example']]);
  assert.equal((await editor.post(`/api/v1/directory/${found[0].person}/remove`)).status, 404);
  ok(await teacher.post(`/api/v1/directory/${found[0].person}/remove`));
  assert.deepEqual(ok(await editor.get('/api/v1/directory')).entries, []);
  ok(await teacher.post('/api/v1/directory', { ...entry, agree: true }));
  ok(await coordinator.post(`/api/v1/directory/${found[0].person}/remove`));
  for (const gone of [found[0].person, '0123456789abcdef0123456789abcdef'])
    assert.equal((await coordinator.post(`/api/v1/directory/${gone}/remove`)).status, 404, gone);
});

test('topics and answers, never case data; what is taken away leaves its reason', async () => {
  for (const text of ['shihni 0123456789abcdef0123456789abcdef', 'https://keq.example/x', 'rasti 2026-0001', 'kodi 7KQ2-M4XD-90AB-CDEF-1234'])
    assert.deepEqual((await editor.post('/api/v1/topics', { title: 'Trajnim', subject: 'education', text })).json.errors.map((e) => e.field), ['text'], text);
  ok(await editor.post('/api/v1/topics', { title: 'Trajnim', subject: 'education', text: 'Kush vjen në nëntor?' }), 201);
  const topic = ok(await teacher.get('/api/v1/topics')).topics[0].id;
  ok(await teacher.post(`/api/v1/topics/${topic}/posts`, { text: 'Ne vijmë.' }), 201);
  const posts = ok(await editor.get(`/api/v1/topics/${topic}`)).posts;
  assert.equal(posts.length, 2);
  assert.equal((await editor.post(`/api/v1/topics/${topic}/posts/${posts[1].id}/remove`, { reason: 'Arsye e provës.' })).status, 403);
  assert.equal((await editor.post(`/api/v1/topics/${posts[1].id}/posts/${posts[1].id}/remove`, { reason: 'Arsye e provës.' })).status, 404);
  const left = ok(await coordinator.post(`/api/v1/topics/${topic}/posts/${posts[1].id}/remove`, { reason: 'Jashtë temës.' })).posts;
  assert.deepEqual([left[1].text, left[1].removed_why], ['', 'Jashtë temës.']);
  assert.equal((await teacher.post(`/api/v1/topics/${topic}/close`)).status, 403);
  ok(await coordinator.post(`/api/v1/topics/${topic}/close`));
  assert.equal((await teacher.post(`/api/v1/topics/${topic}/posts`, { text: 'Prapë.' })).status, 409);
});

test('its pages say that nothing of a case may stand there; posting without a token is refused', async () => {
  const page = await request(site.desk, 'GET', '/topics', { headers: { cookie: teacher.cookies, accept: 'text/html' } });
  assert.equal(page.status, 200);
  assert.match(page.text, /Asnjëherë të dhëna nga një rast/);
  const posted = await request(site.desk, 'POST', '/topics', { headers: { cookie: teacher.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: 'title=x&subject=other&text=x' });
  assert.equal(posted.status, 403);
});
