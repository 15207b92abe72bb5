-- How long it really takes: what the desk has measured lately, for the portal to say; one row an urgency, written by the desk.

-- schema reply
create table reply.pace (
    urgency bigint primary key not null check (urgency between 1 and 4),
    looked bigint,                     -- µs from a report's arrival to its first opening, median; null: too few
    looked_over bigint not null,       -- 1: half of them waited longer than that
    answered bigint,                   -- µs to the first answer
    answered_over bigint not null
);
-- Which of the rows holds for this report.
alter table reply.thread add column urgency bigint;
