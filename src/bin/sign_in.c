// sign_in: a person at the command line, for what the audit trail must name.
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bin/command.h"
#include "crypto/crypto.h"

// A secret from the terminal without showing it, or a line of standard input.
#define ASK_MAX 260 // bytes: the longest password that the keeper takes (256), the line's end, and one to see that it is longer

static void ask(const char *what, char into[static ASK_MAX])
{
    struct termios shown, hidden;
    bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        fprintf(stderr, "%s: ", what);
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    char *line = fgets(into, ASK_MAX, stdin);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    if (!line)
        command_fail(2, "%s is wanted on standard input", what);
    size_t n = strcspn(into, "\r\n");
    if (n == ASK_MAX - 1) // what is left of it would be taken for the next answer
        command_fail(2, "%s is too long", what);
    into[n] = 0;
}

void command_sign_in(struct keeper *keeper, const char *socket, const char *as, struct token *out)
{
    char password[ASK_MAX], totp[ASK_MAX];
    struct keeper_session session;
    int64_t wait = 0;
    ask("password", password);
    ask("code of the app (TOTP)", totp);
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
