// Small numbers attacked: years of random figures are published, everything that a coordinator can read of them is read,
// page by page and the file, and for each hidden number another value is looked for that agrees with all of it. Where there
// is none, the reader knows the number. Nothing here uses how the program hides.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, until } from '../lib/instance.mjs';

const YEARS = Array.from({ length: 12 }, (_, i) => 2010 + i);
const LEAST = 5, REACH = 4; // REACH: how far from the true value another one is looked for
let site, coordinator, supervisor, categories, counties, units;
let seed = 20261130;
const dice = (n) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
const sql = (text) => site.storeUrl
  ? execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', site.storeUrl], { input: text, encoding: 'utf8' }).trim()
  : execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 5000', path.join(site.data, 'desk/desk.db')], { input: text.replaceAll('desk.', ''), encoding: 'utf8' }).trim();
const blob = (hex) => (site.storeUrl ? `'\\x${hex}'` : `x'${hex}'`);
const figures = (query, who = coordinator) => who.get(`/api/v1/figures?${new URLSearchParams({ scope: 'all', ...query })}`);

// A few categories, counties, months and units, and small numbers in most of them.
function rowsOf(year) {
  const rows = new Map();
  const add = (what, month, unit, category, county, bucket, n) => {
    const key = [what, year * 100 + month, unit, category, county, bucket].join('|');
    rows.set(key, (rows.get(key) ?? 0) + n);
  };
  const some = (list, n) => Array.from({ length: n }, () => list[dice(list.length)]);
  const own = { categories: some(categories, 2 + dice(3)), counties: some(counties, 2 + dice(3)), months: some([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 4) };
  for (const category of own.categories) for (const county of own.counties) {
    if (dice(5) === 0) continue;
    const n = 1 + dice(3) * dice(6), [month] = some(own.months, 1), [unit] = some(units, 1);
    add('received', month, unit, category, county, 1 + dice(4), n);
    add('assessed', month, unit, category, county, 1, n);
    if (dice(2)) add('opened', month, unit, category, county, 0, 1 + dice(n));
  }
  return [...rows].map(([key, n]) => {
    const [what, month, unit, category, county, bucket] = key.split('|');
    return `insert into desk.figure (what, month, unit, category, county, bucket, n) values ('${what}', ${month}, ${blob(unit)}, '${category}', '${county}', ${bucket}, ${n});`;
  }).join('\n');
}

before(async () => {
  site = await Instance.start();
  [coordinator, supervisor] = [await site.signIn('coordinator'), await site.signIn('supervisor')];
  const own = (await supervisor.get('/api/v1/figures')).json;
  const keys = (id) => own.tables.find((t) => t.id === id).rows.map((r) => r.key).filter(Boolean);
  [categories, counties] = [keys('received_category').slice(0, 5), keys('received_county').slice(0, 5)];
  units = [...new Set(sql('select hex(id) from desk.unit limit 4;'.replace('hex(id)', site.storeUrl ? "encode(id, 'hex')" : 'hex(id)')).split('\n'))];
  sql(YEARS.map(rowsOf).join('\n'));
});
after(() => site.remove());

// ── everything that is published, as names and sums ──
class Published {
  known = new Map(); hidden = new Set(); sums = []; // sums: [total, parts]
  say(name, n) {
    if (n !== null) {
      assert.ok(!this.known.has(name) || this.known.get(name) === n, `${name} is told twice, differently`);
      this.known.set(name, n);
    } else this.hidden.add(name);
  }
  list(name, rows, total, totalName) {
    for (const [key, n] of rows) this.say(`${name}=${key}`, n);
    this.say(totalName, total);
    this.sums.push([totalName, rows.map(([key]) => `${name}=${key}`)]);
  }
}

const TABLES = { received_category: 'category', received_county: 'county', received_month: 'month', received_urgency: 'urgency', received_institution: 'unit' };

function readBoard(p, board, { category, county } = {}) {
  for (const t of board.tables) {
    const rows = t.rows.map((r) => [r.key, r.n]);
    if (category !== undefined) { assert.equal(t.id, 'received_county'); p.list(`category=${category}&county`, rows, t.total, `category=${category}`); }
    else if (county !== undefined) { assert.equal(t.id, 'received_category'); for (const [key, n] of rows) p.say(`category=${key}&county=${county}`, n);
      p.say(`county=${county}`, t.total); p.sums.push([`county=${county}`, rows.map(([key]) => `category=${key}&county=${county}`)]); }
    else if (TABLES[t.id]) p.list(TABLES[t.id], rows, t.total, 'all');
    else p.list(t.id, rows, t.total, `${t.id} all`);
  }
  for (const k of board.kpis.filter((x) => x.of !== 0)) {
    const total = k.id === 'assessed_24h' ? 'all' : `${k.id} all`;
    p.list(k.id, [['yes', k.n], ['no', k.n === null ? null : k.of - k.n]], k.of, total);
  }
}

// The file's tables are the same set: its numbers and hidden ones, in their order.
function fileNumbers(csv) { return csv.split('\r\n').slice(7).flatMap((line) => line.split(',').slice(1)).filter((c) => /^\d+$/.test(c) || /fshehur|hidden/.test(c)); }

// Another filling that agrees with all sums and gives `name` another value: a search with the bounds drawn tight each step.
function otherValue(p, truth, name) {
  const hidden = [...p.hidden].filter((v) => !p.known.has(v));
  const bound = new Map(hidden.map((v) => [v, [Math.max(1, truth.get(v) - REACH), truth.get(v) + REACH]]));
  const range = (b, v) => b.get(v) ?? [p.known.get(v), p.known.get(v)];
  const sums = p.sums.filter(([total, parts]) => [total, ...parts].some((v) => bound.has(v)));
  const tighten = (b) => {
    for (let again = true; again;) {
      again = false;
      for (const [total, parts] of sums) {
        const low = parts.reduce((s, v) => s + range(b, v)[0], 0), high = parts.reduce((s, v) => s + range(b, v)[1], 0);
        const narrow = (v, from, to) => {
          const [a, z] = range(b, v), next = [Math.max(a, from), Math.min(z, to)];
          if (next[0] > next[1]) return false;
          if (next[0] !== a || next[1] !== z) { b.set(v, next); again = true; }
          return true;
        };
        if (!narrow(total, low, high)) return false;
        const [tl, th] = range(b, total);
        for (const v of parts) { const [a, z] = range(b, v); if (!narrow(v, tl - (high - z), th - (low - a))) return false; }
      }
    }
    return true;
  };
  let steps = 0;
  const solve = (b) => {
    if (++steps > 20000) throw new Error(`too long a search for ${name}`);
    if (!tighten(b)) return false;
    const open = hidden.find((v) => b.get(v)[0] !== b.get(v)[1]);
    if (!open) return true;
    const [a, z] = b.get(open), near = Array.from({ length: z - a + 1 }, (_, i) => a + i).sort((x, y) => Math.abs(x - truth.get(open)) - Math.abs(y - truth.get(open)));
    return near.some((n) => solve(new Map(b).set(open, [n, n])));
  };
  for (let far = 1; far <= REACH; far++) for (const n of [truth.get(name) + far, truth.get(name) - far])
    if (n >= 1 && solve(new Map(bound).set(name, [n, n]))) return n;
  return null;
}

// The true values by the store, for the names that were hidden.
function truthOf(year, hidden) {
  const of = (what, where) => Number(sql(`select coalesce(sum(n), 0) from desk.figure where what = '${what}' and month between ${year}01 and ${year}12 ${where};`));
  const part = { category: (v) => `and category = '${v}'`, county: (v) => `and county = '${v}'`, month: (v) => `and month = ${v.replace('-', '')}`, urgency: (v) => `and bucket = ${v[1]}`, unit: (v) => `and unit = ${blob(v)}` };
  const one = (name) => {
    if (name.startsWith('assessed_24h=')) return of('assessed', `and bucket ${name.endsWith('yes') ? '=' : '<>'} 1`);
    if (name.startsWith('opened_category')) return of('opened', name.includes('=') ? `and category = '${name.split('=')[1]}'` : '');
    if (name === 'all') return of('received', '');
    return of('received', name.split('&').map((f) => { const [k, v] = f.split('='); return part[k](v); }).join(' '));
  };
  return new Map([...hidden].map((name) => [name, one(name)]));
}

test('no hidden number of a year can be worked out from all the pages and the file together', async () => {
  let attacked = 0;
  for (const year of YEARS) {
    const p = new Published();
    const whole = await until('the year', async () => { const a = await figures({ period: year }); return a.json?.tables?.length ? a.json : null; });
    readBoard(p, whole);
    for (const category of categories) readBoard(p, (await figures({ period: year, category })).json, { category });
    for (const county of counties) readBoard(p, (await figures({ period: year, county })).json, { county });
    const csv = await coordinator.get(`/api/v1/figures/export?year=${year}`);
    assert.equal(csv.status, 200);
    for (const cell of fileNumbers(csv.text)) assert.ok(!/^\d+$/.test(cell) || Number(cell) === 0 || Number(cell) >= LEAST, `${year}: ${cell} in the file`);
    for (const [name, n] of p.known) assert.ok(n === 0 || n >= LEAST, `${year}: ${name} is ${n}`);
    const hidden = [...p.hidden].filter((v) => !p.known.has(v)), truth = truthOf(year, hidden);
    for (const name of hidden) assert.ok(truth.get(name) > 0, `${year}: ${name} is hidden and zero`);
    for (const name of p.hidden) assert.ok(!p.known.has(name), `${year}: ${name} is hidden here and told there`);
    for (const name of hidden) { assert.notEqual(otherValue(p, truth, name), null, `${year}: ${name} can only be ${truth.get(name)}`); attacked++; }
  }
  assert.ok(attacked > 50, `${attacked} hidden numbers were attacked`);
});

test('of all institutions there is no other cut to subtract', async () => {
  const [year, now] = [YEARS[0], new Date(site.now() * 1000).getUTCFullYear()];
  const [category, county] = [categories[0], counties[0]];
  for (const period of [`${year}-03`, `${year}-Q2`, `${now}`, `${now}-01`])
    for (const who of [coordinator, supervisor]) assert.equal((await figures({ period }, who)).status, 422, period);
  for (const query of [{ category, county }, { institution: units[0].toLowerCase() }, { institution: units[0].toLowerCase(), category }])
    for (const who of [coordinator, supervisor]) assert.equal((await figures({ period: year, ...query }, who)).status, 422, JSON.stringify(query));
  assert.equal((await figures({})).json.period, `${now - 1}`, 'the last one that is over');
  const page = await coordinator.get(`/figures?scope=all&period=${year}&category=${category}&county=${encodeURIComponent(county)}`);
  assert.equal(page.status, 422);
  assert.match(page.text, /id="county-error"/);
  assert.doesNotMatch(page.text, /<td>\d/);
});
