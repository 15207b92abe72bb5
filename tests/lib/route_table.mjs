// One row for each route of the desk: what it acts on, and how its owner calls it. tests/http/foreign.test.mjs walks them, and
// fails for a route that has no row here.
//   make   makes the thing, of the duty unit: an object of ids
//   at     the ids of the path, from the thing; body, query: what is sent, with ids of the thing
//   as     who may do it with this thing, by the name in the world; `only`: nobody else of that unit
//   others roles that may, of whatever unit: their permission is the whole country's
//   shown  why everybody with the permission sees it anyway: others than its owner are told that they may not
//   all    why it belongs to everybody who has the permission: what is looked at is its refusals alone
//   self   why it is about nobody but who calls
import { ok, illegal, upload } from './world.mjs';

export function table(w) {
  const report = { make: () => w.report(), at: (t) => [t.report] };
  const taken = { make: () => w.taken(), at: (t) => [t.report] };
  const kase = { make: () => w.kase(), at: (t) => [t.kase] };
  const full = { make: () => w.full(), at: (t) => [t.kase] };
  const inner = (key) => ({ make: () => w.full(), at: (t) => [t.kase, t[key]] });
  // A referral of the duty unit to a unit that is neither of both; `steps` bring it to where the act can be done.
  const referral = (as, ...steps) => ({ as, at: (t) => [t.referral], make: async () => {
    const t = await w.referral();
    for (const [who, act, body] of steps) await ok(w[who].post(`/api/v1/referrals/${t.referral}/${act}`, body));
    return t;
  } });
  const accepted = ['worker', 'accept'];
  // A case that came to another unit while a referral of the duty unit was open: theirs now, with the referral.
  const inherited = async () => {
    const t = await w.referral();
    const { id } = await ok(w.officer.post(`/api/v1/cases/${t.kase}/referrals`, { unit: w.W, kind: 'transfer', purpose: 'protection', ground: 'child_protection', consent: true, note: 'Duhet për rastin.', fields: ['text'], more_reason: 'Duhet për mbrojtjen.' }));
    await ok(w.worker.post(`/api/v1/referrals/${id}/accept`));
    return t;
  };
  const versioned = async () => {
    const t = await w.full();
    return { ...t, version: (await ok(w.officer.get(`/api/v1/cases/${t.kase}`))).version };
  };
  const closing = async () => {
    const t = await w.kase();
    await ok(w.officer.post(`/api/v1/cases/${t.kase}/close`, { outcome: 'other', text: w.secret('mbyllja') }));
    return t;
  };
  const closed = async () => {
    const t = await closing();
    await ok(w.supervisor.post(`/api/v1/cases/${t.kase}/close/approve`));
    return t;
  };
  const handed = async () => {
    const t = await w.taken();
    await ok(w.officer.post('/api/v1/handover', { reports: [t.report], to: w.analyst.id, note: w.secret('dorëzimi') }));
    return { ...t, handover: (await ok(w.analyst.get('/api/v1/handover'))).waiting.find((h) => h.mine).id };
  };
  const access = (approved) => async () => {
    const t = await w.full();
    t.access = (await ok(w.officer.post('/api/v1/access', { thing: t.kase, reason: 'own', identity: 'receipt' }))).id;
    if (approved) await ok(w.analyst.post(`/api/v1/access/${t.access}/approve`));
    return t;
  };
  const ended = async () => {
    const t = await w.taken();
    await ok(w.officer.post(`/api/v1/reports/${t.report}/state`, { state: 'closed' }));
    return t;
  };
  const held = async () => {
    const t = await ended();
    await ok(w.supervisor.post('/api/v1/retention/holds', { thing: t.report, reason: 'person' }));
    return t;
  };
  const topic = async () => {
    await ok(w.officer.post('/api/v1/topics', { title: 'Trajnim i mësuesve', subject: 'education', text: 'Kush vjen?' }));
    const { topics: [{ id }] } = await ok(w.officer.get('/api/v1/topics'));
    return { topic: id, post: (await ok(w.officer.get(`/api/v1/topics/${id}`))).posts[0].id };
  };
  const slot = async () => ({ slot: (await ok(w.supervisor.post('/api/v1/roster', { unit: w.A, person: w.analyst.id, starts: '2099-01-01T08:00', place: 9 }))).slots.find((s) => s.place === 9).id, unit: w.A });
  // A case file that the duty unit made of a case of its own: for a unit that is neither of both, or for somebody outside.
  const file = (more) => ({ way: 'outside', recipient: 'Gjykata e Provës', ground: 'child_protection', consent: true, compared: true, ...more });
  const casefile = (more) => ({ at: (t) => [t.casefile], make: async () => {
    const t = await w.kase();
    return { ...t, casefile: (await ok(w.officer.post(`/api/v1/cases/${t.kase}/casefile`, file({ reports: [t.report], ...more })))).id };
  } });
  const unit = { make: () => ({ unit: w.A }), at: (t) => [t.unit] };
  const plan = 'the plan is one for the whole country: who may look sees all of it, who may change it changes it: tests/http/plan.test.mjs';
  const values = 'whose values somebody enters, and who approves them: tests/http/plan_values.test.mjs';
  const reports = 'a report is of the whole country; who takes which step: tests/http/plan_reports.test.mjs';
  const registers = 'rows are entered by institutions and read by all who have registers; whose may be changed: tests/http/register.test.mjs';
  const country = ['administrator', 'oversight'];
  const accounts = 'administrators make the accounts and units of the whole country';
  const units = 'units, who is in them and who is on call stand in lists of the whole country';
  const directory = 'everybody who signs in reads and writes it; it holds nothing of a case';

  return {
    'GET /reports': { lists: true },
    'GET /reports/{id}': taken,
    'POST /reports/{id}/take': report,
    'POST /reports/{id}/release': taken,
    'POST /reports/{id}/urgency': { ...taken, body: () => ({ urgency: 'U4', reason: 'Arsye e mjaftueshme.' }) },
    'POST /reports/{id}/state': { ...taken, body: () => ({ state: 'spam' }) },
    'POST /reports/{id}/answer': { ...taken, body: () => ({ text: 'Përgjigje.' }) },
    'GET /reports/{id}/assessment': taken,
    'POST /reports/{id}/assessment': { ...taken, body: () => ({ answers: illegal }) },
    'POST /reports/{id}/assessment/second': { ...taken, as: 'analyst', body: () => ({ answers: illegal }), make: async () => {
      const t = await w.taken();
      await ok(w.officer.post(`/api/v1/reports/${t.report}/assessment`, { answers: illegal, note: w.secret('gjykimi') }));
      return t;
    } },
    'GET /flaggers': { lists: true },
    'POST /flaggers': { all: accounts },
    'POST /flaggers/{id}/revoke': { all: accounts },
    'GET /handover': { lists: true },
    'POST /handover': { ...taken, at: () => [], body: (t, s) => ({ reports: [t.report], to: s.friend, note: 'x' }) },
    'POST /handover/{id}/confirm': { make: handed, at: (t) => [t.handover], as: 'analyst', only: true },
    'POST /handover/{id}/decline': { make: handed, at: (t) => [t.handover], as: 'analyst', only: true, body: () => ({ reason: 'Nuk mundem.' }) },
    'GET /bulk': { lists: true },
    'POST /bulk': { ...report, at: () => [], body: (t) => ({ reports: [t.report], reason: 'test' }), told: 'how many could not be: one, whether there is such a report or not' },
    'POST /bulk/{id}/undo': { at: (t) => [t.bulk], make: async () => {
      const t = await w.report();
      return { ...t, bulk: (await ok(w.officer.post('/api/v1/bulk', { reports: [t.report], reason: 'test' }))).id };
    } },
    'GET /load': { lists: true },
    'POST /load/{id}/lift': { make: () => ({ person: w.officer.id }), at: (t) => [t.person], as: 'supervisor', body: () => ({ hours: 1, reason: 'Natë e gjatë.' }) },
    'GET /keys': { self: 'the keyboard' },

    'GET /cases': { lists: true, make: () => w.kase(), query: (t) => ({ report: t.report }) },
    'POST /cases': { ...taken, at: () => [], body: (t) => ({ reports: [t.report] }) },
    'GET /cases/{id}': full,
    'POST /cases/{id}/reports': { at: (t) => [t.kase], make: async () => ({ ...await w.kase(), other: (await w.taken()).report }), body: (t) => ({ reports: [t.other] }), inner: (t) => ({ reports: [t.report] }) },
    'POST /cases/{id}/notes': { ...kase, body: () => ({ text: 'Shënim.' }) },
    'GET /cases/{id}/people': { ...full, query: (t) => ({ person: t.person }), inner: (t) => ({ person: t.person }) },
    'POST /cases/{id}/people': { ...full, make: versioned, body: (t) => ({ person: t.person, role: 'child', name: 'Ana', version: t.version }), inner: (t) => ({ person: t.person, role: 'child', name: 'Ana', version: t.version }) },
    'GET /cases/{id}/assessment': full,
    'POST /cases/{id}/assessment': { ...kase, body: () => ({ risk: 'low', text: 'Pak.' }) },
    'GET /cases/{id}/plan': full,
    'POST /cases/{id}/plan': { ...kase, body: () => ({ text: 'Plan.' }) },
    'GET /cases/{id}/tasks': full,
    'POST /cases/{id}/tasks': { ...kase, body: () => ({ title: 'Telefono', due: '2099-01-01' }), inner: () => ({ title: 'Telefono', due: '2099-01-01', worker: w.officer.id }) },
    'GET /cases/{id}/tasks/{id2}': inner('task'),
    'PUT /cases/{id}/tasks/{id2}': { ...inner('task'), body: () => ({ title: 'Telefono', due: '2099-01-01' }), inner: () => ({ title: 'Telefono', due: '2099-01-01', worker: w.officer.id }) },
    'POST /cases/{id}/tasks/{id2}': { ...inner('task'), body: () => ({ title: 'Telefono', due: '2099-01-01' }) },
    'POST /cases/{id}/tasks/{id2}/done': inner('task'),
    'GET /cases/{id}/things/{id2}/retract': inner('person'),
    'POST /cases/{id}/things/{id2}/retract': { ...inner('person'), body: () => ({ reason: 'U shkrua gabim.' }) },
    'GET /cases/{id}/reports/{id2}/remove': inner('report'),
    'POST /cases/{id}/reports/{id2}/remove': { ...inner('report'), body: () => ({ reason: 'U fut gabim.' }) },
    'GET /cases/{id}/routes': full,
    'POST /cases/{id}/routes': { ...kase, body: () => ({ kind: 'civil' }) },
    'GET /cases/{id}/routes/{id2}': inner('route'),
    'PUT /cases/{id}/routes/{id2}': { ...inner('route'), body: () => ({ stage: 'hearing' }) },
    'POST /cases/{id}/routes/{id2}': { ...inner('route'), body: () => ({ stage: 'hearing' }) },
    'GET /cases/{id}/routes/{id2}/correct': inner('route'),
    'POST /cases/{id}/routes/{id2}/correct': { ...inner('route'), body: () => ({ number: '1/26', reason: 'Gabim, kështu u pa' }) },
    'GET /cases/{id}/addresses': full,
    'POST /cases/{id}/addresses': { ...kase, body: () => ({ address: 'https://e.example/1' }) },
    'GET /cases/{id}/addresses/{id2}': inner('address'),
    'PUT /cases/{id}/addresses/{id2}': { ...inner('address'), body: () => ({ stage: 'asked' }) },
    'POST /cases/{id}/addresses/{id2}': { ...inner('address'), body: () => ({ stage: 'asked' }) },
    'POST /cases/{id}/state': { ...full, as: 'supervisor', body: () => ({ state: 'planned' }) },
    'POST /cases/{id}/worker': { ...kase, inner: () => ({ worker: w.officer.id }) },
    'GET /cases/{id}/close': full,
    'POST /cases/{id}/close': { ...kase, body: () => ({ outcome: 'other' }) },
    'POST /cases/{id}/close/approve': { ...kase, make: closing, as: 'supervisor' },
    'POST /cases/{id}/steps': { ...kase, body: () => ({ steps: 'hidden' }) },
    'GET /cases/{id}/reopen': { ...kase, make: closed },
    'POST /cases/{id}/reopen': { ...kase, make: closed, body: () => ({ reason: 'U kthye, kështu u pa' }) },
    'GET /cases/{id}/files': full,
    'POST /cases/{id}/files': { ...kase, body: () => upload('x') },
    'GET /cases/{id}/files/{id2}': inner('file'),
    'POST /cases/{id}/files/{id2}/remove': { ...inner('file'), body: () => ({ text: 'Gabim.' }) },
    'GET /cases/{id}/refer': full,
    'POST /cases/{id}/referrals': { ...kase, body: () => ({ unit: w.W, purpose: 'protection', ground: 'child_protection', consent: true, note: 'Duhet për rastin.', fields: ['text'], more_reason: 'Duhet për mbrojtjen.' }) },
    'POST /cases/{id}/referrals/{id2}/revoke': { make: inherited, as: 'worker', at: (t) => [t.kase, t.referral], body: () => ({ reason: 'Rasti është yni tani.' }) },
    'GET /cases/{id}/shared': { ...kase, make: () => w.referral() },
    'GET /cases/{id}/reports/{id2}': inner('report'),
    'POST /cases/{id}/reports/{id2}/answer': { ...inner('report'), body: () => ({ text: 'Përgjigje.' }) },
    'GET /cases/{id}/casefile': full,
    'POST /cases/{id}/casefile': { ...full, body: (t) => file({ persons: [t.person] }), inner: (t) => file({ persons: [t.person] }) },

    'GET /casefiles': { lists: true },
    'POST /casefiles/{id}/open': { ...casefile({ way: 'unit', unit: w.W }), as: 'worker' },
    'GET /casefiles/{id}/file': casefile(),
    'POST /casefiles/{id}/revoke': casefile(),

    'GET /referrals': { lists: true },
    'GET /referrals/late': { lists: true },
    'GET /referrals/{id}': referral('officer'),
    'POST /referrals/{id}/accept': referral('worker'),
    'POST /referrals/{id}/decline': { ...referral('worker'), body: () => ({ reason: 'Jo, kështu u pa' }) },
    'POST /referrals/{id}/ask': { ...referral('worker'), body: () => ({ text: 'Ku?' }) },
    'POST /referrals/{id}/answer': { ...referral('officer', ['worker', 'ask', { text: 'Ku?' }]), body: () => ({ text: 'Këtu.' }) },
    'POST /referrals/{id}/return': { ...referral('worker', accepted), body: () => ({ reason: 'Më shumë, kështu u pa' }) },
    'POST /referrals/{id}/done': { ...referral('worker', accepted), body: () => ({ outcome: 'other' }) },
    'POST /referrals/{id}/progress': { ...referral('worker', accepted), body: () => ({ text: 'Po punohet.' }) },
    'POST /referrals/{id}/add': { ...referral('officer'), body: () => ({ text: 'Edhe kjo.' }) },
    'POST /referrals/{id}/revoke': { ...referral('officer'), body: () => ({ reason: 'Gabim, kështu u pa' }) },
    'POST /referrals/{id}/notes': { ...referral('worker', accepted), body: () => ({ text: 'Shënim.' }) },
    'GET /contacts': { lists: true },
    'GET /contacts/{id}': { all: 'whoever exchanges must find whom to ask, in the whole country' },
    'POST /contacts': { ...unit, at: () => [], as: 'supervisor', body: (t) => ({ unit: t.unit, person: w.supervisor.id, place: 1 }) },
    'POST /contacts/{id}/duty': { make: () => ({ unit: w.W }), at: (t) => [t.unit], as: 'worker', body: () => ({ hours: 'gjithmonë', phone: '129' }) },
    'GET /protocol': { lists: true },
    'POST /protocol': { all: accounts },
    'POST /units/{id}/protocol': { ...unit, as: 'supervisor', body: () => ({ version: 1 }) },

    'GET /search': { lists: true, ...unit, at: () => [], query: (t) => ({ unit: t.unit }) },
    'GET /search/views': { lists: true },
    'POST /search/views': { ...unit, at: () => [], body: (t) => ({ name: 'x', kind: 'case', share: t.unit }) },
    'POST /search/views/{id}/delete': { at: (t) => [t.view], make: async () => ({ view: (await ok(w.officer.post('/api/v1/search/views', { name: w.secret('kërkimi'), kind: 'case', share: w.A }))).id }) },
    'GET /figures': { lists: true },
    'GET /figures/export': { lists: true, query: () => ({ year: 2020 }) },

    'GET /directory': { lists: true },
    'POST /directory': { self: 'one\'s own entry' },
    'POST /directory/{id}/remove': { at: (t) => [t.person], others: ['coordinator'], only: true, make: async () => {
      await ok(w.officer.post('/api/v1/directory', { organisation: 'Organizata e Provës', subject: 'protection', contact: '116 111', agree: true }));
      return { person: w.officer.id };
    } },
    'GET /topics': { lists: true },
    'POST /topics': { all: directory },
    'GET /topics/{id}': { all: directory },
    'POST /topics/{id}/posts': { all: directory },
    'POST /topics/{id}/posts/{id2}/remove': { at: (t) => [t.topic, t.post], make: topic, others: ['coordinator'], only: true, shown: directory, body: () => ({ reason: 'Jashtë temës.' }) },
    'POST /topics/{id}/close': { at: (t) => [t.topic], make: topic, others: ['coordinator'], only: true, shown: directory },

    'GET /plan': { lists: true }, 'GET /plan/budget': { lists: true }, 'GET /plan/activities/{code}': { all: plan },
    'GET /plan/entry': { lists: true }, 'POST /plan/entry': { all: values }, 'PUT /plan/values': { all: values }, 'GET /plan/values/{id}': { all: values },
    'POST /plan/values/{id}/files': { all: values }, 'GET /plan/values/{id}/files/{id2}': { all: values }, 'POST /plan/values/{id}/files/{id2}/remove': { all: values },
    'POST /plan/values/{id}/submit': { all: values }, 'POST /plan/values/{id}/return': { all: values }, 'POST /plan/values/{id}/approve': { all: values },
    'GET /plan/approvals': { lists: true }, 'POST /plan/approvals': { all: values }, 'GET /plan/import': { lists: true }, 'POST /plan/import': { all: values },
    'GET /plan/gaps': { lists: true }, 'GET /plan/periods': { lists: true }, 'POST /plan/periods/lock': { all: values }, 'POST /plan/periods/open': { all: values }, 'POST /plan/periods/unlock': { all: values },
    'GET /plan/reports': { lists: true }, 'POST /plan/reports': { all: reports }, 'GET /plan/reports/{id}': { all: reports }, 'GET /plan/reports/{id}/file': { all: reports },
    'POST /plan/reports/{id}/refresh': { all: reports }, 'POST /plan/reports/{id}/open': { all: reports }, 'POST /plan/reports/{id}/comment': { all: reports },
    'POST /plan/reports/{id}/approve': { all: reports }, 'POST /plan/reports/{id}/present': { all: reports }, 'POST /plan/reports/{id}/publish': { all: reports },
    'GET /plan/{code}/indicators': { all: plan },
    'GET /plan/indicators/{code}': { all: plan },
    'GET /plan/versions': { lists: true },
    'POST /plan/versions': { all: plan },
    'GET /plan/versions/{code}': { all: plan },
    'POST /plan/versions/{code}/force': { all: plan },
    'POST /plan/versions/{code}/drop': { all: plan },
    'GET /plan/versions/{code}/item': { all: plan },
    'POST /plan/versions/{code}/item': { all: plan },
    'GET /plan/targets': { lists: true },
    'GET /plan/targets/import': { lists: true },
    'POST /plan/targets/import': { all: plan },
    'GET /plan/targets/{code}': { all: plan },
    'POST /plan/targets/{code}': { all: plan },
    'GET /registers': { lists: true },
    'GET /registers/list': { lists: true },
    'GET /registers/csv': { lists: true },
    'GET /registers/import': { lists: true },
    'GET /registers/new': { all: registers },
    'POST /registers/import': { all: registers },
    'POST /registers/entries': { all: registers },
    'GET /registers/entries/{id}': { all: registers },
    'POST /registers/entries/{id}': { all: registers },
    'GET /registers/entries/{id}/edit': { all: registers },
    'POST /registers/entries/{id}/files': { all: registers },
    'GET /registers/entries/{id}/files/{id2}': { all: registers },
    'POST /registers/entries/{id}/files/{id2}/remove': { all: registers },
    'POST /registers/entries/{id}/enter': { all: registers },
    'POST /registers/entries/{id}/confirm': { all: registers },
    'POST /registers/entries/{id}/return': { all: registers },
    'POST /registers/entries/{id}/stage': { all: registers },
    'POST /registers/entries/{id}/remove': { all: registers },

    'GET /audit': { lists: true },
    'GET /audit/anchors': { lists: true },
    'GET /audit/anchors/file': { lists: true, query: () => ({ writer: '0'.repeat(16) }) },

    'GET /': { self: 'the way to one\'s account' },
    'GET /sign-in': { self: 'no session' },
    'POST /sign-in': { self: 'no session' },
    'POST /sign-out': { self: 'one\'s own session' },
    'POST /session': { self: 'no session' },
    'DELETE /session': { self: 'one\'s own session' },
    'GET /account': { self: 'one\'s own account' },
    'POST /account/password': { self: 'one\'s own password' },
    'POST /account/end': { self: 'one\'s own sessions' },

    'GET /people': { lists: true },
    'GET /people/add': { all: accounts },
    'POST /people': { all: accounts },
    'GET /people/{id}': { all: 'a colleague\'s name stands where he worked' },
    'POST /people/{id}': { all: accounts },
    'POST /people/{id}/roles': { all: accounts },
    'POST /people/{id}/disable': { all: accounts },
    'POST /people/{id}/reset': { all: accounts },
    'POST /people/{id}/end': { all: accounts },
    'GET /institutions': { lists: true },
    'POST /institutions': { all: accounts },
    'GET /units': { lists: true },
    'POST /units': { all: accounts },
    'GET /units/{id}': { all: 'who belongs to a unit is no secret of the unit' },
    'POST /units/{id}/members': { ...unit, shown: units, as: 'supervisor', body: () => ({ person: w.joiner }) },
    'POST /units/{id}/first': { all: accounts },
    'GET /foundings': { lists: true },
    'POST /units/{id}/confirm': { all: 'whoever confirms a founding is of no unit' },
    'POST /units/{id}/members/{id2}/remove': { make: () => ({ unit: w.A, person: w.leaver }), at: (t) => [t.unit, t.person], shown: units, as: 'supervisor' },
    'POST /units/{id}/rotate': { ...unit, shown: units, as: 'supervisor' },
    'GET /roster': { lists: true },
    'POST /roster': { ...unit, at: () => [], shown: units, as: 'supervisor', others: ['administrator'], body: (t) => ({ unit: t.unit, person: w.analyst.id, starts: '2099-02-01T08:00', place: 9 }) },
    'POST /roster/{id}/remove': { make: slot, at: (t) => [t.slot], shown: units, as: 'supervisor', others: ['administrator'] },

    'GET /pack': { all: 'the country pack is the whole country\'s' },
    'POST /pack/reload': { all: 'the country pack is the whole country\'s' },

    'GET /retention': { lists: true, ...taken, at: () => [], as: 'supervisor', query: (t) => ({ thing: t.report }), others: country },
    'POST /retention/erasures': { make: ended, at: () => [], as: 'supervisor', others: country, body: (t) => ({ thing: t.report, reason: 'asked' }) },
    'POST /retention/erasures/{id}/approve': { all: 'oversight approves for the whole country' },
    'POST /retention/erasures/{id}/refuse': { all: 'oversight refuses for the whole country' },
    'POST /retention/holds': { make: ended, at: () => [], as: 'supervisor', others: country, body: (t) => ({ thing: t.report, reason: 'person' }) },
    'POST /retention/holds/{id}/free': { make: held, at: (t) => [t.report], as: 'supervisor', others: country },
    'POST /retention/run': { all: 'the pass is the whole country\'s' },
    'GET /access': { lists: true, ...taken, at: () => [], query: (t) => ({ thing: t.report }) },
    'POST /access': { ...taken, at: () => [], body: (t) => ({ thing: t.report, reason: 'own', identity: 'receipt' }) },
    'POST /access/{id}/approve': { make: access(false), at: (t) => [t.access], as: 'analyst' },
    'POST /access/{id}/refuse': { make: access(false), at: (t) => [t.access], as: 'analyst' },
    'GET /access/{id}': { make: access(true), at: (t) => [t.access], only: true },
    'POST /access/{id}/file': { make: access(true), at: (t) => [t.access], only: true, body: (t) => ({ subject: t.person, compared: true }) },
  };
}
