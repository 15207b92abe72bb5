// Persons of institutions of the country pack, made by the administrator.
import assert from 'node:assert/strict';

export const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };

// hire(username, institution's code, role, more fields of the account) → what signs that person in; with signIn: the session.
export async function hiring(site) {
  const admin = await site.signIn('administrator'), all = [];
  for (let next = ''; next !== null;) { // institutions come in pages
    const page = ok(await admin.get(`/api/v1/institutions${next ? `?after=${next}` : ''}`));
    all.push(...page.institutions);
    next = page.next ?? null;
  }
  const hire = async (username, code, role, more = {}) => ({ username,
    ...ok(await admin.post('/api/v1/people', { username, name: `Test ${username}`, institution: all.find((i) => i.code === code).id, roles: [role], ...more }), 201) });
  return { admin, hire, person: async (...words) => site.signIn(await hire(...words)) };
}
