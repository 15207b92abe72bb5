-- Cases: the work on one or more reports. A case is a home (PROTOCOL, records): what is confidential lies sealed in
-- case_item under its key; the columns here are what queues, clocks and statistics need without a key.
-- Times are µs UTC cut to the minute.

-- schema desk
create table desk.case_file (
    seq integer primary key autoincrement,
    id blob not null unique,
    number text not null unique,        -- "2026-0007": year and count, what workers say aloud
    opened integer not null,
    owner blob not null,                -- the unit that answers for it; a transfer changes it
    worker blob,                        -- the person who has it; null: nobody now
    category text not null,             -- the most urgent of its reports', until assessed otherwise
    county text,
    urgency integer not null check (urgency between 1 and 4),
    state text not null check (state in ('registered', 'assessed', 'planned', 'implementing', 'review', 'closing', 'closed')),
    version integer not null,           -- raised by each change: who writes with an older one is told
    review_due integer,
    state_at integer not null,
    outcome text,                       -- the pack's list case_outcome
    asked_by blob,                      -- who asked to close: somebody else approves
    kid blob not null,
    generation integer not null
) strict;
create index desk.case_queue on case_file (owner, state, urgency, seq);
create table desk.case_report (
    case_id blob not null,
    report blob not null unique,        -- a report is in one case
    added integer not null,
    primary key (case_id, report)
) strict;
-- All that is told in words, newest seq last: the timeline. An altered thing is a new item of the same thing.
create table desk.case_item (
    id blob primary key not null,
    home blob not null,                 -- case or referral
    seq integer not null,
    at integer not null,
    person blob not null,
    unit blob not null,                 -- for which the person wrote
    kind text not null,                 -- 'opened', 'note', 'person', 'assessment', 'plan', 'task', 'route', 'referral', 'answer', 'close' …
    thing blob not null,                -- id of the person, task, route …; the item's own id where there is none
    kid blob not null,
    generation integer not null,
    item blob not null,
    unique (home, seq)
) strict;
-- What holds a case open: an open legal route, an address still there, a referral without outcome, a task not done.
create table desk.case_hold (
    case_id blob not null,
    track text not null check (track in ('justice', 'content', 'referral', 'task')),
    thing blob not null,
    since integer not null,
    primary key (case_id, track, thing)
) strict;
create table desk.case_route (
    id blob primary key not null,
    case_id blob not null,
    kind text not null,                 -- the pack's list route_kind: criminal, civil, protection, administrative
    stage text not null,                -- the kind's table of stages
    opened integer not null,
    stage_at integer not null,
    appeal_due integer,                 -- null: no appeal runs
    version integer not null
) strict;
create index desk.case_route_case on case_route (case_id);
create index desk.case_route_appeal on case_route (appeal_due) where appeal_due is not null;
create table desk.case_task (
    id blob primary key not null,
    case_id blob not null,
    worker blob,
    due integer not null,
    done integer
) strict;
create index desk.case_task_case on case_task (case_id);
create index desk.case_task_due on case_task (due) where done is null;
-- Everything that a worker does with a case, reads included (D7).
create table desk.case_history (
    seq integer primary key autoincrement,
    case_id blob not null,
    at integer not null,
    person blob,
    unit blob,
    action text not null,
    thing blob
) strict;
create index desk.case_history_case on case_history (case_id, seq);
