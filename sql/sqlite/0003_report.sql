-- Reports: the mailbox that the portal writes, what a receipt may see, and the desk's record.
-- Times are µs UTC cut to the minute wherever a report's arrival could be read off them (PROTOCOL 11).

-- schema intake
-- One row a report, as it was sealed: item, unit wrap, thread wrap, tag box and lookup in one write.
create table intake.report (
    seq integer primary key autoincrement,
    id blob not null unique,
    received integer not null,          -- minute
    category text not null,             -- taxonomy code
    urgency_computed integer not null check (urgency_computed between 1 and 4),
    in_danger integer not null,
    county text,                        -- the pack's name
    language text not null,
    burst blob,                         -- same value for reports of one flood, from the portal's memory; null: no flood
    kid blob not null,
    item blob not null,                 -- E(K, AD, report)
    unit blob not null,
    epoch integer not null,
    unit_wrap blob not null,            -- S(epoch pk, K)
    thread blob not null,               -- home of the messages
    thread_kid blob not null,
    thread_wrap blob not null,          -- child wrap report→thread
    tag_box blob,                       -- null where neither address nor account was given
    lookup blob not null unique,
    content blob not null               -- keyed digest of what was sent, to know a repeated send
) strict;
create table intake.message (
    id blob primary key not null,       -- item
    lookup blob not null,
    thread blob not null,
    seq integer not null,               -- direction up, per lookup
    sent integer not null,              -- minute
    withdraw integer not null check (withdraw in (0, 1)), -- the reporter asks to withdraw; a hint, the sealed text says it too
    kid blob not null,
    item blob not null,
    unique (lookup, seq)
) strict;
create table intake.epoch_seen (
    unit blob primary key not null,
    epoch integer not null
) strict;

-- schema reply
create table reply.thread (
    lookup blob primary key not null,
    thread blob not null,
    thread_kid blob not null,
    content blob not null,
    state text not null,
    received integer not null           -- minute; the day 90 days after closing
) strict;
create table reply.step (
    lookup blob not null,
    seq integer not null,
    code text not null,                 -- 'received', 'taken', 'answered' …: a sentence of the portal each
    at integer not null,                -- minute
    primary key (lookup, seq)
) strict;
create table reply.message (
    lookup blob not null,
    direction integer not null,         -- 1 up, 2 down
    seq integer not null,
    id blob not null,
    sent integer not null,
    kid blob not null,
    item blob not null,
    primary key (lookup, direction, seq)
) strict;
create table reply.done (
    id blob primary key not null        -- report or message that the desk holds; the portal deletes its copy
) strict;

-- schema desk
-- Clear columns only; what is sealed lies in report_sealed, so that the queue and its changes touch small rows.
create table desk.report (
    seq integer primary key autoincrement, -- ingest order; the server-sent event's id
    id blob not null unique,
    received integer not null,
    category text not null,
    urgency_computed integer not null check (urgency_computed between 1 and 4),
    in_danger integer not null,
    county text,
    language text not null,
    burst blob,
    kid blob not null,
    thread blob not null,
    thread_kid blob not null,
    lookup blob,                        -- null after erasure
    tag_box blob,                       -- dropped once tagged
    unit blob not null,                 -- the unit that holds it now
    urgency integer not null check (urgency between 1 and 4),
    urgency_writer blob,                -- audit entry that changed the urgency; null while it is the computed one
    urgency_seq integer,
    rank integer not null generated always as (case when urgency_seq is not null then urgency
        when urgency < urgency_computed then urgency else urgency_computed end) stored, -- what the queue sorts by
    state text not null check (state in ('new', 'taken', 'assessed', 'answered', 'in_case', 'duplicate', 'spam', 'withdrawn', 'closed')),
    withdraw_asked integer not null default 0,
    taken_by blob,
    taken_at integer,
    take_due integer not null,          -- minute; when it must be taken
    lead integer not null default 1,    -- 0: stands in the queue behind another new report of its burst and urgency
    page_tag blob,
    host_tag blob,
    unread_up integer not null default 0 -- messages of the reporter that nobody has opened
) strict;
create index desk.report_queue on report (unit, state, rank, take_due, seq) where lead = 1;
create index desk.report_folded on report (unit, state, rank, take_due, seq) where lead = 0;
create index desk.report_burst on report (burst, unit, state, rank, seq) where burst is not null;
create index desk.report_page on report (page_tag, unit) where page_tag is not null;
create index desk.report_host on report (host_tag, unit) where host_tag is not null;
create index desk.report_untagged on report (seq) where tag_box is not null;
create unique index desk.report_lookup on report (lookup);
-- As it came from intake, byte for byte, with its first wraps; in ingest order, so that writing stays sequential.
create table desk.report_sealed (
    seq integer primary key not null,   -- report.seq
    item blob not null,
    content blob not null,
    unit blob not null,                 -- to whose key unit_wrap was sealed
    epoch integer not null,
    unit_wrap blob not null,            -- generation 0
    thread_wrap blob not null           -- generation 0
) strict;
-- Wraps made later: other units, cases, referrals.
create table desk.unit_wrap (
    home blob not null,
    unit blob not null,
    epoch integer not null,
    generation integer not null,
    sealed blob not null,
    primary key (home, unit, generation)
) strict;
create table desk.child_wrap (
    parent blob not null,
    child blob not null,
    kid blob not null,
    generation integer not null,
    sealed blob not null,
    primary key (parent, child, generation)
) strict;
create table desk.message (
    id blob primary key not null,
    thread blob not null,
    direction integer not null,
    seq integer not null,
    sent integer not null,
    kid blob not null,
    item blob not null,
    author blob,                        -- the person who answered; null for the reporter
    unique (thread, direction, seq)
) strict;
-- Free text of workers about a report (why an urgency was changed …), sealed under the report's key as field 2.
create table desk.note (
    id blob primary key not null,
    report blob not null,
    seq integer not null,
    at integer not null,
    person blob not null,
    action text not null,               -- as in history
    kid blob not null,
    item blob not null,
    unique (report, seq)
) strict;
create table desk.step (
    report blob not null,
    seq integer not null,
    code text not null,
    at integer not null,
    primary key (report, seq)
) strict;
-- What was erased: audit verify accepts a tagged report that is gone only with its stone.
create table desk.tombstone (
    id blob primary key not null,
    day integer not null,               -- µs UTC cut to the day
    item_hash blob not null             -- H(32, "isigurt.item...1", none, item)
) strict;
-- What must still be written to reply: a report's thread and steps, or one message of it. Written in the change's own
-- transaction and deleted once reply has it, so that a crash between the two loses nothing.
create table desk.reply_due (
    seq integer primary key autoincrement,
    report integer not null,            -- report.seq
    message blob                        -- null: thread, steps, done
) strict;
-- What workers did with a report, reads included (D7); the keeper's audit holds the proof.
create table desk.history (
    seq integer primary key autoincrement,
    report blob not null,
    at integer not null,
    person blob,                        -- null: the program itself
    action text not null                -- 'opened', 'taken', 'released', 'answered', 'urgency' …
) strict;
create index desk.history_report on history (report, seq);
