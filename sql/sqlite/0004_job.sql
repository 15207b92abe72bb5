-- Work that waits: who looks at a queue, what is to be sent, how far an alarm has climbed.

-- schema desk
create table desk.presence (
    node blob not null,                 -- a desk program, new at each start
    unit blob not null,
    until integer not null,
    primary key (node, unit)
) strict;
-- Mails and webhook calls; never anything but an urgency and a link.
create table desk.outbox (
    seq integer primary key autoincrement,
    kind text not null check (kind in ('mail', 'webhook')),
    recipient text not null,            -- mail address; '' for the webhook
    subject text not null,
    body text not null,
    due integer not null,
    tries integer not null,
    sent integer                        -- null: still to be sent
) strict;
create index desk.outbox_due on outbox (due) where sent is null;
-- The alarm of a unit's untaken reports of one urgency: how far along the roster, and when it rings next.
create table desk.alarm (
    unit blob not null,
    urgency integer not null,
    step integer not null,              -- mails sent; the next goes to this place of the roster
    rung integer not null,              -- when the last was sent
    next integer not null,
    newest integer not null,            -- highest report.seq that it told of
    primary key (unit, urgency)
) strict;
