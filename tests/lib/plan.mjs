// What tests of the plan do by its pages.
import assert from 'node:assert/strict';
import { request } from './instance.mjs';

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
  const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };
  ok(await who.post('/api/v1/plan/versions', { title: `Plani nga ${from}`, reason: 'Ndryshim i provës së planit' }), 201);
  const number = Math.max(...ok(await who.get('/api/v1/plan/versions')).versions.map((v) => v.number));
  await change(number);
  const { version } = ok(await who.get(`/api/v1/plan/versions/${number}`));
  ok(await who.post(`/api/v1/plan/versions/${number}/force`, { version, from, reason: 'Ndryshim i provës së planit', decision: 'Vendim prove' }));
}
