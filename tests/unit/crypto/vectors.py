#!/usr/bin/python3
"""Writes vectors.h: what docs/protocol.md says, computed without libsodium (hashlib's BLAKE2b; X25519, ChaCha20,
Salsa20 and Poly1305 from their papers). Run by hand after a change of the protocol: ./vectors.py > vectors.h"""
import struct
from hashlib import blake2b

M32 = 0xFFFFFFFF


def label(z):
    return z.encode().ljust(16, b"\0")


def H(n, z, key, m, salt=b"\0" * 16):
    return blake2b(m, digest_size=n, key=key or b"", salt=salt, person=label(z)).digest()


def D(n, ident, ctx, key):
    return blake2b(b"", digest_size=n, key=key, salt=struct.pack("<Q8x", ident), person=ctx.encode() + b"\0" * 8).digest()


def rotl(v, n):
    return ((v << n) | (v >> (32 - n))) & M32


def chacha_rounds(x):
    def q(a, b, c, d):
        x[a] = (x[a] + x[b]) & M32; x[d] = rotl(x[d] ^ x[a], 16)
        x[c] = (x[c] + x[d]) & M32; x[b] = rotl(x[b] ^ x[c], 12)
        x[a] = (x[a] + x[b]) & M32; x[d] = rotl(x[d] ^ x[a], 8)
        x[c] = (x[c] + x[d]) & M32; x[b] = rotl(x[b] ^ x[c], 7)
    for _ in range(10):
        q(0, 4, 8, 12); q(1, 5, 9, 13); q(2, 6, 10, 14); q(3, 7, 11, 15)
        q(0, 5, 10, 15); q(1, 6, 11, 12); q(2, 7, 8, 13); q(3, 4, 9, 14)
    return x


CONST = struct.unpack("<4I", b"expand 32-byte k")


def hchacha(key, n16):
    x = chacha_rounds(list(CONST + struct.unpack("<8I", key) + struct.unpack("<4I", n16)))
    return struct.pack("<8I", *(x[0:4] + x[12:16]))


def chacha_block(key, counter, n12):
    s = list(CONST + struct.unpack("<8I", key) + (counter,) + struct.unpack("<3I", n12))
    x = chacha_rounds(s[:])
    return struct.pack("<16I", *[(a + b) & M32 for a, b in zip(x, s)])


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def poly1305(key, m):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    a = 0
    for i in range(0, len(m), 16):
        a = (a + int.from_bytes(m[i:i + 16] + b"\1", "little")) * r % (2 ** 130 - 5)
    return ((a + int.from_bytes(key[16:], "little")) & (2 ** 128 - 1)).to_bytes(16, "little")


def pad16(m):
    return m + b"\0" * (-len(m) % 16)


