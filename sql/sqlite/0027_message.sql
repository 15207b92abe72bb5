-- A reporter who writes again: until when somebody must have read it, and how far along the roster that clock has told;
-- and those that are taken, by their clock.

-- schema desk
-- message_due: of the oldest message that nobody has opened; null: none waits. message_climb_at: when the next place is told;
-- null: none waits, or all have been told. message_climbed: how many places have been told.
alter table desk.report add column message_due integer;
alter table desk.report add column message_climb_at integer;
alter table desk.report add column message_climbed integer not null default 0;
-- Taken before there was a clock for that: as it should have been taken.
update desk.report set act_due = take_due where state = 'taken' and act_due is null;
-- What lay unread before there was a clock is due now.
update desk.report set message_due = received, message_climb_at = received where unread_up > 0 and shredded is null;
create index desk.report_message on report (unit, rank, message_due, seq) where message_due is not null;
create index desk.report_message_climb on report (message_climb_at, seq) where message_climb_at is not null;
create index desk.report_held on report (unit, rank, act_due, seq) where state = 'taken';
