-- Triage: clocks that climb, hand-over, assessments, bulk, and how much sexual content a worker opens.

-- schema desk
-- act_due: when a taken report must be assessed, set when it is taken. climb_at: when the clock that runs (take_due while new,
-- act_due while taken) tells the next place; null: none runs. climbed: how many places it has told.
alter table desk.report add column act_due bigint;
alter table desk.report add column climb_at bigint;
alter table desk.report add column climbed bigint not null default 0;
update desk.report set climb_at = take_due where state = 'new';
create index report_climb on desk.report (climb_at, seq) where climb_at is not null;
create index report_taken_by on desk.report (taken_by, unit) where taken_by is not null;
-- One opened answer to a question set. What was answered is sealed under the report's key; verdict and version are in its
-- associated data too, so that an altered row does not open.
create table desk.assessment (
    id bytea primary key not null,
    report bytea not null,
    seq bigint not null,
    at bigint not null,
    person bytea not null,
    version bigint not null,           -- of the pack's question set
    verdict text collate "C" not null,              -- the answer to the question "verdict"
    second bigint not null check (second in (0, 1)), -- this verdict needs a second, different person
    kid bytea not null,
    item bytea not null,
    unique (report, seq)
);
create table desk.handover (
    id bytea primary key not null,
    unit bytea not null,
    giver bytea not null,
    taker bytea not null,
    at bigint not null,
    confirmed bigint                   -- null: not yet; the giver still answers for the reports
);
create index handover_taker on desk.handover (taker, at) where confirmed is null;
create index handover_giver on desk.handover (giver, at) where confirmed is null;
create table desk.handover_report (
    handover bytea not null,
    report bytea not null,
    primary key (handover, report)
);
-- Many at once, so that they can be undone at once.
create table desk.bulk (
    id bytea primary key not null,
    unit bytea not null,
    person bytea not null,
    at bigint not null,
    reason text collate "C" not null,               -- the pack's list spam_reason
    undone bigint                      -- null: not
);
create index bulk_unit on desk.bulk (unit, at);
create table desk.bulk_report (
    bulk bytea not null,
    report bytea not null,
    state text collate "C" not null,                -- before
    taken_by bytea,                      -- before
    primary key (bulk, report)
);
-- One row a worker and local day; never which report.
create table desk.exposure (
    person bytea not null,
    day bigint not null,               -- the day's local midnight, µs
    seconds bigint not null,
    openings bigint not null,
    last bigint not null,              -- the newest opening, µs; it counts until the next
    stretch bigint not null,           -- seconds since the last break
    primary key (person, day)
);
create table desk.exposure_lift (
    person bytea primary key not null,
    until bigint not null,
    by_person bytea not null,
    reason text collate "C" not null
);
