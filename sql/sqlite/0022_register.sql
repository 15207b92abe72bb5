-- Registers: rows that institutions enter and the plan counts. The country pack says which registers there are and which
-- fields they have; here one row of any of them. In the clear: no case, no person's name (persons as counts by sex and age).

-- schema desk
create table desk.entry (
    seq integer primary key autoincrement,
    id blob not null unique,
    register text not null,             -- the pack's code
    institution blob not null references institution (id),
    state text not null check (state in ('draft', 'entered', 'returned', 'confirmed', 'removed')),
    stage text not null,                -- '': a register without stages
    day integer not null,               -- yyyymmdd: places the row in a period
    county text not null,               -- '': the whole country
    municipality text not null,
    title text not null,
    fold text not null,                 -- search key of title, texts and place; bounded, because it stands in an index
    fields text not null,               -- JSON: names and texts
    counts integer not null check (counts in (0, 1)), -- does the plan count it now: entered, and confirmed where that is needed
    demo integer not null check (demo in (0, 1)),     -- invented, of the demonstration
    version integer not null,
    corrections integer not null,       -- changes made after it counted
    person blob not null,               -- who changed it last
    at integer not null
) strict;
-- A list whose conditions many rows meet is answered from this index; one with a rare condition from entry_word.
create index desk.entry_list on entry (register, day, seq, state, institution, county, stage, fold);
create index desk.entry_totals on entry (register, state, institution);
create index desk.entry_counts on entry (register, counts, day, demo, county, institution);
create table desk.entry_value (         -- what can be counted of a row's fields, one row a value
    entry integer not null,
    field text not null,
    value text not null,                -- a choice's value, a cell of counts, a text's fold; '': a number
    target blob,                        -- the row of another register that the value is
    n integer not null,
    primary key (entry, field, value)
) strict;
create index desk.entry_value_of on entry_value (field, value, entry);
create index desk.entry_value_target on entry_value (target) where target is not null;
create table desk.entry_word (          -- by which a row is found: the words of its fold, and "=state:draft" and the like for what is filtered by
    entry integer not null,
    register text not null,
    word text not null,
    primary key (entry, word)
) strict;
create index desk.entry_word_of on entry_word (register, word, entry);
create table desk.entry_stage (         -- when a row reached each stage
    entry integer not null,
    stage text not null,
    day integer not null,               -- yyyymmdd
    primary key (entry, stage)
) strict;
create index desk.entry_stage_day on entry_stage (stage, day, entry);
create table desk.entry_version (       -- history: each version whole
    entry integer not null,
    version integer not null,
    at integer not null,
    person blob not null,
    action text not null,
    note text not null,
    state text not null,
    stage text not null,
    fields text not null,
    primary key (entry, version)
) strict;
