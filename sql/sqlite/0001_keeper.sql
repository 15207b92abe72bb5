-- The keeper's own: persons, keys, sessions, audit. Only the keeper writes here, and reads nothing without its MAC.
-- mac: H(16, "isigurt.row....1", KM7, table ‖ the columns before it); entries and checkpoints are signed instead.
-- Times are µs UTC. docs/protocol.md 3, 7 and 9 say what the sealed columns hold.

-- schema keeper
create table keeper.person (
    id blob primary key not null,
    name text not null unique,          -- what is typed at sign-in, ASCII lower case
    pk blob not null,
    ops integer not null,               -- Argon2id's cost, raised for new passwords only
    mem integer not null,
    salt blob not null,
    wrap blob not null,                 -- E(pw, …, person's secret key)
    totp blob not null,                 -- E(KM3, …, secret)
    totp_step integer not null,         -- the last accepted; lower or equal is refused
    roles integer not null,             -- bits 1 << enum role
    disabled integer not null,
    created integer not null,
    mac blob not null
) strict;
create table keeper.session (
    sid blob primary key not null,
    person blob not null,
    created integer not null,
    expires integer not null,
    seen integer not null,              -- written at most every 5 minutes
    wrap blob not null,                 -- E(key of token and KM2, …, person's secret key)
    mac blob not null
) strict;
create index keeper.session_person on session (person, created);
create index keeper.session_expires on session (expires);
create table keeper.device (            -- from which somebody has signed in before: it keeps a backoff of its own
    person blob not null,
    device blob not null,               -- H(16) of the cookie
    seen integer not null,
    mac blob not null,
    primary key (person, device)
) strict;
create table keeper.backoff (
    track blob primary key not null,    -- H(16, KM1) of name and known device, or of the name and no device
    failures integer not null,
    last integer not null,
    mac blob not null
) strict;
create index keeper.backoff_last on backoff (last);
create table keeper.budget (
    person blob primary key not null,
    minute integer not null,            -- start of the window, and what was opened in it
    minute_n integer not null,
    hour integer not null,
    hour_n integer not null,
    day integer not null,
    day_n integer not null,
    refused integer not null,           -- minute of the last refusal that was written down
    mac blob not null
) strict;
create table keeper.opened (            -- homes opened in this minute: opening one again costs nothing
    sid blob not null,
    home blob not null,
    purpose integer not null,
    minute integer not null,
    mac blob not null,
    primary key (sid, home, purpose)
) strict;
create index keeper.opened_minute on opened (minute);
create table keeper.epoch (             -- the directory
    unit blob not null,
    epoch integer not null,
    pk blob not null,
    not_before integer not null,
    sig blob not null,                  -- directory key
    mac blob not null,
    primary key (unit, epoch)
) strict;
create table keeper.duty (              -- the unit that new reports are sealed to
    one integer primary key not null check (one = 1),
    unit blob not null,
    since integer not null,
    sig blob not null,
    mac blob not null
) strict;
create table keeper.member (
    unit blob not null,
    person blob not null,
    epoch integer not null,
    sealed blob not null,               -- S(person pk, seed of the epoch)
    mac blob not null,
    primary key (unit, person)
) strict;
create index keeper.member_person on member (person);
create table keeper.link (
    unit blob not null,
    old_epoch integer not null,
    new_epoch integer not null,
    sealed blob not null,               -- E(of the new seed, …, old seed)
    mac blob not null,
    primary key (unit, new_epoch)
) strict;
create table keeper.share (             -- recovery: seed of an epoch in halves, for pairs of custodians
    unit blob not null,
    epoch integer not null,
    pair integer not null,
    half integer not null check (half in (1, 2)),
    custodian integer not null,         -- line of recovery.pub
    sealed blob not null,
    mac blob not null,
    primary key (unit, epoch, pair, half)
) strict;
create table keeper.agreed (            -- the version of the data-exchange protocol that a unit has accepted
    unit blob primary key not null,      -- zero: the version that is in force
    version integer not null,
    person blob not null,                -- in whose session
    at integer not null,
    mac blob not null
) strict;
create table keeper.tagged (            -- reports that have had their TAG, in the order of their batch
    report blob primary key not null,
    box blob not null,                  -- H(16) of the box, so that a repeated request gets the same answer
    item blob not null,                 -- H(32) of the report's ciphertext
    writer blob not null,
    seq integer not null,               -- the audit entry of the batch
    place integer not null,
    mac blob not null
) strict;
create index keeper.tagged_batch on tagged (writer, seq, place);
create table keeper.entry (             -- the audit
    writer blob not null,
    seq integer not null,
    entry blob not null,
    h blob not null,
    sig blob not null,
    primary key (writer, seq)
) strict;
create table keeper.checkpoint (
    writer blob not null,
    at integer not null,
    body blob not null,
    sig blob not null,
    primary key (writer, at)
) strict;
