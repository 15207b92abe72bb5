// Table files of the plan as they really come: in a wrong encoding, with a byte order mark, other separators, open quotes, too large. Each
// is taken as it was meant or refused with a sentence that says where, and nothing of a refused one is written.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';
import { ok } from '../lib/people.mjs';
import { tableSend } from '../lib/plan.mjs';

let site, coordinator;
before(async () => { site = await Instance.start(); coordinator = await site.signIn('coordinator'); });
after(() => site.remove());

const head = 'indicator,period,institution,county,numerator,denominator,value,comment\n';
const row = (period, value) => `4.1.a,${period},ALO116,,,,${value},\n`;
const send = (where, bytes, write) => tableSend(coordinator, where, bytes, write);
const values = (bytes, write) => send('/api/v1/plan/import', bytes, write);
const stands = async (period) => ok(await coordinator.get(`/api/v1/plan/entry?period=${period}&institution=ALO116`)).values.find((v) => v.indicator === '4.1.a' && v.period === period).value;

test('a byte order mark, semicolons, tabs, quotes, Windows line ends, columns in another order', async () => {
  const fine = [`\ufeff${head}${row('2018-01', 1)}`, (head + row('2018-02', 2)).replaceAll(',', ';'), (head + row('2018-03', 3)).replaceAll(',', '\t'), (head + row('2018-04', 4)).replaceAll('\n', '\r\n'),
    `${head}"4.1.a","2018-05","ALO116",,,,"5","me ""thonjëza"", presje\ndhe rresht të ri"\n`, 'value,institution,indicator,period\n6,ALO116,4.1.a,2018-06\n', `${head}\n\n${row('2018-07', 7)}\n`];
  for (const [i, file] of fine.entries()) {
    assert.equal(ok(await values(file)).saved, 1, file);
    assert.equal(await stands(`2018-0${i + 1}`), String(i + 1));
  }
});

test('what cannot be read is refused by line, and nothing of it is written', async () => {
  const good = row('2019-01', 9);
  const bad = [
    [Buffer.from(`${head}${good}4.1.a,2019-02,ALO116,Kor\xe7\xeb,,,1,\n`, 'latin1'), 3, /UTF-8/],
    [Buffer.from(`\ufeff${head}${good}`, 'utf16le'), 1, /UTF-8/],
    [`${head}${good}4.1.a,2019-02,ALO116,,,,"1,\n`, 3, /thonj/i],
    [`${head}${good}4.1.a,2019-02,ALO116,,,,"1"2,\n`, 3, /thonj/i],
    [`${head}${good}4.1.a,2019-02,ALO116,,,,1,,,,tepër\n`, 3, /./],
    [`${head}${good}4.1.a,2019-02,ALO116,,,,1,${'x'.repeat(70000)}\n`, 3, /./],
    [`${head}${good}4.1.a,2019-02,ALO116,,,,1,${','.repeat(300)}\n`, 3, /./],
    [`${head}${good}=1+1,2019-02,ALO116,,,,1,\n`, 3, /./],
    [`${head}${good}4.1.a,2019-02,ALO116,,,,=2*3,\n`, 3, /./],
    [`indicator,period,value\n4.1.a,2019-01,9\n`, 1, /./],
    [`${head.replace('county', 'qarku')}${good}`, 1, /./],
  ];
  for (const [file, line, says] of bad) {
    const answer = await values(file);
    assert.equal(answer.status, 409, `${String(file).slice(0, 200)}: ${answer.text}`);
    assert.ok(answer.json.lines.some((l) => l.line === line && says.test(l.message)), JSON.stringify(answer.json.lines));
    assert.equal(await stands('2019-01'), null);
  }
});

test('a hundred faults are named and all are counted; each with its line', async () => {
  const file = head + Array.from({ length: 150 }, () => '9.9.z,2019-01,ALO116,,,,1,\n').join('') + row('2019-03', 1);
  const answer = await values(file);
  assert.equal(answer.status, 409);
  assert.deepEqual(answer.json.lines.map((l) => l.line), Array.from({ length: 100 }, (_, i) => i + 2));
  assert.equal(await stands('2019-03'), null);
});

test('too many rows, too many bytes: refused with a sentence, on the page and by the command', async () => {
  const many = await values(head + '4.1.a,2019-01,ALO116,,,,1,\n'.repeat(5001));
  assert.equal(many.status, 409);
  assert.ok(many.json.lines.length > 0);
  // What is announced as too large is refused before it is sent.
  const large = await request(site.desk, 'POST', '/api/v1/plan/import', { headers: { cookie: coordinator.cookies, 'x-csrf-token': coordinator.csrf,
    'content-type': `multipart/form-data; boundary=kufi`, 'content-length': 3 << 20 } });
  assert.equal(large.status, 413, large.text);
  assert.ok(large.json.message.length > 20);
  const file = path.join(site.root, 'madhe.csv');
  fs.writeFileSync(file, head);
  fs.truncateSync(file, 2 ** 30); // a gigabyte of nothing
  const run = (...words) => { const [program, args] = site.command(words); return spawnSync('sh', ['-c', 'ulimit -f 1000000; exec "$@"', 'sh', program, ...args], { encoding: 'utf8', env: site.env }); };
  const store = site.storeUrl ? ['--store', site.storeUrl] : [];
  for (const kind of ['values', 'targets']) {
    const r = run(kind, 'import', '--data', site.data, ...store, file);
    assert.equal(r.status, 1, r.stderr);
    assert.match(r.stderr, /larger|large|MB/i);
  }
});

test('targets: the same reader, the same care', async () => {
  const answer = await send('/api/v1/plan/targets/import', Buffer.from('indicator,year,target\n1.1.a,2019,3\n1.1.b,2019,\xe7\n', 'latin1'));
  assert.equal(answer.status, 409);
  assert.ok(answer.json.lines.some((l) => l.line === 3 && /UTF-8/.test(l.message)));
  assert.equal(ok(await coordinator.get('/api/v1/plan/targets/1.1.a?year=2019')).version, 0, 'all or nothing');
});