def E(key, nonce, ad, m):
    k, n = hchacha(key, nonce[:16]), b"\0" * 4 + nonce[16:]
    c = b"".join(xor(m[i:i + 64], chacha_block(k, 1 + i // 64, n)) for i in range(0, len(m), 64))
    tag = poly1305(chacha_block(k, 0, n)[:32], pad16(ad) + pad16(c) + struct.pack("<QQ", len(ad), len(c)))
    return nonce + c + tag


def salsa_rounds(x):
    def q(a, b, c, d):
        x[b] ^= rotl((x[a] + x[d]) & M32, 7); x[c] ^= rotl((x[b] + x[a]) & M32, 9)
        x[d] ^= rotl((x[c] + x[b]) & M32, 13); x[a] ^= rotl((x[d] + x[c]) & M32, 18)
    for _ in range(10):
        q(0, 4, 8, 12); q(5, 9, 13, 1); q(10, 14, 2, 6); q(15, 3, 7, 11)
        q(0, 1, 2, 3); q(5, 6, 7, 4); q(10, 11, 8, 9); q(15, 12, 13, 14)
    return x


def salsa_state(key, n16):
    k, n = struct.unpack("<8I", key), struct.unpack("<4I", n16)
    return [CONST[0], *k[:4], CONST[1], *n, CONST[2], *k[4:], CONST[3]]


def hsalsa(key, n16):
    x = salsa_rounds(salsa_state(key, n16))
    return struct.pack("<8I", *[x[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)])


def salsa_stream(key, n8, n):
    out = b""
    for i in range(n // 64 + 1):
        s = salsa_state(key, n8 + struct.pack("<Q", i))
        x = salsa_rounds(s[:])
        out += struct.pack("<16I", *[(a + b) & M32 for a, b in zip(x, s)])
    return out[:n]


def x25519(scalar, u):
    p, k = 2 ** 255 - 19, bytearray(scalar)
    k[0] &= 248; k[31] = k[31] & 127 | 64
    k, x1 = int.from_bytes(k, "little"), int.from_bytes(u, "little") & (2 ** 255 - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


BASE = (9).to_bytes(32, "little")


def pair(seed):
    from hashlib import sha512
    sk = sha512(seed).digest()[:32]
    return x25519(sk, BASE), sk


def S(pk, eph_sk, m):
    eph_pk = x25519(eph_sk, BASE)
    nonce = blake2b(eph_pk + pk, digest_size=24).digest()
    k = hsalsa(hsalsa(x25519(eph_sk, pk), b"\0" * 16), nonce[:16])
    stream = salsa_stream(k, nonce[16:], 32 + len(m))
    c = xor(m, stream[32:])
    return eph_pk + poly1305(stream[:32], c) + c


def count(n, start=0):
    return bytes((start + i) % 256 for i in range(n))


def pad(m):
    block = 1024
    while block <= len(m):
        block *= 2
    return m + b"\x80" + b"\0" * (block - len(m) - 1)


def ad(typ, field, direction, version, seq, home, item, kid, generation, meta):
    return (b"isigurt.record.1" + bytes([typ, field, direction, 0]) + struct.pack("<IQ", version, seq) + home + item + kid +
            struct.pack("<Q8x", generation) + meta)


def show(name, b):
    print(f"static const uint8_t {name}[{len(b)}] = {{")
    for i in range(0, len(b), 20):
        print("    " + ", ".join(f"0x{x:02x}" for x in b[i:i + 20]) + ",")
    print("};")


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def receipt(name, code, install):
    code = code[:12] + bytes([code[12] & 0xF0])
    bits = int.from_bytes(code, "big") >> 4
    text = "".join(ALPHABET[bits >> 5 * (19 - i) & 31] for i in range(20))
    text = "-".join(text[i:i + 4] for i in range(0, 20, 4))
    root = H(32, "isigurt.receipt1", None, code, salt=install)
    print(f'#define {name}_TEXT "{text}"')
    n = name.lower()
    show(n + "_lookup", D(16, 1, "isgrcpt1", root))
    show(n + "_thread", D(32, 2, "isgrcpt1", root))
    show(n + "_content", H(16, "isigurt.content1", D(32, 3, "isgrcpt1", root), b"what was sent"))


def main():
    # The ways of this file against published vectors (RFC 8439 2.5.2, RFC 7748 5.2) before they judge anything.
    assert poly1305(bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b"),
                    b"Cryptographic Forum Research Group").hex() == "a8061dc1305136c6c22b8baf0c0127a9"
    assert x25519(bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"), bytes.fromhex(
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")).hex() == \
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"

    print("// Written by vectors.py; not by hand.")
    print("#pragma once\n#include <stdint.h>\n")
    key, install = count(32, 1), count(16, 0xA0)
    home, item, child = count(16, 0x10), count(16, 0x20), count(16, 0x30)
    show("v_hash", H(32, "isigurt.meta...1", None, b"one two"))
    show("v_hash_keyed", H(16, "isigurt.csrf...1", key, b""))
    show("v_hash_short", H(10, "isigurt.finger.1", None, key))
    show("v_derive", D(32, 7, "isgkeep1", key))
    show("v_sealed", E(key, count(24, 0x40), b"isigurt.person.1", b"plain text of no length in particular, longer than one block of 64"))
    pk, sk = pair(count(32, 0x50))
    show("v_pair_pk", pk)
    show("v_pair_sk", sk)
    show("v_box", S(pk, count(32, 0x70), key))
    kid = H(16, "isigurt.keyid..1", key, b"")
    show("v_kid", kid)
    meta = H(32, "isigurt.meta...1", None, struct.pack("<q", -5) + struct.pack("<I", 4) + b"CSAM" + struct.pack("<I", 0))
    show("v_meta", meta)
    a = ad(1, 2, 1, 3, 4, home, item, kid, 5, meta)
    show("v_ad", a)
    show("v_record", E(key, count(24, 0x41), a, pad(b"a report")))
    child_key = count(32, 0x90)
    child_kid = H(16, "isigurt.keyid..1", child_key, b"")
    show("v_child_kid", child_kid)
    wrap_ad = b"isigurt.wrap...1" + home + child + child_kid + struct.pack("<Q", 6)
    show("v_wrap", E(key, count(24, 0x42), wrap_ad, child_key))
    show("v_page", H(32, "isigurt.page...1", None, b"\x01" + b"http://a.example/x"))
    receipt("V_RECEIPT", count(13, 0xC1), install)
    receipt("V_SUBMITTED", H(16, "isigurt.code...1", None, count(16, 0x33) + install)[:13], install)


main()
