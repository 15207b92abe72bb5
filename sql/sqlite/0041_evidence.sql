-- Evidence files of values of the plan and rows of registers. The key of each is wrapped by the keeper; the name is sealed under it.
-- What was removed keeps its row, without key and name.

-- schema desk
create table desk.evidence (
    id blob primary key not null,
    kind integer not null,              -- 1 a value of the plan, 2 a row of a register
    thing blob not null,
    owner blob not null,              -- the institution whose it is
    person blob not null,
    at integer not null,
    type text not null,                 -- as sniffed from its bytes
    size integer not null,              -- bytes, open
    wrap blob,                        -- null: it was removed, as the name
    name blob,
    removed_at integer,                 -- null: it is there
    removed_by blob
) strict;
create index desk.evidence_thing on evidence (kind, thing, at);
create index desk.evidence_owner on evidence (kind, owner, thing);
create table desk.evidence_piece (       -- the sealed stream, in order of n
    file blob not null,
    n integer not null,
    sealed blob not null,
    primary key (file, n)
) strict;
