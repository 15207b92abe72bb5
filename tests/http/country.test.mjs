// Another country: the same programs with another pack, its zone, its first language, its duty room; nothing of Albania's is left.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

const source = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const zone = 'Asia/Kathmandu'; // 5 h 45 min: minutes that no European clock shows
let folder, pack, site;

function write(changes) {
  const at = path.join(pack, 'pack.json');
  fs.writeFileSync(at, JSON.stringify({ ...JSON.parse(fs.readFileSync(at, 'utf8')), ...changes }));
}

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'isigurt-country-'));
  pack = path.join(folder, 'xx');
  fs.cpSync(path.join(source, 'country/al'), pack, { recursive: true });
  write({ code: 'xx', name: { en: 'Elsewhere', sq: 'Diku' }, timezone: zone, languages: ['en', 'sq'] });
  const institutions = path.join(pack, 'institutions.json');
  const all = JSON.parse(fs.readFileSync(institutions, 'utf8'));
  all.duty.room = 'exchange';
  fs.writeFileSync(institutions, JSON.stringify(all));
  site = await Instance.start({ init: ['--country', pack] });
});
after(async () => {
  fs.rmSync(folder, { recursive: true, force: true });
  await site?.remove();
});

const page = (base, target, headers = {}) => request(base, 'GET', target, { headers: { accept: 'text/html', ...headers } });
const clock = (at, timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(new Date(at));

test('pages speak the pack\'s first language to whom has no other, its second to whom asks', async () => {
  assert.match((await page(site.portal, '/')).text, /<html lang="en">/);
  assert.match((await page(site.portal, '/', { 'accept-language': 'sq' })).text, /<html lang="sq">/);
  assert.match((await page(site.desk, '/sign-in')).text, /<html lang="en">/);
});

test('persons begin with the pack\'s first language, new reports go to the unit of the pack\'s duty room', async () => {
  const admin = await site.signIn('administrator');
  const { people } = (await admin.get('/api/v1/people')).json;
  const person = (await admin.get(`/api/v1/people/${people[0].id}`)).json;
  assert.equal(person.language, 'en');
  const { units } = (await admin.get('/api/v1/units')).json;
  assert.deepEqual(units.filter((u) => u.institution === 'ISIGURT').map((u) => u.room), ['exchange']);
});

test('a time at the desk is the time of the pack\'s zone', async () => {
  const officer = await site.signIn('duty_officer');
  assert.equal((await site.report({ text: 'far away', category: 'SCAM' })).status, 201);
  const report = await until('it at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SCAM'));
  const read = await page(site.desk, `/reports/${report.id}`, { cookie: officer.cookies });
  assert.equal(read.status, 200);
  assert.ok(read.text.includes(clock(report.received_at, zone)), `${clock(report.received_at, zone)} is not in the page`);
  assert.ok(!read.text.includes(clock(report.received_at, 'Europe/Tirane')), 'Albania\'s time is in the page');
});

test('a pack with an unknown zone, or labels in a language that it does not name, is refused before anything is made', () => {
  const data = path.join(folder, 'refused');
  for (const [wrong, said] of [[{ timezone: 'Asia/Nowhere' }, /Asia\/Nowhere/], [{ timezone: zone, languages: ['en'] }, /languages/]]) {
    write(wrong);
    assert.throws(() => site.run(['init', '--data', data, '--country', pack]), (e) => e.status === 1 && said.test(e.stderr));
    assert.ok(!fs.existsSync(data) && !fs.existsSync(`${data}-keys`));
    fs.cpSync(path.join(source, 'country/al/pack.json'), path.join(pack, 'pack.json'));
  }
});
