// vault_frame: an installation with a keeper, for the tests of the vault: keys, five persons, two units, a moved clock.
#pragma once
#include "store_test.h"
#include "crypto/page.h"
#include "vault/audit.h"
#include "vault/directory.h"
#include "vault/keeper.h"
#include "vault/server.h"

enum who { OFFICER, SECOND, OTHER, ADMIN, CONTACT, PERSONS };
struct person { const char *name, *password; struct id id; enum role role; char totp[64]; };
extern struct person person[PERSONS];
struct custodian { struct public_key pk; struct key sk; };
extern struct custodian custodian[3]; // of recovery.pub
extern struct id duty_unit, other_unit;
extern struct keeper *keeper;
extern char keys_dir[512], heads_dir[512], socket_path[512];
extern const struct role_table roles;

int frame_make(void **state);              // before a group: installation, then a keeper in a thread of this process
int frame_end(void **state);               // behind it
void frame_start(void);                    // the keeper's thread, and a client
void frame_stop(void);                     // both
void frame_time(int64_t microseconds);     // moves the clock
int frame_serve_main(const char *how);     // the keeper as a program of its own: "serve"; else for another user's desk
const char *totp_now(const char *base32);  // static buffer
enum err sign_in(enum who who, struct id device, struct token *t, struct keeper_session *s);
struct token signed_in(enum who who);      // asserts; moves the clock past the last code's step
enum err verify(struct audit_report *out); // audit_verify of the installation
const char *verify_why(void);              // of the last verify

void frame_erase(const struct id *report, const uint8_t hash[32], size_t n); // the entries of an erasure, by the keeper's node

struct sample { // a report as the portal seals it
    struct id home, item, thread;
    struct key k, k_t;
    struct record_ad ad;
    char sealed[70000], wrap[BOX_BYTES], child[RECORD_WRAP_BYTES];
    size_t n;
    uint8_t box[PAGE_BOX_BYTES];
    struct keeper_path path, thread_path;
    struct keeper_item one;
};
void sample_make(struct sample *s, struct id unit, // stands in the desk as well
                  const char *text, const char *page);
struct keeper_tag tag_for(const struct sample *s);
enum err open_one(const struct token *t, struct sample *s, struct keeper_item *item, struct str *plain); // plain: static
enum err open_text(const struct token *t, struct sample *s, const char *expected); // s's own item; asserts the text where OK
int64_t entries(const char *where); // how many audit entries; "" or "where …"
int64_t acts(void); // entries without heartbeats and checkpoints, which come whenever the clock is moved
