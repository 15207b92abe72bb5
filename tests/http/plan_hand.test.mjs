// A year calculated by hand: what is entered stands at the top, each figure's arithmetic beside it, and the program must say the
// same to the last digit. 2019 is over, 2020 runs (15 August: two quarters are gone), 2018 is what came before.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, withoutYears } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { itemChange, tableSend, versionMake } from '../lib/plan.mjs';

let site, coordinator, second, monitor, drafter, report, folder;
const AUGUST = Date.UTC(2020, 7, 15, 10) / 1000;

// indicator, period, institution, county, numerator, denominator, value
const VALUES = `
1.2.d 2018-12 ISIGURT - - - 3 | 1.2.d 2019-01 ISIGURT - - - 4 | 1.2.d 2019-06 ISIGURT - - - 9 | 1.2.d 2019-03 ISIGURT - - - 7 | 1.2.d 2020-02 ISIGURT - - - 11
1.5.a 2018-05 DAR Berat - - 2 | 1.5.a 2019-01 DAR Berat - - 4 | 1.5.a 2019-02 DAR Berat - - 3 | 1.5.a 2019-01 DAR Fier - - 5 | 1.5.a 2019-12 DAR Fier - - 0
1.5.a 2020-01 DAR - - - 10 | 1.5.a 2020-06 DAR - - - 8 | 1.5.b 2020-03 DAR - - - 15 | 1.5.c 2019-03 DAR Fier - - 0 | 1.5.c 2020-04 DAR - - - 9
1.5.d 2018-Q4 DAR - - - 40 | 1.5.d 2019-Q1 DAR Berat - - 14 | 1.5.d 2019-Q2 DAR Berat - - 15 | 1.5.d 2019-Q2 DAR Fier - - 6 | 1.5.f 2019 MASR - - - 0
1.5.g 2019-Q1 DAR Berat 10 40 - | 1.5.g 2019-Q2 DAR Berat 30 40 - | 1.5.g 2019-Q1 DAR Fier 5 10 - | 1.5.h 2019-01 DAR Berat 8 10 - | 1.5.h 2019-02 DAR Berat 9 10 -
1.5.h 2019-01 DAR Fier 1 2 - | 1.5.h 2020-01 DAR - 0 0 - | 1.6.a 2019-Q1 MASR Berat - - 10 | 1.6.a 2019-Q2 MASR Berat - - 12 | 1.6.a 2019-Q1 MASR Fier - - 20
1.6.b 2019-Q4 MASR - - - 5 | 1.6.c 2019-Q1 MASR - - - 25 | 2.3.d 2019-Q1 DAR - - - 4 | 1.5.e 2020-01 DAR - - - 7 | 1.4.c 2019 POLICIA - - - 200
1.4.c 2019 DAR Berat - - 50 | 3.3.a 2019 AKEP Berat 300 400 - | 3.3.a 2019 AKCESK Berat 50 100 - | 3.3.b 2019 AKEP - - - 1000 | 3.3.b 2019 ISP - - - 250
4.1.a 2019-01 ALO116 Berat - - 30 | 4.1.a 2019-01 ALO116 Fier - - 40 | 4.1.a 2019-02 ALO116 Vlorë - - 3`.trim().split(/[|\n]/).map((v) => v.trim().split(' ').map((c) => (c === '-' ? '' : c)));

// indicator, year, baseline, target, weight
const TARGETS = `1.2.d 2019 3 11 1
1.2.d 2020 11 19 1
1.5.a 2019 0 20 2
1.5.a 2020 0 40 1
1.5.b 2020 0 40 1
1.5.c 2020 0 40 1
1.5.f 2019 1 1 1
1.5.g 2019 60 90 1
1.5.h 2019 50 - 1
1.6.a 2019 10 32 1
1.6.b 2019 10 20 1
1.6.c 2019 40 20 2
2.3.d 2019 10 0 1
1.5.e 2020 0 10 1
3.3.b 2019 1000 1200 1
4.3.d 2019 1 1 1
4.3.b 2019 0 0 1
1.3.a 2019 0 8 1
2.3.a 2019 0 100 1
X.7 2020 20 5 1`.split('\n').map((v) => v.split(' ').map((c) => (c === '-' ? '' : c)));

