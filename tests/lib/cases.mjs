// Cases for tests that walk and race: made by the API, looked at in the store's own rows. What an act is to leave alone is compared
// there, row by row, and not in what a page tells.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Instance, request, until } from './instance.mjs';

export const ok = async (promise, status = 200) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};

export class Cases {
  // Three of the unit that has the reports (officer, analyst, supervisor), one of each of two that receive (police, works).
  static async start() {
    const self = new Cases();
    self.site = await Instance.start();
    self.site.morning();
    await self.people();
    self.known = new Set((await self.officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id)); // the sample's
    self.policeUnit = (await self.officer.get('/api/v1/units?type=police')).json.units[0].id;
    self.worksUnit = (await self.officer.get('/api/v1/units?type=child_protection')).json.units.find((u) => u.members > 0).id;
    return self;
  }

  async people() {
    for (const [name, role] of [['officer', 'duty_officer'], ['analyst', 'analyst'], ['supervisor', 'supervisor'], ['police', 'contact'],
      ['works', this.site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA')], ['oversight', 'oversight']]) {
      this[name] = await this.site.signIn(role);
      this[name].id ??= (await this[name].get('/api/v1/account')).json.id;
    }
  }

  // Rows of the desk's store; @(column) writes an id's column as hex, $id is the id given.
  rows(sql, id) {
    const lite = !this.site.storeUrl;
    const said = sql.replace(/@\(([^)]*)\)/g, lite ? 'lower(hex($1))' : "encode($1, 'hex')").replaceAll('$id', lite ? `x'${id}'` : `'\\x${id}'::bytea`);
    const [program, words] = lite
      ? ['sqlite3', ['-cmd', '.timeout 5000', '-cmd', `attach 'file:${path.join(this.site.data, 'desk/desk.db')}?mode=ro' as desk`, '-json', ':memory:', said]]
      : ['psql', ['-qXAt', this.site.storeUrl, '-c', `select coalesce(json_agg(x), '[]') from (${said}) x`]];
    return JSON.parse(execFileSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'pipe'] }) || '[]');
  }

  // All that a case's acts write. Reads are acts too, and left out: whoever is refused may have looked.
  picture(id) {
    const all = this.rows(`select 'case' what, @(id) id, state, cast(version as text) version, @(owner) a, coalesce(@(asked_by), '') b from desk.case_file where id = $id
      union all select 'route', @(id), stage, cast(version as text), kind, '' from desk.case_route where case_id = $id
      union all select 'address', @(id), stage, cast(version as text), '', '' from desk.case_address where case_id = $id
      union all select 'task', @(id), case when done is null then 'open' else 'done' end, '', '', '' from desk.case_task where case_id = $id
      union all select 'hold', @(thing), track, '', '', '' from desk.case_hold where case_id = $id
      union all select 'referral', @(id), state, cast(version as text), kind, @(to_unit) from desk.referral where case_id = $id
      union all select 'entry', @(home), kind, cast(seq as text), @(person), @(thing) from desk.case_item
        where home = $id or home in (select r.id from desk.referral r where r.case_id = $id)
      union all select 'history', cast(seq as text), action, '', coalesce(@(person), ''), coalesce(@(thing), '') from desk.case_history
        where case_id = $id and action <> 'read' order by 1, 2, 3, 4`, id);
    const of = (what) => all.filter((r) => r.what === what);
    return { all: JSON.stringify(all), file: of('case')[0], holds: of('hold'), entries: of('entry'), history: of('history').sort((x, y) => x.id - y.id),
      stage: (thing) => all.find((r) => ['route', 'address', 'task', 'referral'].includes(r.what) && r.id === thing)?.state };
  }

  // What must be true of every case at every moment: nothing open is closed, and nobody has approved himself.
  whole(id, p = this.picture(id)) {
    if (p.file.state === 'closed') assert.deepEqual(p.holds, [], 'a closed case holds nothing open');
    const asked = p.history.filter((h) => h.state === 'close_asked').at(-1), closed = p.history.filter((h) => h.state === 'closed').at(-1);
    if (p.file.state === 'closed') assert.notEqual(asked.a, closed.a, 'who asked to close has not closed');
    if (p.file.state === 'closing') assert.equal(asked.a, p.file.b);
    const seq = (e) => Number(e.version), mine = p.entries.filter((e) => e.id === id).sort((x, y) => seq(x) - seq(y));
    assert.deepEqual(mine.map(seq), mine.map((_, i) => i + 1), 'entries without a gap');
    for (const e of mine.filter((m) => m.state === 'state' && m.b !== m.id)) {
      const plan = mine.find((m) => m.state === 'plan' && m.b === e.b);
      if (plan) assert.notEqual(plan.a, e.a, 'who wrote the plan has not approved it');
    }
    const plan = mine.filter((e) => e.state === 'plan').at(-1);
    if (p.file.state === 'planned') assert.ok(mine.some((e) => e.state === 'state' && e.b === plan.b), 'the newest plan is the approved one');
    return p;
  }

  form(session, target, fields) {
    return request(this.site.desk, 'POST', target, { headers: { cookie: session.cookies, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(Object.entries({ csrf: session.csrf, ...fields }).flatMap(([k, v]) => [v].flat().map((one) => [k, one]))).toString() });
  }

  sent = 0;
  turn = 0;
  async report(more = {}) {
    await ok(this.site.report({ category: 'SEXT', in_danger: true, text: `shkallët ${++this.sent}`, ...more }), 201);
    const found = await until('it at the desk', async () => (await this.officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !this.known.has(r.id)));
    this.known.add(found.id);
    return found.id;
  }

  // And nobody's session runs out: a desk remembers one for 5 true seconds, in which the keeper does not see that it is used.
  waited = 0;
  async later(seconds) {
    this.site.advance(seconds);
    this.waited += seconds;
    if (this.waited < 1200) return;
    this.waited = 0;
    await this.people();
  }

  // A new case, of one report. The keeper opens only so much for one person in a minute and in an hour.
  async open(more) {
    const report = await this.report(more);
    if (++this.turn % 8 === 0) await this.later(200);
    return (await ok([this.officer, this.analyst, this.supervisor][this.turn % 3].post('/api/v1/cases', { reports: [report] }), 201)).id;
  }

  // The ordinary way into each state.
  async at(state, id) {
    const c = `/api/v1/cases/${id ??= await this.open()}`, to = (s, who = this.officer) => ok(who.post(`${c}/state`, { state: s }));
    const way = ['registered', 'assessed', 'planned', 'implementing', 'review'], n = way.indexOf(state);
    if (n >= 1) await ok(this.officer.post(`${c}/assessment`, { risk: 'low', text: 'x' }), 201);
    if (n >= 2) await ok(this.officer.post(`${c}/plan`, { text: 'x' }), 201);
    if (n >= 2) await to('planned', this.supervisor);
    if (n >= 3) await to('implementing');
    if (n >= 4) await to('review');
    if (n < 0) await ok(this.officer.post(`${c}/close`, { outcome: 'other' }));
    if (state === 'closed') await ok(this.supervisor.post(`${c}/close/approve`));
    assert.equal(this.picture(id).file.state, state);
    return id;
  }

  refer(id, more = {}) {
    return this.officer.post(`/api/v1/cases/${id}/referrals`, { unit: this.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category', 'text'], note: 'Ju lutem shikojeni.', ...more });
  }
}
