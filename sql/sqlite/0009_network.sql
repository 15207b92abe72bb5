-- Exchange, continued: decisions about the protocol, duty hours, work notes of the receiver. Directory: who works for children
-- online (network), and a space to talk, both in the clear on purpose: nothing of a case may stand there.

-- schema desk
create table desk.protocol_force (      -- X2: the experts' group's decisions; what is in force the keeper knows
    version integer primary key not null,
    number text not null,               -- of the decision
    decided integer not null,               -- its day, µs UTC
    digest blob not null,               -- of the text that was decided, in all languages: a text altered later is told
    person blob not null,               -- who put it in force
    at integer not null
) strict;
create table desk.protocol_accepted (   -- shown: the keeper's rows decide
    unit blob not null,
    version integer not null,
    person blob not null,
    at integer not null,
    primary key (unit, version)
) strict;
create table desk.unit_duty (           -- when somebody answers for a unit, and under which number
    unit blob primary key not null,
    hours text not null,
    phone text not null
) strict;
create table desk.referral_work (       -- the receiver's own notes: a home of its own, which the sender has no key to
    referral blob not null,
    unit blob not null,
    home blob not null unique,
    primary key (referral, unit)
) strict;
create index desk.referral_from on referral (from_unit, state, urgency, seq);
create table desk.directory_entry (     -- X7: opt-in, one for a person, who may take it away at any time
    person blob primary key not null,
    organisation text not null,
    subject text not null,              -- the pack's list directory_subject
    county text not null,               -- '': the whole country
    contact text not null,
    about text not null,
    fold text not null,                 -- sorting and search key of organisation, contact and about
    at integer not null
) strict;
create index desk.directory_order on directory_entry (fold, person);
create table desk.topic (
    seq integer primary key autoincrement,
    id blob not null unique,
    person blob not null,
    subject text not null,
    title text not null,
    at integer not null,
    last_at integer not null,               -- of the newest answer
    posts integer not null,
    closed integer not null check (closed in (0, 1))
) strict;
create index desk.topic_last on topic (last_at, seq);
create table desk.topic_post (
    seq integer primary key autoincrement,
    id blob not null unique,
    topic blob not null,
    person blob not null,
    at integer not null,
    text text not null,                 -- '' once it was taken away
    removed_by blob,
    removed_why text
) strict;
create index desk.topic_post_topic on topic_post (topic, seq);
