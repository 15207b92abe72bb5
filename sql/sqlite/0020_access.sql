-- Subject access: somebody asks what is kept about them; one worker asks for it, another approves, the first hands it out.

-- schema desk
create table desk.access (
    id blob primary key not null,
    kind text not null check (kind in ('report', 'case')),
    thing blob not null,
    unit blob not null,                   -- that answers for it
    reason text not null,                 -- the pack's lists access_reason and identity_check: codes, because they stand in the
    identity text not null,               -- clear; never who asked
    asked_by blob not null,
    asked_at integer not null,
    state text not null check (state in ('asked', 'refused', 'approved')),
    decided_by blob,
    decided_at integer,
    taken integer not null                -- how often it was handed out
) strict;
create index desk.access_unit on access (unit, asked_at);
create unique index desk.access_open on access (thing) where state = 'asked';
