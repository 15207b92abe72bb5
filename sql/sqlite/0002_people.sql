-- People: institutions, units, persons by name, and who is on call. What gives power lies elsewhere: roles, whether a
-- person is disabled, and who holds a unit's key are rows of keeper. The columns marked "shown" repeat them so that lists
-- can be drawn; nothing is ever permitted by them.
-- fold: the text's sorting key, made by fold_key. Times are µs UTC.

-- schema desk
create table desk.institution (
    id blob primary key not null,
    code text not null unique,          -- the pack's, or one given at the desk
    type text not null,                 -- the pack's list institution_type
    name text not null,                 -- in the country's first language
    name_en text not null,
    fold text not null
) strict;
create index desk.institution_order on institution (fold, id);
-- Institution × room: the holder of keys (docs/protocol.md, "Units").
create table desk.unit (
    id blob primary key not null,
    institution blob not null references institution (id),
    room text not null,                 -- the pack's list room
    name text not null,                 -- '': named by institution and room
    unique (institution, room)
) strict;
create table desk.person (
    id blob primary key not null,
    username text not null unique,      -- as the keeper knows it
    name text not null,
    fold text not null,
    mail text not null,                 -- '': none
    language text not null,             -- of mails
    institution blob not null references institution (id),
    roles integer not null,             -- shown; bits 1 << enum role
    disabled integer not null check (disabled in (0, 1)) -- shown
) strict;
create index desk.person_order on person (fold, id);
create table desk.member (              -- shown: the keeper's wraps decide
    unit blob not null references unit (id),
    person blob not null references person (id),
    primary key (unit, person)
) strict;
create index desk.member_person on member (person);
create table desk.roster (
    id blob primary key not null,
    unit blob not null references unit (id),
    person blob not null references person (id),
    starts integer not null,
    ends integer,                       -- null: until further notice
    place integer not null check (place between 1 and 9), -- 1 is called first
    check (ends is null or starts < ends)
) strict;
create index desk.roster_unit on roster (unit, starts);
create index desk.roster_person on roster (person);