const group = (f, m) => ({ 'attendance.f.30': f, 'attendance.m.30': m });
const ROWS = [
  ['training', { date: '2018-11-05', topic: 'filters', audience: 'teachers', mode: 'online' }],
  ['training', { date: '2019-02-05', topic: 'data', audience: 'police', mode: 'online', county: 'Berat', ...group(7, 5) }],
  ['training', { date: '2019-05-31', topic: 'filters', audience: 'teachers', mode: 'online', county: 'Berat', ...group(8, 0) }],
  ['training', { date: '2019-12-31', topic: 'data', audience: 'teachers', mode: 'online', county: 'Fier', ...group(2, 4) }],
  ['training', { date: '2019-01-01', topic: 'filters', audience: 'parents', mode: 'online', ...group(9, 0) }],
  ['session', { date: '2019-05-05', kind: 'session', topic: 'data', audience: 'police', mode: 'in_person', county: 'Berat', ...group(20, 10) }],
  ['session', { date: '2019-06-05', kind: 'session', topic: 'data', audience: 'teachers', mode: 'in_person', county: 'Berat', ...group(50, 49) }],
  ['instrument', { date: '2019-02-01', kind: 'instruction' }, ['prepared', '2019-09-01'], ['approved', '2020-02-01']],
  ['instrument', { date: '2019-03-01', kind: 'instruction' }],
  ['instrument', { date: '2019-01-10', kind: 'protocol' }, ['prepared', '2019-04-01'], ['approved', '2019-05-01'], ['adopted', '2020-01-15']],
  ['agreement', { date: '2018-12-01', kind: 'agreement', parties: 'Dy palë' }, ['signed', '2019-01-31']],
  ['agreement', { date: '2019-01-01', kind: 'agreement', parties: 'Dy palë' }],
  ['campaign', { date: '2019-02-11', scope: 'national', topic: 'filters', channels: 'tv', viewers: '1200', ...group(30, 20) }],
  ['campaign', { date: '2019-03-11', scope: 'national', topic: 'filters', channels: 'tv', viewers: '800' }],
  ['budget_plan', { year: '2019', date: '2019-01-10', decision: 'Vendim' }, ['submitted', '2019-01-20'], ['approved', '2019-02-01']],
  ['budget_plan', { year: '2019', date: '2019-01-12', decision: 'Vendim' }, ['submitted', '2019-01-22'], ['approved', '2019-03-01']],
  ['budget_plan', { year: '2019', date: '2019-01-14', decision: 'Vendim' }],
  ['budget_line', { activity: '1.3', year: '2019', source: 'ministry', planned: '1000000' }],
  ['budget_line', { activity: '1.5', year: '2019', source: 'ministry', planned: '500000' }],
  ['spending', { activity: '1.3', date: '2019-02-01', source: 'ministry', spent: '250000' }],
  ['spending', { activity: '1.3', date: '2019-05-01', source: 'ministry', spent: '300000' }],
  ['spending', { activity: '1.5', date: '2019-11-01', source: 'ministry', spent: '212500' }],
];

