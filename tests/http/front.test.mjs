// The story through the production front: TLS, HTTP/2, unix sockets, and nothing of a visitor kept.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http2 from 'node:http2';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { Instance, freePort, request, totp, until } from '../lib/instance.mjs';
import { traces } from '../lib/traces.mjs';

const source = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
let site, nginx, port, dir;

before(async () => {
  port = await freePort();
  site = await Instance.start({ serve: false, config: { 'portal.url': `https://localhost:${port}`, 'desk.url': `https://127.0.0.1:${port}`, 'rate.reports': 3, 'ticket.seconds': 2 } });
  dir = path.join(site.root, 'front');
  fs.mkdirSync(dir);
  fs.chmodSync(dir, 0o1777);
  const certify = (name) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${dir}/${name}.key`, '-out', `${dir}/${name}.pem`], { stdio: 'pipe' });
  certify('portal');
  certify('desk');
  let conf = fs.readFileSync(path.join(source, 'packaging/nginx/isigurt.conf'), 'utf8')
    .replaceAll('/etc/isigurt/tls', dir).replaceAll('/run/isigurt', dir)
    .replaceAll(/listen \[::\].*\n/g, '\n').replaceAll('listen 443', `listen 127.0.0.1:${port}`).replaceAll('listen 80;', `listen 127.0.0.1:${await freePort()};`)
    .replaceAll('server_name isigurt.example;', 'server_name localhost;').replaceAll('server_name desk.isigurt.example;', 'server_name 127.0.0.1;')
    .replaceAll('proxy_set_header Host $host;', 'proxy_set_header Host $http_host;')
    .replaceAll(/limit_conn (\w+) 400;/g, 'limit_conn $1 40;');
  for (const kind of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) fs.mkdirSync(path.join(dir, kind));
  fs.writeFileSync(path.join(dir, 'nginx.conf'), `${process.getuid() === 0 ? 'user root;' : ''}
    worker_processes 1; daemon off; pid ${dir}/pid; error_log ${dir}/error.log warn;
    events { worker_connections 256; }
    http { client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi; uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
    ${conf} }`);
  site.serveOn = async () => {
    const serve = spawn(path.join((await import('../lib/instance.mjs')).build, 'isigurt'), ['serve', '--data', site.data, '--portal', `unix:${dir}/portal.sock`, '--desk', `unix:${dir}/desk.sock`], { env: site.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    serve.stdout.on('data', (d) => (out += d));
    serve.stderr.on('data', (d) => (site.log += d));
    serve.on('exit', (code) => (site.ended = { code }));
    site.child = serve;
    site.ended = null;
    await until('serve behind the front', () => /ready/.test(out), 60000);
  };
  await site.serveOn();
  nginx = spawn('/usr/sbin/nginx', ['-c', path.join(dir, 'nginx.conf'), '-p', dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  nginx.stderr.on('data', (d) => (said += d));
  await until('nginx', () => fs.existsSync(path.join(dir, 'pid')), 10000).catch((e) => { throw new Error(`${e.message}: ${said}`); });
});
after(async () => {
  nginx?.kill('SIGTERM');
  await site.remove();
});

function exchange(authority, headers, body) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://${authority}`, { rejectUnauthorized: false });
    session.on('error', reject);
    const stream = session.request({ ':path': '/', ...headers });
    let answer, text = '';
    stream.on('response', (h) => (answer = h));
    stream.setEncoding('utf8');
    stream.on('data', (d) => (text += d));
    stream.on('error', reject);
    stream.on('end', () => { session.close(); resolve({ status: answer[':status'], headers: answer, text, json: /json/.test(answer['content-type'] ?? '') ? JSON.parse(text) : undefined }); });
    stream.end(body);
  });
}
const send = (fields) => exchange(`localhost:${port}`, { ':method': 'POST', ':path': '/api/v1/reports', 'content-type': 'application/json', 'x-isigurt-prefix': '203.0.113.0/24' },
  JSON.stringify({ where: 'none', category: 'BULLY', text: 'përmes portës', ...fields }));

