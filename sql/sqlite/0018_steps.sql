-- Whether the steps of a case are told to whoever reported; and when whoever should answer a referral is told of it next.

-- schema desk
alter table desk.case_file add column steps_hidden integer not null default 0;
alter table desk.referral add column elapsed integer not null default 1; -- 0: its clock may count working days alone
alter table desk.referral add column climb_at integer; -- when the next place is told; null: all have been, or nobody waits
update desk.referral set climb_at = case when climbed < 0 then sent else answer_due end where state in ('sent', 'asked') and climbed < 3;
create index desk.referral_climb on referral (urgency, climb_at) where climb_at is not null;
drop index desk.referral_due;
