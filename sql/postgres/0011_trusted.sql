-- The professionals' lane (signed acknowledgements) and trusted flaggers.

-- schema intake
-- Whoever holds this lookup's code asks for a signed acknowledgement. It can only be asked for, never made, here.
create table intake.acknowledge (
    lookup bytea primary key not null
);
-- A report that came with a flagger's credential: written with the report, in the same transaction.
create table intake.flagged (
    report bytea primary key not null,
    flagger bytea not null
);

-- schema reply
-- What the keeper has signed (docs/protocol.md, "Acknowledgement").
create table reply.acknowledgement (
    lookup bytea primary key not null,
    report bytea not null,
    received bigint not null,          -- minute
    category text collate "C" not null,
    content bytea not null,
    signature bytea not null
);
-- The public half of desk.flagger, by which the portal knows a credential, and the flagger's own figures.
create table reply.flagger (
    id bytea primary key not null,
    name text collate "C" not null,
    secret bytea not null,               -- H(32, "isigurt.flagge.1", none, credential): 256 random bits need no slow hash
    active bigint not null check (active in (0, 1)),
    sent bigint not null,
    waiting bigint not null,           -- not judged yet
    illegal bigint not null,           -- judged illegal, by two persons where the question set wants two
    lawful bigint not null,            -- judged otherwise
    duplicates bigint not null,
    spam bigint not null
);

-- schema desk
create table desk.flagger (
    id bytea primary key not null,
    institution bytea not null,
    name text collate "C" not null,
    secret bytea not null,
    made bigint not null,
    made_by bytea not null,
    revoked bigint,                    -- null: valid
    revoked_by bytea
);
create table desk.flagged (
    report bytea primary key not null,
    flagger bytea not null
);
create index flagged_flagger on desk.flagged (flagger);
