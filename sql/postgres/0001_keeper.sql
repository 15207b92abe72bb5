-- The keeper's own: persons, keys, sessions, audit. Only the keeper writes here, and reads nothing without its MAC.
-- mac: H(16, "isigurt.row....1", KM7, table ‖ the columns before it); entries and checkpoints are signed instead.
-- Times are µs UTC. docs/protocol.md 3, 7 and 9 say what the sealed columns hold.

-- schema keeper
create table keeper.person (
    id bytea primary key not null,
    name text collate "C" not null unique,          -- what is typed at sign-in, ASCII lower case
    pk bytea not null,
    ops bigint not null,               -- Argon2id's cost, raised for new passwords only
    mem bigint not null,
    salt bytea not null,
    wrap bytea not null,                 -- E(pw, …, person's secret key)
    totp bytea not null,                 -- E(KM3, …, secret)
    totp_step bigint not null,         -- the last accepted; lower or equal is refused
    roles bigint not null,             -- bits 1 << enum role
    disabled bigint not null,
    created bigint not null,
    mac bytea not null
);
create table keeper.session (
    sid bytea primary key not null,
    person bytea not null,
    created bigint not null,
    expires bigint not null,
    seen bigint not null,              -- written at most every 5 minutes
    wrap bytea not null,                 -- E(key of token and KM2, …, person's secret key)
    mac bytea not null
);
create index session_person on keeper.session (person, created);
create index session_expires on keeper.session (expires);
create table keeper.device (            -- from which somebody has signed in before: it keeps a backoff of its own
    person bytea not null,
    device bytea not null,               -- H(16) of the cookie
    seen bigint not null,
    mac bytea not null,
    primary key (person, device)
);
create table keeper.backoff (
    track bytea primary key not null,    -- H(16, KM1) of name and known device, or of the name and no device
    failures bigint not null,
    last bigint not null,
    mac bytea not null
);
create index backoff_last on keeper.backoff (last);
create table keeper.budget (
    person bytea primary key not null,
    minute bigint not null,            -- start of the window, and what was opened in it
    minute_n bigint not null,
    hour bigint not null,
    hour_n bigint not null,
    day bigint not null,
    day_n bigint not null,
    refused bigint not null,           -- minute of the last refusal that was written down
    mac bytea not null
);
create table keeper.opened (            -- homes opened in this minute: opening one again costs nothing
    sid bytea not null,
    home bytea not null,
    purpose bigint not null,
    minute bigint not null,
    mac bytea not null,
    primary key (sid, home, purpose)
);
create index opened_minute on keeper.opened (minute);
create table keeper.epoch (             -- the directory
    unit bytea not null,
    epoch bigint not null,
    pk bytea not null,
    not_before bigint not null,
    sig bytea not null,                  -- directory key
    mac bytea not null,
    primary key (unit, epoch)
);
create table keeper.duty (              -- the unit that new reports are sealed to
    one bigint primary key not null check (one = 1),
    unit bytea not null,
    since bigint not null,
    sig bytea not null,
    mac bytea not null
);
create table keeper.member (
    unit bytea not null,
    person bytea not null,
    epoch bigint not null,
    sealed bytea not null,               -- S(person pk, seed of the epoch)
    mac bytea not null,
    primary key (unit, person)
);
create index member_person on keeper.member (person);
create table keeper.link (
    unit bytea not null,
    old_epoch bigint not null,
    new_epoch bigint not null,
    sealed bytea not null,               -- E(of the new seed, …, old seed)
    mac bytea not null,
    primary key (unit, new_epoch)
);
create table keeper.share (             -- recovery: seed of an epoch in halves, for pairs of custodians
    unit bytea not null,
    epoch bigint not null,
    pair bigint not null,
    half bigint not null check (half in (1, 2)),
    custodian bigint not null,         -- line of recovery.pub
    sealed bytea not null,
    mac bytea not null,
    primary key (unit, epoch, pair, half)
);
create table keeper.agreed (            -- the version of the data-exchange protocol that a unit has accepted
    unit bytea primary key not null,      -- zero: the version that is in force
    version bigint not null,
    person bytea not null,                -- in whose session
    at bigint not null,
    mac bytea not null
);
create table keeper.tagged (            -- reports that have had their TAG, in the order of their batch
    report bytea primary key not null,
    box bytea not null,                  -- H(16) of the box, so that a repeated request gets the same answer
    item bytea not null,                 -- H(32) of the report's ciphertext
    writer bytea not null,
    seq bigint not null,               -- the audit entry of the batch
    place bigint not null,
    mac bytea not null
);
create index tagged_batch on keeper.tagged (writer, seq, place);
create table keeper.entry (             -- the audit
    writer bytea not null,
    seq bigint not null,
    entry bytea not null,
    h bytea not null,
    sig bytea not null,
    primary key (writer, seq)
);
create table keeper.checkpoint (
    writer bytea not null,
    at bigint not null,
    body bytea not null,
    sig bytea not null,
    primary key (writer, at)
);
