// What tests of the plan do: values put, table files sent, items of a draft changed by its page.
import assert from 'node:assert/strict';
import { request } from './instance.mjs';
import { ok } from './people.mjs';

// A value of 4.1.a, or of what `more` says, as somebody's page saves it.
export const valuePut = (who, period, value, more = {}) => who.call('PUT', '/api/v1/plan/values', { indicator: '4.1.a', period, value, version: 0, ...more });

// A table file, sent as a browser does; write: not only looked through; fields: of the form, beside it.
export function tableSend(who, where, bytes, write = true, fields = {}) {
  const edge = 'kufi1234567', part = (name, rest = '') => `--${edge}\r\ncontent-disposition: form-data; name="${name}"${rest}\r\n\r\n`;
  const beside = Object.entries(write ? { ...fields, write: 1 } : fields).map(([name, value]) => `${part(name)}${value}\r\n`).join('');
  const body = Buffer.concat([Buffer.from(`${beside}${part('file', '; filename="v.csv"')}`), Buffer.from(bytes), Buffer.from(`\r\n--${edge}--\r\n`)]);
  return request(who.instance.desk, 'POST', where, { headers: { cookie: who.cookies, 'x-csrf-token': who.csrf, 'content-type': `multipart/form-data; boundary=${edge}`, 'content-length': body.length }, body });
}

// Sends a draft's item as its page shows it, with some fields changed.
export async function itemChange(site, who, number, kind, item, changes) {
  const where = `/plan/versions/${number}/item`;
  const { text } = await request(site.desk, 'GET', `${where}?kind=${kind}&item=${item}`, { headers: { cookie: who.cookies } });
  const un = (s) => s.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');
  const form = { csrf: who.csrf };
  for (const [, name, value] of text.matchAll(/<input type="hidden" name="(kind|item|version)" value="([^"]*)"/g)) form[name] = un(value);
  for (const [, name, value] of text.matchAll(/<input id="[^"]*" name="(fields\.[^"]*)" type="text" value="([^"]*)"/g)) form[name] = un(value);
  for (const [, name, value] of text.matchAll(/<textarea id="[^"]*" name="(fields\.[^"]*)"[^>]*>\n?([^<]*)<\/textarea>/g)) form[name] = un(value);
  for (const [, name, body] of text.matchAll(/<select id="[^"]*" name="(fields\.[^"]*)"[^>]*>(.*?)<\/select>/gs)) form[name] = un(body.match(/<option value="([^"]*)" selected/)?.[1] ?? '');
  for (const [, name] of text.matchAll(/<input type="checkbox" name="(fields\.[^"]*)" value="1" checked/g)) form[name] = '1';
  const sent = await request(site.desk, 'POST', where, { headers: { cookie: who.cookies, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form, ...changes }).toString() });
  assert.equal(sent.status, 303, sent.text.slice(0, 2000));
}

// A new version with that change, in force from a day.
export async function versionMake(site, who, from, change) {
  ok(await who.post('/api/v1/plan/versions', { title: `Plani nga ${from}`, reason: 'Ndryshim i provës së planit' }), 201);
  const number = Math.max(...ok(await who.get('/api/v1/plan/versions')).versions.map((v) => v.number));
  await change(number);
  const { version } = ok(await who.get(`/api/v1/plan/versions/${number}`));
  ok(await who.post(`/api/v1/plan/versions/${number}/force`, { version, from, reason: 'Ndryshim i provës së planit', decision: 'Vendim prove' }));
}
