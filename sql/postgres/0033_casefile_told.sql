-- A unit is told by mail that a case file came to it.

-- schema desk
alter table desk.casefile add column told bigint not null default 0; -- 1: the unit that it came to was
update desk.casefile set told = 1;
create index casefile_waits on desk.casefile (seq) where told = 0 and to_unit is not null and revoked_at is null;
