-- The action plan: its versions, targets, what stood at the end of months, and what registers count for it. Times are µs UTC.

-- schema desk
create table desk.plan_version (        -- a whole plan; never changed once it is in force
    number bigint primary key not null, -- 1: the country pack's
    title text collate "C" not null,
    document text collate "C" not null,             -- JSON: the object of the pack's section "plan" (pack/plan.h)
    based_on bigint,                   -- number; null: the pack
    reason text collate "C" not null,               -- of the change
    decision text collate "C" not null,             -- who signed it and by which act; '' while it is a draft
    from_day bigint,                   -- yyyymmdd: in force from this day until the next one's; null: a draft
    changes bigint not null,           -- raised by each change of a draft: who writes with an older one is told
    made_by bytea,                       -- null: the program
    made_at bigint not null,
    forced_by bytea,
    forced_at bigint
);
create table desk.plan_target (         -- what an indicator shall reach in a year; amounts in ten-thousandths
    indicator text collate "C" not null,            -- its code
    year bigint not null,
    baseline bigint,                   -- null: not set
    target bigint,
    weight bigint not null check (weight > 0), -- in the mean of its activity, ten-thousandths
    rationale text collate "C" not null,
    version bigint not null,
    person bytea not null,
    at bigint not null,
    primary key (indicator, year)
);
create table desk.plan_target_version ( -- each version of a row, whole
    indicator text collate "C" not null,
    year bigint not null,
    version bigint not null,
    baseline bigint,
    target bigint,
    weight bigint not null,
    rationale text collate "C" not null,
    person bytea not null,
    at bigint not null,
    primary key (indicator, year, version)
);
create table desk.plan_reading (        -- what can only be counted as it stands now: the last count of each month stays
    what text collate "C" not null,                 -- 'network.contacts' …: room and measure of a passport's term
    month bigint not null,             -- yyyymm, in the country's zone
    n bigint not null,
    at bigint not null,
    primary key (what, month)
);
-- What a row of a register that counts says, in one text, so that all questions of the plan are answered by one walk.
create table desk.entry_tally (
    register text collate "C" not null,
    entry bigint not null,             -- entry.seq
    institution bytea not null,
    county text collate "C" not null,
    day bigint not null,
    demo bigint not null check (demo in (0, 1)),
    facts text collate "C",                         -- lines "FIELD\tVALUE\tN" of entry_value, then "\tSTAGE\tDAY" of entry_stage; null: look there
    primary key (register, entry)
);
create index entry_tally_old on desk.entry_tally (entry) where facts is null;
insert into desk.entry_tally (register, entry, institution, county, day, demo)
    select register, seq, institution, county, day, demo from desk.entry where counts = 1;
