// exchange_frame: vault_frame's installation (a keeper of its own, two units) for tests that speak of web's struct person,
// which has the name of another struct there.
#pragma once
#include "base/id.h"
#include "vault/keeper.h"

enum frame_who { FRAME_OFFICER, FRAME_SECOND, FRAME_OTHER, FRAME_ADMIN, FRAME_CONTACT }; // as vault_frame's enum who
void exchange_frame_make(void);
void exchange_frame_end(void);
struct keeper *exchange_frame_keeper(void);
const char *exchange_frame_keys(void);
struct id exchange_frame_person(enum frame_who who);
struct id exchange_frame_unit(bool other); // the duty unit (officer, second), or the other one (other)
struct token exchange_frame_sign_in(enum frame_who who);
