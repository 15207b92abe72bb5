-- Subject access: somebody asks what is kept about them; one worker asks for it, another approves, the first hands it out.

-- schema desk
create table desk.access (
    id bytea primary key not null,
    kind text collate "C" not null check (kind in ('report', 'case')),
    thing bytea not null,
    unit bytea not null,                   -- that answers for it
    reason text collate "C" not null,                 -- the pack's lists access_reason and identity_check: codes, because they stand in the
    identity text collate "C" not null,               -- clear; never who asked
    asked_by bytea not null,
    asked_at bigint not null,
    state text collate "C" not null check (state in ('asked', 'refused', 'approved')),
    decided_by bytea,
    decided_at bigint,
    taken bigint not null                -- how often it was handed out
);
create index access_unit on desk.access (unit, asked_at);
create unique index access_open on desk.access (thing) where state = 'asked';
