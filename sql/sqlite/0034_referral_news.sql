-- What the other side did or wrote since one's own last opened a referral; and a referral that was accepted owes its outcome by a day.

-- schema desk
alter table desk.referral add column news_from integer not null default 0; -- for the sender: 0 nothing, 1 nobody was told yet, 2 told
alter table desk.referral add column news_to integer not null default 0;   -- the same for the receiver
update desk.referral set answer_due = state_at + 2592000000000, climb_at = state_at + 2592000000000, climbed = -1 where state = 'accepted' and kind = 'referral'; -- they had no day
create index desk.referral_news_from on referral (from_unit, urgency, seq) where news_from > 0;
create index desk.referral_news_to on referral (to_unit, urgency, seq) where news_to > 0;
create index desk.referral_untold_from on referral (seq) where news_from = 1;
create index desk.referral_untold_to on referral (seq) where news_to = 1;
