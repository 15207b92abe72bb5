-- A unit is told by mail that a case file came to it.

-- schema desk
alter table desk.casefile add column told bigint; -- when somebody of to_unit was; null: not yet, or it went outside
update desk.casefile set told = made;
create index casefile_waits on desk.casefile (seq) where told is null and to_unit is not null and revoked_at is null;
