-- The action plan: its versions, targets, what stood at the end of months, and what registers count for it. Times are µs UTC.

-- schema desk
create table desk.plan_version (        -- a whole plan; never changed once it is in force
    number integer primary key not null, -- 1: the country pack's
    title text not null,
    document text not null,             -- JSON: the object of the pack's section "plan" (pack/plan.h)
    based_on integer,                   -- number; null: the pack
    reason text not null,               -- of the change
    decision text not null,             -- who signed it and by which act; '' while it is a draft
    from_day integer,                   -- yyyymmdd: in force from this day until the next one's; null: a draft
    changes integer not null,           -- raised by each change of a draft: who writes with an older one is told
    made_by blob,                       -- null: the program
    made_at integer not null,
    forced_by blob,
    forced_at integer
) strict;
create table desk.plan_target (         -- what an indicator shall reach in a year; amounts in ten-thousandths
    indicator text not null,            -- its code
    year integer not null,
    baseline integer,                   -- null: not set
    target integer,
    weight integer not null check (weight > 0), -- in the mean of its activity, ten-thousandths
    rationale text not null,
    version integer not null,
    person blob not null,
    at integer not null,
    primary key (indicator, year)
) strict;
create table desk.plan_target_version ( -- each version of a row, whole
    indicator text not null,
    year integer not null,
    version integer not null,
    baseline integer,
    target integer,
    weight integer not null,
    rationale text not null,
    person blob not null,
    at integer not null,
    primary key (indicator, year, version)
) strict;
create table desk.plan_reading (        -- what can only be counted as it stands now: the last count of each month stays
    what text not null,                 -- 'network.contacts' …: room and measure of a passport's term
    month integer not null,             -- yyyymm, in the country's zone
    n integer not null,
    at integer not null,
    primary key (what, month)
) strict;
-- What a row of a register that counts says, in one text, so that all questions of the plan are answered by one walk.
create table desk.entry_tally (
    register text not null,
    entry integer not null,             -- entry.seq
    institution blob not null,
    county text not null,
    day integer not null,
    demo integer not null check (demo in (0, 1)),
    facts text,                         -- lines "FIELD\tVALUE\tN" of entry_value, then "\tSTAGE\tDAY" of entry_stage; null: look there
    primary key (register, entry)
) strict;
create index desk.entry_tally_old on entry_tally (entry) where facts is null;
insert into desk.entry_tally (register, entry, institution, county, day, demo)
    select register, seq, institution, county, day, demo from desk.entry where counts = 1;
