-- Retention and erasure (A5). Times are µs UTC; `shredded` and days of retained are cut to the day.

-- schema desk
-- shredded: when the keys were destroyed; the row stays, without anything personal, so that figures stay right. null: not.
alter table desk.report add column shredded integer;
alter table desk.case_file add column shredded integer;
create index desk.child_wrap_child on child_wrap (child);
-- Threads whose copy in reply must go; written with the change, deleted once reply has forgotten them.
create table desk.reply_gone (
    lookup blob primary key not null
) strict;
create table desk.retention_hold (      -- nothing of it is anonymised, deleted or erased
    thing blob primary key not null,    -- report or case
    kind text not null check (kind in ('report', 'case')),
    at integer not null,
    person blob not null,
    reason text not null                -- the pack's list hold_reason: in the clear, so no free text
) strict;
create table desk.erasure (             -- asked for by one person, decided by another
    id blob primary key not null,
    kind text not null check (kind in ('report', 'case')),
    thing blob not null,
    unit blob not null,                 -- that answers for it
    reason text not null,               -- the pack's list erasure_reason
    asked_by blob not null,
    asked_at integer not null,
    writer blob not null,               -- the audit entry of the asking, which the keeper looks up
    seq integer not null,
    state text not null check (state in ('asked', 'refused', 'done')),
    decided_by blob,
    decided_at integer
) strict;
create index desk.erasure_state on erasure (state, asked_at);
create unique index desk.erasure_open on erasure (thing) where state = 'asked';
create table desk.retained (            -- what was done, kept when the thing itself is gone
    seq integer primary key autoincrement,
    kind text not null check (kind in ('report', 'case')),
    thing blob not null,
    unit blob not null,
    act text not null check (act in ('anonymised', 'erased', 'deleted')),
    day integer not null,
    unique (thing, act)
) strict;
