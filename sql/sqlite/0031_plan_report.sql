-- Annual reports of the plan: a frozen snapshot, the steps until it is published, and what the public sees of it.

-- schema desk
create table desk.plan_report (
    id blob not null primary key,
    year integer not null,
    state text not null check (state in ('draft', 'commenting', 'approved', 'presented', 'published')),
    changes integer not null,           -- raised by each step: who acts on an older one is told
    snapshot text not null,             -- JSON (plan/snapshot.h); replaced as long as it is a draft or commented on
    shot_at integer not null,           -- when the snapshot was taken
    made_by blob not null,
    made_at integer not null,
    approved_by blob,
    approved_at integer,
    presented text not null,            -- to whom, and what was decided; '' before
    published_by blob,
    published_at integer
) strict;
create index desk.plan_report_year on plan_report (year, made_at);
create table desk.plan_report_comment (
    seq integer primary key autoincrement,
    report blob not null references plan_report (id),
    institution blob not null references institution (id),
    person blob not null,
    at integer not null,
    text text not null
) strict;
create index desk.plan_report_comment_of on plan_report_comment (report, seq);

-- schema reply
create table reply.plan_published (     -- the last published report of each year
    year integer primary key not null,
    at integer not null,
    snapshot text not null
) strict;
create table reply.plan_file (          -- its files, made once
    year integer not null,
    name text not null,                 -- "raporti-2019-sq.pdf"
    type text not null,
    bytes blob not null,
    primary key (year, name)
) strict;
