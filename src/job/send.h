// send: mail and webhook calls out of the courier, the only program that connects outwards. Blocking, bounded to 30 s.
#pragma once
#include "base/config.h"
#include "base/str.h"

MUST_USE enum err send_start(void); // once per process
// One plain-text mail in UTF-8. Recipient and subject with a line end are refused (ERR_MALFORMED): no header can be added.
// ERR_AWAY: the server cannot be reached or says "later"; ERR_INVALID: it refused for good.
MUST_USE enum err send_mail(const struct config *c, struct str recipient, struct str subject, struct str body);
// POST of a JSON body to the configured webhook; any 2xx is success. No redirect is followed.
MUST_USE enum err send_webhook(const struct config *c, struct str json);
