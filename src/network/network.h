// network: a directory of all who work for children online (opt-in), and a space where they talk: across state, civil society
// and industry. Nothing of a case may stand here, and nothing here is sealed: the page says so, and what looks like a
// report's id, a receipt, a case's number, an address or a telephone number is refused. Other rooms include this header only.
#pragma once
#include "base/str.h"

// What must not stand in a text here.
enum network_fault { NETWORK_FINE, NETWORK_ID, NETWORK_RECEIPT, NETWORK_CASE, NETWORK_ADDRESS, NETWORK_PHONE };
// text: of any length; folded first (NFKC, dashes, invisible signs, "[dot]"), then looked at in time linear in it. No memory: ADDRESS.
//   ID       32 hex digits (hyphens as in a UUID too): reports, cases, referrals
//   RECEIPT  20 symbols of a receipt code, in groups of four or in one
//   CASE     year-number as cases have them ("2026-0007"); not two years ("2026-2027")
//   ADDRESS  of a page, a mailbox, an account ("@ana", "instagram/ana.k") or a machine, also half hidden (hxxp, [.])
//   PHONE    a telephone number of a person; helplines of three and six digits are none
enum network_fault network_check(struct str text);

struct routes;
extern const struct routes network_desk_routes;