test('the story over HTTP/2 and TLS', async () => {
  const start = await exchange(`localhost:${port}`, { ':method': 'GET' });
  assert.equal(start.status, 200);
  assert.ok(start.headers['strict-transport-security']);
  const sent = await send({ in_danger: true, category: 'SEXT' });
  assert.equal(sent.status, 201, sent.text);
  const officer = site.account('duty_officer');
  const signed = await exchange(`127.0.0.1:${port}`, { ':method': 'POST', ':path': '/api/v1/session', 'content-type': 'application/json', origin: `https://127.0.0.1:${port}` },
    JSON.stringify({ username: officer.username, password: officer.password, totp: totp(officer.totp_secret, site.now()) }));
  assert.equal(signed.status, 200, signed.text);
  const cookie = signed.headers['set-cookie'].find((c) => c.startsWith('__Host-desk='));
  assert.match(cookie, /Secure/);
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  const list = await until('the report', async () => {
    const r = await exchange(`127.0.0.1:${port}`, { ':method': 'GET', ':path': '/api/v1/reports?state=new', cookie: cookie.split(';')[0] });
    return r.json.reports.some((x) => x.category === 'SEXT' && x.urgency === 'U1') ? r : null;
  });
  assert.equal(list.status, 200);
  const follow = await exchange(`localhost:${port}`, { ':method': 'GET', ':path': '/api/v1/report', authorization: `Receipt ${sent.json.receipt}` });
  assert.equal(follow.status, 200);
});

test('a flood from one prefix is slowed, danger is not, and a forged prefix header changes nothing', async () => {
  const answers = [];
  for (let i = 0; i < 8; i++) answers.push((await send({ text: `n ${i}` })).status);
  assert.ok(answers.includes(429), `some are limited: ${answers}`);
  assert.equal((await send({ in_danger: true, text: 'rrezik' })).status, 201);
});

test('nothing that passed the front stays in its folders or logs', async () => {
  const long = `SHENJAPORTE7731 ${'fjalë '.repeat(1500)}`.slice(0, 3900); // longer than nginx keeps in memory unless told to
  const sent = await send({ in_danger: true, where: 'page', address: 'https://shenjaporte7731.example/x', text: long, contact: 'SHENJAPORTE7731' });
  assert.equal(sent.status, 201, sent.text);
  const cut = http2.connect(`https://localhost:${port}`, { rejectUnauthorized: false }); // a body that never ends lies somewhere meanwhile
  cut.on('error', () => {});
  const half = cut.request({ ':method': 'POST', ':path': '/api/v1/reports', 'content-type': 'application/json', 'content-length': '60000' });
  half.on('error', () => {});
  half.write(`{"where": "none", "category": "BULLY", "text": "${'SHENJAPORTE7731 '.repeat(2000)}`);
  await until('the front to have the first part', async () => { await new Promise((done) => setTimeout(done, 500)); return true; });
  const planted = path.join(dir, 'body', 'planted');
  fs.writeFileSync(planted, 'x SHENJAPORTE7731');
  assert.ok(traces(site.root, ['SHENJAPORTE7731']).includes(planted), 'the search finds what lies there');
  fs.rmSync(planted);
  assert.equal(traces(site.root, ['SHENJAPORTE7731']), '', 'nginx folders, logs, data');
  cut.destroy();
});

