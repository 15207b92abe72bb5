// A trusted flagger's credential: 32 random bytes as 64 hex digits; what is stored is a digest.
#include "report/report.h"

void flagger_credential(char out[static FLAGGER_CREDENTIAL])
{
    struct id half[2] = {id_random(), id_random()};
    id_hex(half[0], out);
    id_hex(half[1], out + ID_HEX - 1);
    crypto_wipe(half, sizeof half);
}

enum err flagger_secret(struct str credential, uint8_t out[32])
{
    struct id half[2];
    credential = str_trim(credential);
    if (credential.n != FLAGGER_CREDENTIAL - 1 || id_from_hex(str_slice(credential, 0, 32), &half[0]) != OK ||
        id_from_hex(str_slice(credential, 32, 64), &half[1]) != OK)
        return ERR_MALFORMED;
    crypto_digest(out, 32, "isigurt.flagge.1", NULL, CRYPTO_PARTS(STR_BYTES(half[0].b), STR_BYTES(half[1].b)));
    crypto_wipe(half, sizeof half);
    return OK;
}