// year, indicator, county ('': the country): value, numerator, denominator; - : not told
const FIGURES = `
2018 1.2.d _ 3 - -         | what stood in December
2018 1.3.a _ 1 - -         | one training
2018 1.5.a _ 2 - -
2018 1.5.d _ 40 - -        | one quarter of the country: counted once, told as it is
2018 1.6.c _ - - -         | nothing was entered: missing, not zero
2019 1.2.d _ 9 - -         | latest: June's 9, not 4 + 7 + 9
2019 1.3.a _ 4 - -         | 2 Berat + 1 Fier + 1 of no county
2019 1.3.a Berat 2 - -
2019 1.3.a Vlorë 0 - -     | the register is kept: none is zero
2019 1.3.b _ 35 - -        | 12 + 8 + 6 + 9
2019 1.3.b Berat 20 - -    | 12 + 8
2019 1.3.b Fier 6 - -
2019 X.8 _ 18 - -          | topic data: 12 + 6
2019 1.4.a _ 1 - -         | the police's; teachers do not count there
2019 1.4.c _ 12 30 250     | 30 of 200 + 50
2019 1.4.c Berat 60 30 50
2019 1.5.a _ 12 - -        | 4 + 3 + 5 + 0
2019 1.5.a Berat 7 - -
2019 1.5.a Fier 5 - -      | 5 + 0
2019 1.5.a Vlorë - - -     | nobody said anything of it
2019 1.5.c _ 0 - -         | zero was entered
2019 1.5.c Fier 0 - -
2019 1.5.c Berat - - -
2019 1.5.d _ - - -         | teachers counted twice cannot be added
2019 1.5.d Berat - - -     | 14 and 15 may be the same people
2019 1.5.d Fier 6 - -      | one value alone is told
2019 1.5.f _ 0 - -
2019 1.5.g _ 70 35 50      | latest of each: 30 of 40 and 5 of 10
2019 1.5.g Berat 75 30 40
2019 1.5.h _ 81.8182 18 22 | 8 + 9 + 1 of 10 + 10 + 2; the mean of percentages would be 73.3
2019 1.5.h Berat 85 17 20
2019 1.6.a _ 32 - -        | 12 + 20
2019 1.6.a Berat 12 - -
2019 1.6.a Fier 20 - -
2019 2.3.a _ 67 - -        | the furthest instruction at the year's end: prepared; not 33 + 67
2019 1.1.a _ 1 - -         | a protocol prepared in April; instructions do not count there
2019 1.1.b _ 0 - -         | adopted in 2020 only
2019 3.1.a _ 1 - -         | signed in January 2019, though drafted in 2018
2019 3.3.a _ 70 350 500    | 300 of 400 and 50 of 100
2019 3.3.b _ 1250 - -      | 1000 + 250, each institution's last
2019 4.3.a _ 2000 - -      | 1200 + 800
2019 4.3.c _ 50 - -        | 30 + 20
2019 4.3.d _ 1 - -         | held or not: two are one
2019 X.9 _ 2 - -           | two of three are approved
2019 X.10 _ 1500000 - -    | 1000000 + 500000
2019 X.11 _ 762500 - -     | 250000 + 300000 + 212500
2019 X.12 _ 50.8333 762500 1500000
2019 4.1.b _ - - -         | no report of the platform in 2019
2020 1.2.d _ 11 - -
2020 1.1.b _ 1 - -
2020 2.3.a _ 100 - -       | approved in February
2020 1.5.a _ 18 - -        | 10 + 8
2020 1.5.h _ - - -         | 0 of 0 is no percentage
2020 3.1.a _ 0 - -         | the register is kept, and nothing was signed
`.trim().split('\n');

// year, indicator: achievement, expected, status, trend
const SCORES = `
2019 1.2.d 75 100 behind slow            | (9 - 3) / (11 - 3); 75 is not below 100 - 25. Trend: 6 of 16 in one of two years: 0.75
2019 1.3.a 50 100 far_behind still       | 4 / 8; 0.5 of what was needed
2019 1.5.a 60 100 far_behind slow        | 12 / 20 below 75. Trend: 12 of 40 wanted until 2020, half of the time gone: 0.6
2019 1.5.f 0 100 far_behind back         | base = target: 1 wanted, 0 there
2019 1.5.g 33.3333 100 far_behind still  | (70 - 60) / (90 - 60)
2019 1.5.h - 100 no_data no_data         | no target
2019 1.6.a 100 100 on_track on_course    | (32 - 10) / (32 - 10)
2019 1.6.b -50 100 far_behind back       | (5 - 10) / (20 - 10): told as it is
2019 1.6.c 75 100 behind slow            | falling is good: (25 - 40) / (20 - 40)
2019 2.3.a 67 100 far_behind slow        | 67 / 100
2019 2.3.d 60 100 far_behind slow        | target 0: (4 - 10) / (0 - 10)
2019 3.3.b 125 100 ahead on_course       | (1250 - 1000) / 200
2019 4.3.d 100 100 on_track on_course    | base = target: 1 wanted, 1 there
2019 4.3.b 100 100 on_track on_course    | base = target = 0: 0 is not below it
2020 1.2.d 0 100 far_behind still        | a snapshot is expected whole at any time. Trend: 8 of 16 in two of two years: 0.5
2020 1.5.a 45 50 on_track still          | 18 / 40, two of four quarters gone. Trend: 18 of 40 since 2018
2020 1.5.b 37.5 50 behind still          | 15 / 40: below 40, not below 25
2020 1.5.c 22.5 50 far_behind still      | 9 / 40
2020 1.5.e 70 50 ahead slow              | 7 / 10
`.trim().split('\n');

