-- What institutions enter for the plan's indicators: one number (or two parts) for an indicator, a period, an institution and
-- a place. Numbers in ten-thousandths (plan/amount.h), months as yyyymm. In the clear: counts, no persons.

-- schema desk
create table desk.plan_value (
    seq integer primary key autoincrement,
    id blob not null unique,
    indicator text not null,            -- code of the plan
    first integer not null,             -- months of the period, both within it
    last integer not null,
    institution blob not null references institution (id),
    county text not null,               -- '': the whole country
    n integer,                          -- null: not entered
    part_of integer,                    -- the denominator, where the institution enters both parts
    blank text not null,                -- why it is empty on purpose; '': it is not
    comment text not null,
    state text not null check (state in ('draft', 'submitted', 'returned', 'approved')),
    note text not null,                 -- of whoever returned it
    demo integer not null check (demo in (0, 1)),
    version integer not null,
    corrections integer not null,       -- changes made after it was approved
    person blob not null,               -- who changed its numbers last
    at integer not null,
    decided_by blob,                    -- who returned or approved it
    decided_at integer,
    unique (indicator, first, last, institution, county)
) strict;
create index desk.plan_value_period on plan_value (first, last, institution);
create index desk.plan_value_state on plan_value (state, first, institution);
create table desk.plan_value_version (  -- history: each version whole
    value integer not null,
    version integer not null,
    at integer not null,
    person blob not null,
    action text not null,               -- saved, imported, submitted, returned, approved
    n integer,
    part_of integer,
    blank text not null,
    comment text not null,
    state text not null,
    note text not null,
    primary key (value, version)
) strict;
-- A locked period takes no values any more, but from an institution for which it was opened again for some time.
create table desk.plan_lock (
    first integer not null,
    last integer not null,
    person blob not null,
    at integer not null,
    primary key (first, last)
) strict;
create table desk.plan_unlock (
    first integer not null,
    last integer not null,
    institution blob not null references institution (id),
    until integer not null,             -- not from then on
    reason text not null,
    person blob not null,
    at integer not null,
    primary key (first, last, institution)
) strict;
