-- Evidence files of values of the plan and rows of registers. The key of each is wrapped by the keeper; the name is sealed under it.
-- What was removed keeps its row, without key and name.

-- schema desk
create table desk.evidence (
    id bytea primary key not null,
    kind bigint not null,              -- 1 a value of the plan, 2 a row of a register
    thing bytea not null,
    owner bytea not null,              -- the institution whose it is
    person bytea not null,
    at bigint not null,
    type text collate "C" not null,                 -- as sniffed from its bytes
    size bigint not null,              -- bytes, open
    wrap bytea,                        -- null: it was removed, as the name
    name bytea,
    removed_at bigint,                 -- null: it is there
    removed_by bytea
);
create index evidence_thing on desk.evidence (kind, thing, at);
create index evidence_owner on desk.evidence (kind, owner, thing);
create table desk.evidence_piece (       -- the sealed stream, in order of n
    file bytea not null,
    n bigint not null,
    sealed bytea not null,
    primary key (file, n)
);
