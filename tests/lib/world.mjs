// Two units with somebody of every role in each, and things of the first that hold secret words: for the tests of who may
// what. `A` is the duty unit (officer, analyst, supervisor), `P` the police's; `W` receives what is referred, and is neither.
import assert from 'node:assert/strict';
import { Instance, request, until, sleep } from './instance.mjs';
import { roles } from './may.mjs';

export const ok = async (promise, status = [200, 201]) => {
  const answer = await promise;
  assert.ok([status].flat().includes(answer.status), `${answer.status} ${answer.text}`);
  return answer.json;
};
const edge = 'xX1234567890';
const pdf = (word) => Buffer.from(`%PDF-1.7\n${word}\n`);
/** The body of an upload: one file that says `word`. */
export const upload = (word, fields = {}) => ({ type: `multipart/form-data; boundary=${edge}`, bytes: Buffer.concat([
  Buffer.from(Object.entries(fields).map(([name, value]) => `--${edge}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')),
  Buffer.from(`--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${word}.pdf"\r\n\r\n`), pdf(word), Buffer.from(`\r\n--${edge}--\r\n`)]) });
export const illegal = ['risk_kind:contact', 'risk_nature:sexual', 'incident:CSAM', 'verdict:illegal_national', 'age_group:pubescent', 'severity:B1'];

export class World {
  words = []; // each planted once: whoever sees one of them has seen more than is his
  planted = 0;
  opens = 0;
  waited = 0;

  static async start() {
    const w = new World();
    w.site = await Instance.start();
    w.site.morning();
    for (const [name, role] of Object.entries({ officer: 'duty_officer', analyst: 'analyst', supervisor: 'supervisor', administrator: 'administrator', oversight: 'oversight', coordinator: 'coordinator' }))
      w[name] = await w.site.signIn(role);
    w.police = await w.site.signIn(w.site.accounts.find((a) => a.role === 'contact' && a.institution === 'POLICIA'));
    w.worker = await w.site.signIn(w.site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
    const me = async (session) => ok(session.get('/api/v1/account'));
    for (const name of ['officer', 'analyst', 'supervisor', 'police', 'worker', 'administrator']) w[name].id = (await me(w[name])).id;
    [w.A, w.P, w.W] = await Promise.all([w.supervisor, w.police, w.worker].map(async (s) => (await me(s)).units[0].id));
    w.foreign = await w.people('f', w.P, w.police);
    w.own = await w.people('o', w.A, w.supervisor);
    w.leaver = (await w.add('leaver', ['clerk'])).id; // of the duty unit, and never signed in
    w.joiner = (await w.add('joiner', ['clerk'])).id; // of no unit
    await ok(w.supervisor.post(`/api/v1/units/${w.A}/members`, { person: w.leaver }));
    return w;
  }

  async add(username, list) {
    const { institutions } = await ok(this.administrator.get('/api/v1/institutions'));
    return { username, ...await ok(this.administrator.post('/api/v1/people', { username, name: `Provë ${username}`, institution: institutions[0].id, roles: list })) };
  }

  // Somebody of every role, admitted to the unit by one of its members.
  async people(prefix, unit, member) {
    const list = [];
    for (const role of roles) {
      const made = await this.add(`${prefix}.${role.replaceAll('_', '.')}`, [role]);
      await ok(member.post(`/api/v1/units/${unit}/members`, { person: made.id }));
      list.push(Object.assign(await this.site.signIn(made), { id: made.id, role, name: made.username }));
    }
    return list;
  }

  secret(what) {
    const word = `FSHEHTESI${String(++this.planted).padStart(4, '0')}${what}`;
    this.words.push(word);
    return word;
  }

  // The keeper opens 40 homes a minute for one person, and a session that is idle ends.
  async opened(n = 1) {
    this.opens += n;
    if (this.opens < 25) return;
    this.opens = 0;
    this.site.advance(61);
    if ((this.waited += 61) > 1000) { // a desk remembers a session for 5 true seconds, in which the keeper does not see that it is used
      this.waited = 0;
      await sleep(5200);
    }
    for (const name of ['officer', 'analyst', 'supervisor', 'administrator', 'oversight', 'coordinator', 'police', 'worker']) await ok(this[name].get('/api/v1/account'));
    for (const session of [...this.foreign, ...this.own]) await ok(session.get('/api/v1/account'));
  }

  async report() {
    await this.opened();
    const news = async () => (await ok(this.officer.get('/api/v1/reports?state=new&grouped=false'))).reports;
    const known = new Set((await news()).map((r) => r.id));
    const n = this.planted;
    await ok(this.site.report({ category: 'BULLY', in_danger: true, where: 'page', address: `https://faqe${n}.example/${this.secret('adresa')}`, text: this.secret('teksti'), contact: `${this.secret('kontakti')}@posta.example`, county: 'Korçë' }));
    return { report: await until('the report', async () => (await news()).find((r) => !known.has(r.id))?.id) };
  }

  async taken() {
    const t = await this.report();
    await ok(this.officer.post(`/api/v1/reports/${t.report}/take`));
    return t;
  }

  async kase() {
    const { report } = await this.taken();
    return { kase: (await ok(this.officer.post('/api/v1/cases', { reports: [report] }))).id, report };
  }

  // A case with one of everything.
  async full() {
    const t = await this.kase(), c = `/api/v1/cases/${t.kase}`;
    await this.opened(6);
    const add = async (path, json) => (await ok(this.officer.post(c + path, json))).id;
    t.person = await add('/people', { role: 'child', name: this.secret('fëmija') });
    await add('/assessment', { risk: 'high', text: this.secret('vlerësimi') });
    await add('/plan', { text: this.secret('plani') });
    await add('/notes', { text: this.secret('shënimi') });
    t.task = await add('/tasks', { title: this.secret('detyra'), due: '2099-01-01' });
    t.route = await add('/routes', { kind: 'civil', body: this.secret('gjykata') });
    t.address = await add('/addresses', { address: `https://e.example/${this.secret('foto')}` });
    const file = upload(this.secret('skedari'), { text: this.secret('përshkrimi') });
    t.file = (await ok(request(this.site.desk, 'POST', `${c}/files`, { body: file.bytes, headers: { cookie: this.officer.cookies, 'x-csrf-token': this.officer.csrf, 'content-type': file.type, 'content-length': file.bytes.length } }))).id;
    return t;
  }

  async referral(more = {}) {
    const t = await this.kase();
    await ok(this.officer.post(`/api/v1/cases/${t.kase}/people`, { role: 'child', name: this.secret('i miturit') }));
    t.referral = (await ok(this.officer.post(`/api/v1/cases/${t.kase}/referrals`, { unit: this.W, purpose: 'protection', ground: 'child_protection', consent: true, note: this.secret('shpjegimi'), fields: ['person_child', 'text', 'address'], more_reason: this.secret('arsyeja'), ...more }))).id;
    return t;
  }

  // A case of the police: it came from the duty unit, whose people no longer read it.
  async theirs() {
    const t = await this.full();
    const { id } = await ok(this.officer.post(`/api/v1/cases/${t.kase}/referrals`, { kind: 'transfer', unit: this.P, purpose: 'investigation', ground: 'criminal_procedure', consent: true, note: 'Duhet për rastin.', fields: ['text'], more_reason: 'Duhet për hetimin.' }));
    await ok(this.police.post(`/api/v1/referrals/${id}/accept`));
    return t;
  }

  // One call as the API or a form without script makes it.
  call(session, route, target, body) {
    const headers = session ? { cookie: session.cookies } : {};
    if (route.method === 'GET') return request(this.site.desk, 'GET', target, { headers: { ...headers, accept: route.api ? 'application/json' : 'text/html' } });
    if (body?.bytes) {
      const { bytes, type } = route.api ? body : upload('x', { csrf: session?.csrf });
      return request(this.site.desk, route.method, target, { body: bytes, headers: { ...headers, ...(route.api && session ? { 'x-csrf-token': session.csrf } : {}), 'content-type': type, 'content-length': bytes.length } });
    }
    if (route.api) return request(this.site.desk, route.method, target, { body: JSON.stringify(body ?? {}), headers: { ...headers, ...(session ? { 'x-csrf-token': session.csrf } : {}), 'content-type': 'application/json' } });
    const pairs = [['csrf', session?.csrf ?? ''], ...Object.entries(body ?? {}).flatMap(([k, v]) => [v].flat().map((one) => [k, one === true ? '1' : String(one)]))];
    return request(this.site.desk, route.method, target, { body: new URLSearchParams(pairs).toString(), headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } });
  }

  remove() { return this.site.remove(); }
}