// Means of 2019: a cut to 0 … 1, weights of targets inside, of the plan's activities outside (1.5 has 3, the others 1).
const MEANS = [
  ['activities', '1.2', 75, 1, 4],          // 1.2.d alone has data and a target
  ['activities', '1.3', 50, 1, 3],
  ['activities', '1.5', 38.3333, 3, 8],     // (2 × 0.6 + 1 × 0 + 1 × 1/3) / 4 = 0.383333
  ['activities', '1.6', 62.5, 3, 3],        // (1 × 1 + 1 × 0 + 2 × 0.75) / 4: −50 counts as none
  ['activities', '2.3', 63.5, 2, 4],        // (0.67 + 0.6) / 2
  ['activities', '3.3', 100, 1, 3],         // 125 counts as 100
  ['objectives', '1', 50.4167, 4, 6],       // (0.75 + 0.5 + 3 × 0.383333 + 0.625) / 6; without the weight 56.4583
  ['objectives', '2', 63.5, 1, 4],
  ['objectives', '3', 100, 1, 3],
];

const year = async (n, county = '_') => {
  const { version: basis } = ok(await monitor.get(`/api/v1/plan?year=${n}`));
  return ok(await monitor.get(`/api/v1/plan/${basis}/indicators?year=${n}${county === '_' ? '' : `&county=${encodeURIComponent(county)}`}`));
};
const told = (n) => (n === '-' ? null : Number(n));

async function approveAll() {
  for (;;) {
    const { values } = ok(await second.get('/api/v1/plan/approvals'));
    if (!values.length) return;
    const { approved } = ok(await second.post('/api/v1/plan/approvals', { values: Object.fromEntries(values.map((v) => [v.id, String(v.version)])) }));
    assert.equal(approved, values.length);
  }
}
const enter = async (rows) => {
  const answer = ok(await tableSend(coordinator, '/api/v1/plan/import', `indicator,period,institution,county,numerator,denominator,value\n${rows.map((r) => r.join(',')).join('\n')}\n`));
  assert.deepEqual([answer.done, answer.rows], [true, rows.length], JSON.stringify(answer));
  await approveAll();
};

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'isigurt-hand-'));
  fs.chmodSync(folder, 0o755);
  site = await Instance.start({ at: AUGUST, init: ['--country', withoutYears(folder, /demo-(values|targets|figures|registers|reports)\.(csv|jsonl)$/)] });
  const { person } = await hiring(site);
  [coordinator, monitor] = [await site.signIn('coordinator'), await site.signIn('monitor')];
  [second, drafter] = [await person('koordinator.dy', 'MSHMS', 'coordinator'), await person('ashdmf.nje', 'ASHDMF', 'coordinator')];
});
after(async () => { await site.remove(); fs.rmSync(folder, { recursive: true, force: true }); });

test('the plan, targets, values and rows of three years are entered', async () => {
  await versionMake(site, coordinator, '2019-01-01', (n) => itemChange(site, coordinator, n, 'activity', '1.5', { 'fields.weight': '3' }));
  await versionMake(site, coordinator, '2019-07-01', (n) => itemChange(site, coordinator, n, 'activity', '1.5', { 'fields.weight': '9' })); // in the middle of a year: of 2020, not of 2019
  const targets = ok(await tableSend(coordinator, '/api/v1/plan/targets/import', `indicator,year,baseline,target,weight\n${TARGETS.map((t) => t.join(',')).join('\n')}\n`));
  assert.deepEqual([targets.done, targets.rows], [true, TARGETS.length], JSON.stringify(targets));
  let n = 0;
  for (const [code, fields, ...stages] of ROWS) {
    const { id } = ok(await second.post('/api/v1/registers/entries', { code, fields: { title: `Rreshti ${++n}`, ...fields } }), 201);
    for (const [i, [stage, date]] of stages.entries()) ok(await second.post(`/api/v1/registers/entries/${id}/stage`, { version: i + 1, stage, date }));
  }
  await enter(VALUES);
});