test('an evidence file of several megabytes passes the front, and nothing of it stays there', async () => {
  const officer = site.account('duty_officer'), at = `127.0.0.1:${port}`;
  site.advance(60);
  const signed = await exchange(at, { ':method': 'POST', ':path': '/api/v1/session', 'content-type': 'application/json', origin: `https://${at}` },
    JSON.stringify({ username: officer.username, password: officer.password, totp: totp(officer.totp_secret, site.now()) }));
  assert.equal(signed.status, 200, signed.text);
  const cookie = signed.headers['set-cookie'].find((c) => c.startsWith('__Host-desk=')).split(';')[0];
  const call = (method, target, body, type = 'application/json') => exchange(at, { ':method': method, ':path': `/api/v1${target}`, cookie, 'x-csrf-token': signed.json.csrf_token,
    ...(body ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {}) }, body);
  const [report] = (await call('GET', '/reports?state=new')).json.reports;
  assert.equal((await call('POST', `/reports/${report.id}/take`, '{}')).status, 200);
  const made = await call('POST', '/cases', JSON.stringify({ reports: [report.id] }));
  assert.equal(made.status, 201, made.text);
  const words = 'SHENJASKEDAR4471 ';
  const file = `%PDF-1.7\n${words.repeat(200_000)}`;
  const sent = await call('POST', `/cases/${made.json.id}/files`, `--x\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\nContent-Type: application/pdf\r\n\r\n${file}\r\n--x--\r\n`,
    'multipart/form-data; boundary=x');
  assert.equal(sent.status, 201, sent.text);
  assert.equal((await call('GET', `/cases/${made.json.id}/files`)).json.files[0].size, file.length);
  assert.equal(traces(site.root, [words.trim()]), '', 'nginx folders, logs, data');
});

test('live events pass the front as they come', async () => {
  const officer = site.account('analyst');
  const signed = await exchange(`127.0.0.1:${port}`, { ':method': 'POST', ':path': '/api/v1/session', 'content-type': 'application/json', origin: `https://127.0.0.1:${port}` },
    JSON.stringify({ username: officer.username, password: officer.password, totp: totp(officer.totp_secret, site.now()) }));
  const cookie = signed.headers['set-cookie'].find((c) => c.startsWith('__Host-desk=')).split(';')[0];
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const stream = session.request({ ':path': '/api/v1/events', cookie });
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (d) => (text += d));
  await until('the stream to open', () => text.length > 0 || stream.sentHeaders, 5000);
  await new Promise((done) => setTimeout(done, 300));
  await send({ in_danger: true, text: 'përmes rrjedhës' });
  await until('the event', () => /event: report/.test(text), 3000);
  session.destroy();
});

test('sign-ins from one prefix are limited, what else the desk answers is not', async () => {
  const sign = () => exchange(`127.0.0.1:${port}`, { ':method': 'POST', ':path': '/api/v1/session', 'content-type': 'application/json', origin: `https://127.0.0.1:${port}` },
    JSON.stringify({ username: 'nobody', password: 'x', totp: '000000' }));
  const statuses = (await Promise.all(Array.from({ length: 30 }, sign))).map((r) => r.status);
  assert.ok(statuses.filter((s) => s === 429).length >= 5, `${statuses}`);
  for (let i = 0; i < 30; i++) assert.equal((await exchange(`127.0.0.1:${port}`, { ':method': 'GET', ':path': '/sign-in' })).status, 200);
});

test('slow bodies from one prefix take some places, not all, on both sides', async () => {
  for (const host of ['localhost', '127.0.0.1']) {
    const slow = Array.from({ length: 50 }, () => {
      const socket = tls.connect({ port, host: '127.0.0.1', servername: host === 'localhost' ? host : '', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] },
        () => socket.write(`POST /api/v1/session HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n{`));
      socket.said = '';
      socket.on('data', (d) => (socket.said += d));
      socket.on('error', () => {});
      return socket;
    });
    await until('those beyond the limit to be refused', () => slow.filter((s) => / 429 /.test(s.said)).length >= 10, 8000);
    for (const socket of slow) socket.destroy();
    await until('the places to be free again', async () => (await exchange(`${host}:${port}`, { ':method': 'GET', ':path': host === 'localhost' ? '/' : '/sign-in' })).status === 200, 5000);
  }
});

test('nothing of it lies in the front\'s folders', async () => {
  for (const entry of fs.readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const text = fs.readFileSync(file, 'latin1');
    assert.ok(!text.includes(Buffer.from('përmes portës').toString('latin1')) && !/127\.0\.0\.1 - /.test(text), file);
  }
});
