// Proof of work instead of waiting, where many reports came from one network (docs/protocol.md, "Floods"): finds a number so that
// SHA-256 of "token:number" begins with the zero bits asked for, in pieces of 20 ms so that the page stays alive, then sends the
// form again. Own SHA-256 (FIPS 180-4), because crypto.subtle takes a promise for each try.
const root = (n, power) => { const x = n ** (1 / power); return ((x - Math.floor(x)) * 2 ** 32) >>> 0; };
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every(p => n % p)) primes.push(n);
const K = Uint32Array.from(primes, p => root(p, 3)), H = Uint32Array.from(primes.slice(0, 8), p => root(p, 2));
const w = new Uint32Array(64);

// One block of 64 bytes, from byte `at` on, into h.
function block(h, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) w[i] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3)
      + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
  }
  let [a, b, c, d, e, f, g, j] = h;
  for (let i = 0; i < 64; i++) {
    const s = j + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
    const t = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
    j = g; g = f; f = e; e = d + s | 0; d = c; c = b; b = a; a = s + t | 0;
  }
  h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += j;
}

// The first 32 bits of the hash of two blocks: the text is 98 to 116 characters, of which the first 64 never change.
function tries(token) {
  const bytes = new Uint8Array(128), first = H.slice(), h = new Uint32Array(8);
  const put = (text, at) => { for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i); };
  put(token + ':', 0);
  block(first, bytes, 0);
  return number => {
    const text = String(number), n = token.length + 1 + text.length;
    bytes.fill(0, token.length + 1);
    put(text, token.length + 1);
    bytes[n] = 0x80;
    bytes[126] = n * 8 >> 8;
    bytes[127] = n * 8;
    h.set(first);
    block(h, bytes, 64);
    return h[0];
  };
}

export function search(token, bits, until = Infinity, from = 0) {
  const hash = tries(token);
  for (let n = from; ; n++) {
    if (hash(n) >>> 32 - bits === 0) return { found: n };
    if (n % 256 === 255 && Date.now() > until) return { next: n + 1 };
  }
}

const input = globalThis.document?.querySelector('[data-work]');
if (input) {
  for (const e of document.querySelectorAll('[data-wait]')) e.hidden = true;
  for (const e of document.querySelectorAll('[data-working]')) e.hidden = false;
  const { work: token, bits } = input.dataset;
  let from = 0;
  const step = () => {
    const r = search(token, Number(bits), Date.now() + 20, from);
    if (r.found === undefined) {
      from = r.next;
      setTimeout(step);
      return;
    }
    input.value = `${token}:${r.found}`;
    input.form.querySelector('button[value="send"]').click();
  };
  step();
}
