// Slow clients, many idle connections, oversized bodies, malformed requests: others go on being served, danger always.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

const raw = (base, text, wait = 1500) => new Promise((resolve) => {
  const url = new URL(base);
  const socket = net.connect(url.port, '127.0.0.1');
  let out = '';
  socket.on('data', (d) => (out += d));
  socket.on('error', () => resolve(out));
  socket.on('close', () => resolve(out));
  socket.on('connect', () => socket.write(text));
  setTimeout(() => { socket.destroy(); resolve(`${out} (left open)`); }, wait);
});

test('malformed requests are refused, never served', async () => {
  const host = new URL(site.portal).host;
  const bad = [
    `POST /api/v1/reports HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX Y: 1\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX: a\r\n folded\r\n\r\n`,
    `GET /\x01 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    'GARBAGE\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'a'.repeat(70000)}\r\n\r\n`,
  ];
  for (const text of bad) {
    const answer = await raw(site.portal, text);
    assert.match(answer, /^(HTTP\/1\.1 4(00|13|31) |$)/, `${JSON.stringify(text.slice(0, 90))} refused, or the connection closed: ${answer}`);
  }
  assert.equal((await request(site.portal, 'GET', '/')).status, 200);
});

test('oversized bodies are refused with a sentence', async () => {
  const answer = await request(site.portal, 'POST', '/api/v1/reports', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ where: 'none', category: 'HARM', text: 'x'.repeat(400000) }) }).catch((e) => ({ status: e.code }));
  assert.ok([413, 'ECONNRESET', 'EPIPE'].includes(answer.status), `${answer.status}`);
});

test('JSON that is none, is too deep, repeats a field or names an unknown one', async () => {
  const post = (body) => request(site.portal, 'POST', '/api/v1/reports', { headers: { 'content-type': 'application/json' }, body });
  assert.equal((await post('{')).status, 400);
  assert.equal((await post('[]')).status, 400);
  assert.ok([400, 422].includes((await post(`{"where":${'['.repeat(5000)}`)).status));
  assert.ok([400, 422].includes((await post('{"where":"none","where":"page","category":"HARM","text":"x"}')).status));
  assert.ok([400, 422].includes((await post('{"where":"none","category":"HARM","text":"x","colour":"red"}')).status));
  const picture = await request(site.portal, 'POST', '/raporto', { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nPNG\r\n--x--\r\n' });
  assert.ok([415, 422].includes(picture.status), `${picture.status}`);
});

test('10,000 idle and 200 slow connections do not keep others out', async () => {
  const url = new URL(site.portal);
  const idle = [];
  let connected = 0;
  for (let i = 0; i < 10000; i++) {
    const socket = net.connect(url.port, '127.0.0.1', () => connected++);
    socket.on('error', () => {});
    idle.push(socket);
    if (i % 250 === 249) await new Promise((done) => socket.on('connect', done).on('error', done));
  }
  for (let i = 0; i < 200; i++) {
    const socket = net.connect(url.port, '127.0.0.1', () => socket.write('POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Le'));
    socket.on('error', () => {});
    idle.push(socket);
  }
  await until('all of them to be connected', () => connected === 10000, 10000);
  const from = performance.now();
  const answer = await until('a report beside them', async () => { const r = await site.report({ in_danger: true, text: 'mes të tjerëve' }).catch(() => null); return r?.status === 201 ? r : null; }, 10000);
  assert.equal(answer.status, 201);
  assert.ok(performance.now() - from < 5000);
  assert.equal((await request(site.portal, 'GET', '/')).status, 200);
  for (const socket of idle) socket.destroy();
});

test('a shared link that cannot be read begins an empty form', async () => {
  const form = await request(site.portal, 'GET', '/raporto?text=a%01b');
  assert.equal(form.status, 200);
  assert.ok(!form.text.includes('\u0001'));
  assert.match(form.text, /name="submission"/);
});

test('bodies that do not come on take no places from danger', async () => {
  const small = await Instance.start({ config: { connections: 64 } });
  const slow = [];
  try {
    const url = new URL(small.portal);
    let ended = 0;
    for (let i = 0; i < 70; i++) {
      const socket = net.connect(url.port, '127.0.0.1', () => socket.write(`POST /api/v1/reports HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{`));
      socket.on('error', () => {});
      socket.on('close', () => ended++);
      slow.push(socket);
    }
    await new Promise((done) => setTimeout(done, 500));
    const from = performance.now();
    const answers = await Promise.all([1, 2, 3].map((n) => small.report({ in_danger: true, text: `rrezik ${n}` })));
    const took = performance.now() - from;
    assert.deepEqual(answers.map((r) => r.status), [201, 201, 201]);
    assert.ok(took < 8000, `${took} ms`); // the bodies alone had 107 s
    await until('the slow ones to be closed', () => ended > 0, 10000);
  } finally {
    for (const socket of slow) socket.destroy();
    await small.remove();
  }
});
