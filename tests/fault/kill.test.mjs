// kill -9 of any process at any moment under load: every acknowledged report is there afterwards, readable, once; the
// audit trail verifies; a killed keeper costs no session.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, sleep, until } from '../lib/instance.mjs';

for (const store of ['sqlite', 'postgres']) {
  test(`killed again and again (${store})`, async (t) => {
    const site = await Instance.start({ store });
    t.after(() => site.remove());
    const officer = await site.signIn('duty_officer');
    const sent = new Map(); // receipt → text
    let running = true, refused = 0;
    const sender = async (name) => {
      for (let i = 0; running; i++) {
        const text = `${name} ${i}`;
        const answer = await site.report({ text, category: 'HARM', submission: undefined }).catch(() => null);
        if (answer?.status === 201) sent.set(answer.json.receipt, text);
        else refused++;
      await sleep(40); // opens are bounded by the hour and the day: a few hundred reports are enough
      }
    };
    const senders = ['a', 'b', 'c', 'd'].map(sender);
    const rounds = ['portal', 'desk', 'keeper', 'courier', 'portal', 'keeper', 'desk', 'portal', 'desk', 'keeper', 'portal', 'desk'];
    for (const [i, program] of rounds.entries()) {
      await sleep(150 + (i * 97) % 400);
      await until(`${program} to be up`, () => site.pids()[program], 20000);
      site.kill(program);
    }
    await sleep(500);
    running = false;
    await Promise.all(senders);
    assert.ok(sent.size > 20, `${sent.size} were sent, ${refused} refused`);
    await until('all programs back', () => Object.keys(site.pids()).length === 4, 30000);

    // Each one that was acknowledged, by its receipt and at the desk.
    for (const receipt of sent.keys()) {
      const seen = await until('the portal', async () => { const f = await site.follow(receipt); return f.status === 200 || f.status === 404 ? f : null; });
      assert.equal(seen.status, 200, `${receipt} is there`);
    }
    const wanted = new Set(sent.values());
    const texts = new Map(); // report → text
    let session = officer;
    await until('all at the desk', async () => {
      for (let next = ''; next !== null;) {
        const page = await session.get(`/api/v1/reports?state=new${next ? `&after=${next}` : ''}`);
        if (page.status === 401) { session = await site.signIn('duty_officer'); return false; }
        if (page.status !== 200) return false;
        for (const row of page.json.reports.filter((r) => r.category === 'HARM' && !texts.has(r.id))) {
          const opened = await session.get(`/api/v1/reports/${row.id}`);
          if (opened.status === 200) texts.set(row.id, opened.json.text);
          else if (opened.status === 429) { site.advance(601); return false; } // opens are bounded by minute and hour
          else return false;
        }
        next = page.json.next ?? null;
      }
      return [...wanted].every((text) => [...texts.values()].includes(text));
    }, 120000);
    for (const text of wanted) assert.equal([...texts.values()].filter((x) => x === text).length, 1, `${text}, once`);
    await site.stop();
    assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
  });
}

test('a killed keeper costs no session', async (t) => {
  const site = await Instance.start();
  t.after(() => site.remove());
  const officer = await site.signIn('duty_officer');
  const before = site.kill('keeper');
  await until('a new keeper', () => site.pids().keeper && site.pids().keeper !== before, 20000);
  await until('the session to go on', async () => (await officer.get('/api/v1/reports?state=new')).status === 200, 20000);
});
