// news_alarm: tells a unit that the other side of a referral did or wrote something, where no clock's mail does. Once, until the unit
// opens the referral.
#pragma once
#include "exchange/exchange.h"

void exchange_news_run(struct services *sv); // one look; call each 5 s. Fills the outbox, sends nothing itself.
