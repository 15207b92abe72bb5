-- Triage: clocks that climb, hand-over, assessments, bulk, and how much sexual content a worker opens.

-- schema desk
-- act_due: when a taken report must be assessed, set when it is taken. climb_at: when the clock that runs (take_due while new,
-- act_due while taken) tells the next place; null: none runs. climbed: how many places it has told.
alter table desk.report add column act_due integer;
alter table desk.report add column climb_at integer;
alter table desk.report add column climbed integer not null default 0;
update desk.report set climb_at = take_due where state = 'new';
create index desk.report_climb on report (climb_at, seq) where climb_at is not null;
create index desk.report_taken_by on report (taken_by, unit) where taken_by is not null;
-- One opened answer to a question set. What was answered is sealed under the report's key; verdict and version are in its
-- associated data too, so that an altered row does not open.
create table desk.assessment (
    id blob primary key not null,
    report blob not null,
    seq integer not null,
    at integer not null,
    person blob not null,
    version integer not null,           -- of the pack's question set
    verdict text not null,              -- the answer to the question "verdict"
    second integer not null check (second in (0, 1)), -- this verdict needs a second, different person
    kid blob not null,
    item blob not null,
    unique (report, seq)
) strict;
create table desk.handover (
    id blob primary key not null,
    unit blob not null,
    giver blob not null,
    taker blob not null,
    at integer not null,
    confirmed integer                   -- null: not yet; the giver still answers for the reports
) strict;
create index desk.handover_taker on handover (taker, at) where confirmed is null;
create index desk.handover_giver on handover (giver, at) where confirmed is null;
create table desk.handover_report (
    handover blob not null,
    report blob not null,
    primary key (handover, report)
) strict;
-- Many at once, so that they can be undone at once.
create table desk.bulk (
    id blob primary key not null,
    unit blob not null,
    person blob not null,
    at integer not null,
    reason text not null,               -- the pack's list spam_reason
    undone integer                      -- null: not
) strict;
create index desk.bulk_unit on bulk (unit, at);
create table desk.bulk_report (
    bulk blob not null,
    report blob not null,
    state text not null,                -- before
    taken_by blob,                      -- before
    primary key (bulk, report)
) strict;
-- One row a worker and local day; never which report.
create table desk.exposure (
    person blob not null,
    day integer not null,               -- the day's local midnight, µs
    seconds integer not null,
    openings integer not null,
    last integer not null,              -- the newest opening, µs; it counts until the next
    stretch integer not null,           -- seconds since the last break
    primary key (person, day)
) strict;
create table desk.exposure_lift (
    person blob primary key not null,
    until integer not null,
    by_person blob not null,
    reason text not null
) strict;
