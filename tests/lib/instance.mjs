// A running isigurt for a test: its own data directory, ports, clock and (where asked) PostgreSQL database.
import { spawn, execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const source = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
export const shared = path.resolve(source, '../shared');

// As root each program runs as a user of its own, who must be able to reach the programs: where the build lies in a
// closed folder, a copy is made in an open one.
function stage(build) {
  if (process.getuid() !== 0) return build;
  for (let at = build; at !== '/'; at = path.dirname(at)) {
    if (fs.statSync(at).mode & 1) continue;
    const open = fs.mkdtempSync(path.join(os.tmpdir(), 'isigurt-stage-'));
    fs.chmodSync(open, 0o755);
    execFileSync('sh', ['-c', `cp -L ${build}/isigurt ${build}/isigurt-* ${open}/ && cp -rL ${build}/share ${open}/share && chmod -R go+rX ${open}`]);
    process.on('exit', () => fs.rmSync(open, { recursive: true, force: true }));
    return open;
  }
  return build;
}
export const build = stage(path.resolve(source, process.env.ISIGURT_BUILD ?? 'build-asan'));

// Below the ports that the system gives to connections: one of those could be taken before the program listens on it.
export async function freePort() {
  for (;;) {
    const port = 10000 + Math.floor(Math.random() * 22000), server = net.createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Tries again until fn gives something truthy or the time is over; then fails with what it last saw.
export async function until(what, fn, ms = 15000) {
  const end = Date.now() + ms;
  for (let last; ; await sleep(25)) {
    try {
      const value = await fn();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}; last: ${last?.stack ?? JSON.stringify(last)}`);
  }
}

function base32(text) {
  const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const c of text.replace(/[= ]/g, '').toUpperCase()) bits += symbols.indexOf(c).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

export function totp(secret, seconds) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const mac = createHmac('sha1', base32(secret)).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

// One HTTP exchange without any client's comforts: exact headers, no redirect followed.
export function request(base, method, target, { headers = {}, body, agent, socketPath } = {}) {
  const url = new URL(base);
  return new Promise((resolve, reject) => {
    const r = http.request({ method, path: target, headers: { host: url.host, ...headers }, agent: agent ?? false,
      ...(socketPath ? { socketPath } : { host: url.hostname, port: url.port }) }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        let json;
        if (/json/.test(answer.headers['content-type'] ?? '')) json = JSON.parse(text);
        resolve({ status: answer.statusCode, headers: answer.headers, text, json });
      });
    });
    r.setTimeout(20000, () => r.destroy(new Error(`no answer to ${method} ${target} in 20 s`)));
    r.on('error', reject);
    r.end(body);
  });
}

let databases = 0;

// The country pack with nothing invented of the plan's years: what a test enters is all there is.
export function withoutYears(root, without = /demo-(values|targets|figures)\.csv$/) {
  const pack = path.join(root, 'pack');
  fs.cpSync(path.join(source, 'country/al'), pack, { recursive: true, filter: (file) => !without.test(file) });
  return pack;
}

export class Instance {
  // store: 'sqlite' or 'postgres'; config: lines of isigurt.conf; demo: sample accounts and reports; years: the sample years of the plan too.
  // init: more words for `isigurt init`.
  // at: what the clock of all programs says from the beginning on, in seconds since 1970.
  // separate: with a system user for each program, by sudo where the test itself is not root; fails where it cannot.
  static async start({ store = process.env.ISIGURT_STORE ?? 'sqlite', config = {}, demo = true, years = false, env = {}, serve = true, separate = false, init = [], at } = {}) {
    const self = new Instance();
    self.sudo = separate && process.getuid() !== 0;
    self.root = fs.mkdtempSync(path.join(os.tmpdir(), 'isigurt-test-'));
    fs.chmodSync(self.root, 0o755);
    self.data = path.join(self.root, 'data');
    self.keys = path.join(self.root, 'data-keys');
    self.clock = path.join(self.root, 'clock');
    fs.writeFileSync(self.clock, Buffer.alloc(8));
    fs.chmodSync(self.clock, 0o644);
    self.offset = 0;
    if (at !== undefined) self.advance(at - Date.now() / 1000);
    self.env = { ...process.env, ISIGURT_TEST_CLOCK: self.clock, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1', ...env };
    self.storeUrl = store === 'postgres' ? newDatabase() : null;
    if (demo && !years && !init.includes('--country')) init = [...init, '--country', withoutYears(self.root)];
    self.run(['init', '--data', self.data, ...(demo ? ['--demo'] : []), ...(self.storeUrl ? ['--store', self.storeUrl] : []), ...init]);
    self.portal = `http://localhost:${await freePort()}`;
    self.desk = `http://127.0.0.1:${await freePort()}`;
    const lines = { 'portal.url': self.portal, 'desk.url': self.desk, 'disk.free_mb': 0, ...config };
    const text = Object.entries(lines).map(([k, v]) => `${k} = ${v}\n`).join('');
    if (self.sudo) execFileSync('sudo', ['-n', 'tee', '-a', path.join(self.data, 'isigurt.conf')], { input: text, stdio: ['pipe', 'ignore', 'pipe'] });
    else fs.appendFileSync(path.join(self.data, 'isigurt.conf'), text);
    const accounts = path.join(self.data, 'demo-accounts.json');
    if (demo) self.accounts = JSON.parse(self.sudo ? self.as('root', 'cat', accounts) : fs.readFileSync(accounts, 'utf8'));
    self.log = '';
    if (serve) await self.serve();
    return self;
  }

  command(args) {
    const isigurt = path.join(build, 'isigurt');
    return this.sudo ? ['sudo', ['-n', '--preserve-env=ISIGURT_TEST_CLOCK,ASAN_OPTIONS', isigurt, ...args]] : [isigurt, args];
  }

  // A command as root, or as one of the system users; throws with its words where it fails.
  as(user, command, ...args) {
    const words = user === 'root' ? [command, ...args] : ['runuser', '-u', user, '--', command, ...args];
    return execFileSync(process.getuid() === 0 ? words[0] : 'sudo', process.getuid() === 0 ? words.slice(1) : ['-n', ...words], { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  }

  // The command, as a person would call it; throws with its words where it fails.
  run(args, { input, env } = {}) {
    const [program, words] = this.command(args);
    return execFileSync(program, words, { env: { ...this.env, ...env }, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  }

  async serve(more = []) {
    this.listen = { portal: `127.0.0.1:${new URL(this.portal).port}`, desk: `127.0.0.1:${new URL(this.desk).port}` };
    const [program, words] = this.command(['serve', '--data', this.data, '--portal', this.listen.portal, '--desk', this.listen.desk, ...more]);
    this.child = spawn(program, words, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    this.child.stdout.on('data', (d) => (out += d));
    this.child.stderr.on('data', (d) => (this.log += d));
    this.child.on('exit', (code, signal) => (this.ended = { code, signal }));
    this.ended = null;
    await until('serve to be ready', () => {
      if (this.ended) throw new Error(`serve ended (${JSON.stringify(this.ended)}): ${this.log}`);
      return /ready/.test(out);
    }, 60000).catch((error) => { throw new Error(`${error.message}\n${this.log}`); });
  }

  // [program, pid] of each process of this instance; a program has two while one takes over from the other.
  processes() {
    const found = [];
    for (const entry of fs.readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const args = fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
        const program = /isigurt-(\w+)$/.exec(args[0])?.[1];
        if (program && args.includes(this.data)) found.push([program, Number(entry)]);
      } catch { /* it ended meanwhile */ }
    }
    return found;
  }

  pids() { return Object.fromEntries(this.processes()); }

  kill(program, signal = 'SIGKILL') {
    const pid = this.pids()[program];
    if (pid && this.sudo) this.as('root', 'kill', `-${signal.replace('SIG', '')}`, String(pid));
    else if (pid) process.kill(pid, signal);
    return pid;
  }

  async stop() {
    if (this.child && !this.ended) {
      if (this.sudo) this.as('root', 'pkill', '-TERM', '-f', `isigurt serve --data ${this.data}`);
      else this.child.kill('SIGTERM');
      await until('serve to stop', () => this.ended, 20000);
    }
    return this.ended;
  }

  async remove() {
    await this.stop();
    if (this.sudo) this.as('root', 'rm', '-rf', this.root);
    else fs.rmSync(this.root, { recursive: true, force: true });
    if (this.storeUrl) dropDatabase(this.storeUrl);
    const torn = this.log.match(/ERROR: AddressSanitizer[^]*?(\n\n|$)|runtime error:.*|ERROR: LeakSanitizer.*/);
    if (torn) throw new Error(`a sanitizer spoke:\n${torn[0]}`);
  }

  // Moves the clock of all programs of this instance.
  advance(seconds) {
    this.offset += seconds;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(Math.round(this.offset * 1e6)));
    const fd = fs.openSync(this.clock, 'r+');
    fs.writeSync(fd, bytes, 0, 8, 0);
    fs.closeSync(fd);
  }

  now() { return Date.now() / 1000 + this.offset; }

  // To ten in the morning of the country's clock: what is asked late in the evening has rules of its own.
  morning() {
    const [hour, minute] = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Tirane', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
      .format(this.now() * 1000).split(':').map(Number);
    this.advance(((34 - hour) % 24) * 3600 - minute * 60 + (hour === 10 ? 86400 : 0));
  }

  account(role) {
    const found = this.accounts.find((a) => a.role === role);
    if (!found) throw new Error(`no demo account for ${role}`);
    return found;
  }

  // Signs in with a code that was not used before; moves the clock where it must.
  async signIn(role) {
    const account = typeof role === 'string' ? this.account(role) : role;
    const step = Math.floor(this.now() / 30);
    if (account.step >= step) this.advance((account.step + 1 - step) * 30);
    account.step = Math.floor(this.now() / 30);
    const answer = await request(this.desk, 'POST', '/api/v1/session', {
      headers: { 'content-type': 'application/json', origin: this.desk },
      body: JSON.stringify({ username: account.username, password: account.password, totp: totp(account.totp_secret, this.now()) }),
    });
    if (answer.status !== 200) throw new Error(`sign-in of ${account.username}: ${answer.status} ${answer.text}`);
    return new Session(this, answer);
  }

  // Sends a report by the API; fields as in the openapi description.
  report(fields, headers = {}) {
    return request(this.portal, 'POST', '/api/v1/reports', {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ where: 'none', category: 'BULLY', text: 'x', ...fields }),
    });
  }

  follow(receipt) {
    return request(this.portal, 'GET', '/api/v1/report', { headers: { authorization: `Receipt ${receipt}` } });
  }

  messages(receipt, text) {
    return request(this.portal, 'POST', '/api/v1/report/messages', {
      headers: { authorization: `Receipt ${receipt}`, 'content-type': 'application/json' }, body: JSON.stringify({ text }) });
  }
}

export class Session {
  constructor(instance, answer) {
    this.instance = instance;
    this.csrf = answer.json.csrf_token;
    this.cookies = (answer.headers['set-cookie'] ?? []).map((c) => c.split(';')[0]).join('; ');
    this.setCookies = answer.headers['set-cookie'];
  }

  call(method, target, json, headers = {}) {
    const more = json === undefined ? {} : { 'content-type': 'application/json' };
    return request(this.instance.desk, method, target, {
      headers: { cookie: this.cookies, ...(method === 'GET' ? {} : { 'x-csrf-token': this.csrf }), ...more, ...headers },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
  }

  get(target, headers) { return this.call('GET', target, undefined, headers); }
  post(target, json = {}, headers) { return this.call('POST', target, json, headers); }

  // An open stream of events: {list, next(match), close()}.
  events(headers = {}) {
    const url = new URL(this.instance.desk);
    const list = [];
    let text = '';
    const stream = http.get({ host: url.hostname, port: url.port, path: '/api/v1/events', agent: false,
      headers: { host: url.host, cookie: this.cookies, accept: 'text/event-stream', ...headers } });
    stream.on('error', () => {});
    const opened = new Promise((resolve) => stream.on('response', (answer) => {
      answer.setEncoding('utf8');
      answer.on('error', () => {});
      answer.on('data', (part) => {
        text += part;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
          const event = { at: performance.now() };
          for (const line of text.slice(0, end).split('\n')) {
            const [, key, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
            if (key) event[key] = value;
          }
          if (event.data) list.push({ ...event, data: JSON.parse(event.data) });
        }
      });
      resolve(answer);
    }));
    return { opened, list, next: (match, ms) => until('an event', () => list.find(match), ms), close: () => stream.destroy() };
  }
}

// ── PostgreSQL: one temporary cluster a test run (ISIGURT_TEST_PG: its folder), one database an instance ──
// By the socket, because the keeper has no network.
export function postgres(database, cluster = process.env.ISIGURT_TEST_PG) {
  if (!cluster) throw new Error('ISIGURT_TEST_PG is not set; tests/run starts a cluster and sets it');
  const read = (name) => fs.readFileSync(path.join(cluster, name), 'utf8').trim();
  return `postgres://postgres@/${database}?host=${read('socket-dir')}&port=${read('port')}`;
}

function newDatabase() {
  const name = `t${process.pid}_${databases++}_${randomBytes(3).toString('hex')}`;
  execFileSync('psql', ['-qX', postgres('postgres'), '-c', `create database ${name}`], { stdio: 'pipe' });
  return postgres(name);
}

export function emptyDatabase(url) {
  const name = /\/([^/?]*)\?/.exec(url.slice('postgres://'.length))[1];
  execFileSync('psql', ['-qX', postgres('postgres'), '-c', `drop database if exists ${name} with (force)`, '-c', `create database ${name}`], { stdio: 'pipe' });
}

function dropDatabase(url) {
  const name = /\/([^/?]*)\?/.exec(url.slice('postgres://'.length))[1];
  execFileSync('psql', ['-qX', postgres('postgres'), '-c', `drop database if exists ${name} with (force)`], { stdio: 'pipe' });
}
