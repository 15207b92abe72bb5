// sign_in: a person at the command line, for what the audit trail must name.
#include <stdio.h>

#include "bin/command.h"
#include "crypto/crypto.h"

void command_sign_in(struct keeper *keeper, const char *socket, const char *as, struct token *out)
{
    char password[COMMAND_ASK_MAX], totp[COMMAND_ASK_MAX];
    struct keeper_session session;
    int64_t wait = 0;
    command_ask("password", password);
    command_ask("code of the app (TOTP)", totp);
    enum err e = keeper_sign_in(keeper, str_from(as), str_from(password), str_from(totp), (struct id){0}, out, &session, &wait);
    crypto_wipe(password, sizeof password);
    crypto_wipe(totp, sizeof totp);
    crypto_wipe(&session, sizeof session);
    if (e == ERR_LIMITED)
        command_fail(1, "too many wrong sign-ins; try again in %lld seconds", (long long)wait);
    if (e == ERR_AWAY)
        command_fail(1, "the keeper does not answer at %s; start it with 'isigurt serve'", socket);
    if (e)
        command_fail(1, "the sign-in of %s failed; check name, password and code (a code works once)", as);
}

void command_sign_out(struct keeper *keeper, struct token *t)
{
    if (keeper_sign_out(keeper, t, false))
        fprintf(stderr, "isigurt: the session could not be ended; it ends by itself\n");
    crypto_wipe(t, sizeof *t);
}
