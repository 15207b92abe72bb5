-- The professionals' lane (signed acknowledgements) and trusted flaggers.

-- schema intake
-- Whoever holds this lookup's code asks for a signed acknowledgement. It can only be asked for, never made, here.
create table intake.acknowledge (
    lookup blob primary key not null
) strict;
-- A report that came with a flagger's credential: written with the report, in the same transaction.
create table intake.flagged (
    report blob primary key not null,
    flagger blob not null
) strict;

-- schema reply
-- What the keeper has signed (docs/protocol.md, "Acknowledgement").
create table reply.acknowledgement (
    lookup blob primary key not null,
    report blob not null,
    received integer not null,          -- minute
    category text not null,
    content blob not null,
    signature blob not null
) strict;
-- The public half of desk.flagger, by which the portal knows a credential, and the flagger's own figures.
create table reply.flagger (
    id blob primary key not null,
    name text not null,
    secret blob not null,               -- H(32, "isigurt.flagge.1", none, credential): 256 random bits need no slow hash
    active integer not null check (active in (0, 1)),
    sent integer not null,
    waiting integer not null,           -- not judged yet
    illegal integer not null,           -- judged illegal, by two persons where the question set wants two
    lawful integer not null,            -- judged otherwise
    duplicates integer not null,
    spam integer not null
) strict;

-- schema desk
create table desk.flagger (
    id blob primary key not null,
    institution blob not null,
    name text not null,
    secret blob not null,
    made integer not null,
    made_by blob not null,
    revoked integer,                    -- null: valid
    revoked_by blob
) strict;
create table desk.flagged (
    report blob primary key not null,
    flagger blob not null
) strict;
create index desk.flagged_flagger on flagged (flagger);
