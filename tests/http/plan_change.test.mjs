// What changes while a plan runs: an institution is split and merged, a passport changes in the middle of a year, and where there is nothing
// to divide by there is no percentage.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { itemChange, tableSend, versionMake } from '../lib/plan.mjs';

let site, admin, coordinator, second;
before(async () => {
  site = await Instance.start();
  const hired = await hiring(site);
  admin = hired.admin;
  coordinator = await site.signIn('coordinator');
  second = await hired.person('koordinator.dy', 'MSHMS', 'coordinator');
});
after(() => site.remove());

const send = (rows) => tableSend(coordinator, '/api/v1/plan/import', `indicator,period,institution,county,numerator,denominator,value\n${rows.join('\n')}\n`);
async function enter(rows) {
  assert.equal(ok(await send(rows)).done, true);
  const { values } = ok(await second.get('/api/v1/plan/approvals'));
  ok(await second.post('/api/v1/plan/approvals', { values: Object.fromEntries(values.map((v) => [v.id, String(v.version)])) }));
}
const of = async (year, code, county) => {
  const { version } = ok(await coordinator.get(`/api/v1/plan?year=${year}`));
  return ok(await coordinator.get(`/api/v1/plan/${version}/indicators?year=${year}${county ? `&county=${encodeURIComponent(county)}` : ''}`)).indicators.find((i) => i.code === code);
};

test('an institution is split, later merged: each year has what its institutions said, nothing twice', async () => {
  for (const code of ['NDARE1', 'NDARE2', 'BASHKE']) ok(await admin.post('/api/v1/institutions', { code, type: 'industry', name: `Rrjeti ${code}` }), 201);
  await enter(['3.3.b,2018,ISP,,,,900', '3.3.b,2019,NDARE1,,,,400', '3.3.b,2019,NDARE2,,,,550', '3.3.b,2020,BASHKE,,,,1000']);
  assert.deepEqual([(await of(2018, '3.3.b')).value, (await of(2019, '3.3.b')).value, (await of(2020, '3.3.b')).value], [900, 950, 1000]);
  const { institutions } = ok(await coordinator.get('/api/v1/plan/gaps?year=2019'));
  assert.ok(institutions.some((i) => i.institution === 'NDARE1'), 'a new one owes what its kind owes');
});

test('denominators of 0: zero of nothing is no percentage; beside another it adds nothing', async () => {
  await enter(['1.5.h,2018-01,DAR,Berat,0,0,', '1.5.h,2018-02,DAR,Fier,0,0,', '1.5.h,2018-03,DAR,Fier,3,4,']);
  const [berat, fier, all] = [await of(2018, '1.5.h', 'Berat'), await of(2018, '1.5.h', 'Fier'), await of(2018, '1.5.h')];
  assert.deepEqual([berat.value, berat.status], [null, 'no_data']);
  assert.deepEqual([fier.value, fier.numerator, fier.denominator], [75, 3, 4]);
  assert.equal(all.value, 75);
  assert.equal((await send(['1.5.h,2018-04,DAR,Berat,1,0,'])).status, 409, 'one of nothing');
});

test('a passport that changes in the middle of a year: that year is entered by the old one, the next by the new one', async () => {
  await versionMake(site, coordinator, '2019-07-01', (n) => itemChange(site, coordinator, n, 'indicator', '1.5.a', { 'fields.every': 'quarter' }));
  await enter(['1.5.a,2019-11,DAR,,,,4', '1.5.a,2019-12,DAR,,,,5', '1.5.a,2020-Q1,DAR,,,,7']); // one file for both
  assert.deepEqual([(await of(2019, '1.5.a')).value, (await of(2020, '1.5.a')).value], [9, 7]);
  const wrong = await send(['1.5.a,2019-Q4,DAR,,,,4', '1.5.a,2020-02,DAR,,,,5']);
  assert.deepEqual([wrong.status, wrong.json.lines.map((l) => [l.line, l.column])], [409, [[2, 'period'], [3, 'period']]]);
});
