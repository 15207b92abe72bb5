// news_alarm: tells a unit that the other side of a referral did or wrote something, where no clock's mail does. Once, until the unit
// opens the referral.
#pragma once
#include "exchange/exchange.h"

// One look; call each 5 s. Fills the outbox, sends nothing itself.
#define NEWS_ALARM_MAX 256 // referrals a side and transaction; what there is more waits for the next look
void exchange_news_run(struct services *sv);
