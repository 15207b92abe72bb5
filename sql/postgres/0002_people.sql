-- People: institutions, units, persons by name, and who is on call. What gives power lies elsewhere: roles, whether a
-- person is disabled, and who holds a unit's key are rows of keeper. The columns marked "shown" repeat them so that lists
-- can be drawn; nothing is ever permitted by them.
-- fold: the text's sorting key, made by fold_key. Times are µs UTC.

-- schema desk
create table desk.institution (
    id bytea primary key not null,
    code text collate "C" not null unique,          -- the pack's, or one given at the desk
    type text collate "C" not null,                 -- the pack's list institution_type
    name text collate "C" not null,                 -- in the country's first language
    name_en text collate "C" not null,
    fold text collate "C" not null
);
create index institution_order on desk.institution (fold, id);
-- Institution × room: the holder of keys (docs/protocol.md, "Units").
create table desk.unit (
    id bytea primary key not null,
    institution bytea not null references desk.institution (id),
    room text collate "C" not null,                 -- the pack's list room
    name text collate "C" not null,                 -- '': named by institution and room
    unique (institution, room)
);
create table desk.person (
    id bytea primary key not null,
    username text collate "C" not null unique,      -- as the keeper knows it
    name text collate "C" not null,
    fold text collate "C" not null,
    mail text collate "C" not null,                 -- '': none
    language text collate "C" not null,             -- of mails
    institution bytea not null references desk.institution (id),
    roles bigint not null,             -- shown; bits 1 << enum role
    disabled bigint not null check (disabled in (0, 1)) -- shown
);
create index person_order on desk.person (fold, id);
create table desk.member (              -- shown: the keeper's wraps decide
    unit bytea not null references desk.unit (id),
    person bytea not null references desk.person (id),
    primary key (unit, person)
);
create index member_person on desk.member (person);
create table desk.roster (
    id bytea primary key not null,
    unit bytea not null references desk.unit (id),
    person bytea not null references desk.person (id),
    starts bigint not null,
    ends bigint,                       -- null: until further notice
    place bigint not null check (place between 1 and 9), -- 1 is called first
    check (ends is null or starts < ends)
);
create index roster_unit on desk.roster (unit, starts);
create index roster_person on desk.roster (person);