test('values of three years, of the country and of counties', async () => {
  const read = new Map();
  for (const line of FIGURES) {
    const [n, code, county, ...numbers] = line.split('|')[0].trim().split(/\s+/);
    const key = `${n} ${county}`;
    if (!read.has(key)) read.set(key, await year(n, county));
    const x = read.get(key).indicators.find((i) => i.code === code);
    assert.deepEqual([x.value, x.numerator, x.denominator], numbers.map(told), line);
    assert.equal(x.suppressed, false, line);
  }
  assert.ok(FIGURES.length >= 40);
});

test('small numbers of persons of a year that is over, and persons of one that runs', async () => {
  // 30 Berat + 40 Fier + 3 Vlorë = 73: Vlorë is below five, and so that it is not 73 − 30 − 40, the cheapest other one is hidden too.
  const of = async (county) => { const x = (await year(2019, county)).indicators.find((i) => i.code === '4.1.a'); return [x.value, x.suppressed]; };
  assert.deepEqual(await of('_'), [73, false]);
  assert.deepEqual(await of('Vlorë'), [null, true]);
  assert.deepEqual(await of('Berat'), [null, true]);
  assert.deepEqual(await of('Fier'), [40, false]);
  for (const x of (await year(2020)).indicators) assert.equal(x.suppressed, ['1.3.b', '1.3.c', '3.1.c', '4.1.a', '4.1.b', '4.1.c', '4.3.c'].includes(x.code), x.code);
});

test('achievement, what is expected by now, light, trend', async () => {
  const read = { 2019: await year(2019), 2020: await year(2020) };
  const wrong = [];
  for (const line of SCORES) {
    const [n, code, achievement, expected, status, trend] = line.split('|')[0].trim().split(/\s+/);
    const x = read[n].indicators.find((i) => i.code === code);
    const seen = [x.achievement, x.expected, x.status, x.trend].join(' '), wanted = [told(achievement), told(expected), status, trend].join(' ');
    if (seen !== wanted) wrong.push(`${line}: ${seen}`);
  }
  assert.deepEqual(wrong, []);
});

test('means of activities and objectives, with their weights, and how many have data', async () => {
  const y = await year(2019);
  for (const [kind, code, score, n, of] of MEANS) {
    const x = y[kind].find((a) => a.code === code);
    assert.deepEqual([x.score, x.with_data, x.of], [score, n, of], `${kind} ${code}`);
  }
});

test('a version in the middle of a year: that year keeps its basis, the next one takes it', async () => {
  assert.deepEqual([(await year(2018)).version, (await year(2019)).version, (await year(2020)).version], [1, 2, 3]);
});

test('what comes late changes its own period only, and nothing that was frozen', async () => {
  const numbers = async (n) => Object.fromEntries((await year(n)).indicators.filter((i) => i.code !== 'X.6').map((i) => [i.code, i.value])); // X.6 counts what was approved: this value too
  report = ok(await drafter.post('/api/v1/plan/reports', { year: 2019 }), 201).id;
  const frozen = async () => (await drafter.get(`/api/v1/plan/reports/${report}/file?lang=sq&form=json`)).json;
  const all = async () => [await numbers(2018), await numbers(2019), await numbers(2020)];
  const [was, before_] = [await all(), await frozen()];
  await enter([['1.5.a', '2019-11', 'DAR', 'Fier', '', '', '8'], ['1.2.d', '2018-11', 'ISIGURT', '', '', '', '2']]);
  const now = await all();
  assert.deepEqual(now[0], was[0], '2018: a month before the last one changes not what stood at the end');
  assert.deepEqual(now[2], was[2]);
  assert.deepEqual(now[1], { ...was[1], '1.5.a': 20 }); // 12 + 8
  assert.equal((await year(2019)).indicators.find((i) => i.code === '1.5.a').achievement, 100); // 20 / 20
  assert.equal((await year(2019)).activities.find((a) => a.code === '1.5').score, 58.3333); // (2 × 1 + 0 + 1/3) / 4
  assert.deepEqual(await frozen(), before_, 'the snapshot is as it was');
  assert.equal(before_.indicators.find((i) => i.code === '1.5.a').value, 12 * 10000); // ten-thousandths
  // The plan changed again since: the snapshot says which version it was made by.
  assert.equal(before_.version, 2);
});
