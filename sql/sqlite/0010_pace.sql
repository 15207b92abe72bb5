-- How long it really takes: what the desk has measured lately, for the portal to say; one row an urgency, written by the desk.

-- schema reply
create table reply.pace (
    urgency integer primary key not null check (urgency between 1 and 4),
    looked integer,                     -- µs from a report's arrival to its first opening, median; null: too few
    looked_over integer not null,       -- 1: half of them waited longer than that
    answered integer,                   -- µs to the first answer
    answered_over integer not null
) strict;
-- Which of the rows holds for this report.
alter table reply.thread add column urgency integer;
